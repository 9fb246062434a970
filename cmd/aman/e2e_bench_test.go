//go:build bench

package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"aman/data/seed"
)

// TestMillion imports people (AMAN_BENCH_PEOPLE, 1,000,000), starts the service on
// them and asks it, over HTTP and one request at a time, what the console asks. It
// prints what that took beside what it should take; only wrong answers fail it.
func TestMillion(t *testing.T) {
	n := 1_000_000
	if v := os.Getenv("AMAN_BENCH_PEOPLE"); v != "" {
		var err error
		if n, err = strconv.Atoi(v); err != nil {
			t.Fatal(err)
		}
	}
	s := &site{dir: t.TempDir()}
	if url := os.Getenv("AMAN_BENCH_DATABASE_URL"); url != "" {
		s.url = url
	}
	file := filepath.Join(t.TempDir(), "people.csv")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := seed.Synthetic(f, n, time.Now(), 1); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	s.must(t, testMissions, "import", "missions", "-")
	s.must(t, testZones, "import", "zones", "-")
	s.must(t, benchZones(), "import", "zones", "-")

	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "what\tp50\tp95\tp99\ttarget\t\n")
	line := func(what, figure, target string) { fmt.Fprintf(w, "%s\t\t%s\t\t%s\t\n", what, figure, target) }

	began := time.Now()
	cmd := exec.Command(binary(t), "import", "people", file)
	cmd.Env = s.env()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("import: %v\n%s", err, out)
	}
	imported := time.Since(began)
	peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	line(fmt.Sprintf("import %d people", n), seconds(imported), "")
	line("  its peak RSS", megabytes(peak), "2000 MB")

	began = time.Now()
	v := s.start(t)
	started := time.Since(began)
	line("start on them", seconds(started), "")
	line("import and start", seconds(imported+started), "60 s")
	line("  peak RSS after start", megabytes(v.peak(t)), "2000 MB")

	c := v.as(s.key(t, "analyst", ""))
	all := get[peopleJSON](t, c, "/api/v1/people", nil)
	if all.Total.Records != int64(n) {
		t.Fatalf("%d people are there, %d were imported", all.Total.Records, n)
	}
	zones := get[struct{ Items []zoneJSON }](t, c, "/api/v1/zones", nil).Items
	r := rand.New(rand.NewPCG(1, 1))
	pick := func(xs ...string) string { return xs[r.IntN(len(xs))] }
	box := func() string {
		x, y, d := 35+25*r.Float64(), 20+15*r.Float64(), []float64{0.2, 1, 5, 20}[r.IntN(4)]
		return fmt.Sprintf("%.3f,%.3f,%.3f,%.3f", x, y, x+d, y+d)
	}
	for _, q := range []struct {
		what string
		path func() string
	}{
		{"list of everybody", func() string { return "/api/v1/people?limit=100" }},
		{"list of a zone", func() string { return "/api/v1/zones/" + zones[r.IntN(len(zones))].ID + "/people?limit=100" }},
		{"list by filter", func() string {
			return "/api/v1/people?limit=100&country=" + pick("AE", "QA", "SA") + "&wellbeing=" + pick("safe", "needs_help", "unknown") + "&stay=" + pick("tourist", "resident")
		}},
		{"cells of the region", func() string { return "/api/v1/cells?zoom=" + pick("3", "4", "5", "6") }},
		{"cells of a box", func() string { return "/api/v1/cells?zoom=" + pick("6", "8", "10") + "&bbox=" + url.QueryEscape(box()) }},
		{"counts", func() string {
			return "/api/v1/counts?by=" + pick("country", "zone", "level", "wellbeing", "freshness", "airport")
		}},
		{"counts by filter", func() string {
			return "/api/v1/counts?by=" + pick("level", "wellbeing") + "&country=" + pick("AE", "QA", "SA") + "&freshness=" + pick("fresh", "stale")
		}},
	} {
		took := make([]time.Duration, 200)
		for i := range took {
			path := q.path()
			at := time.Now()
			a, err := c.send(http.MethodGet, path, "")
			took[i] = time.Since(at)
			if err != nil || a.status != http.StatusOK {
				t.Fatalf("%s: %d, %v\n%.300s", path, a.status, err, a.body)
			}
		}
		slices.Sort(took)
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t\n", q.what, millis(took[100]), millis(took[190]), millis(took[198]), "50 ms")
	}
	line("peak RSS after all", megabytes(v.peak(t)), "2000 MB")
	w.Flush()
	fmt.Printf("\n%d people, %s/%s, %d processors, Go %s\n\n%s\n", n, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), &table)
}

// benchZones are twenty discs about the places where people are.
func benchZones() string {
	var b strings.Builder
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range 20 {
		x, y, d := 39.0+float64(i%7)*2.5, 21.0+float64(i/7)*3.5, 0.4+float64(i%5)*0.2
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"Feature","id":"bench-%d","properties":{"level":%d,"state":"active","name":"Bench %d","reason":"benchmark"},
			"geometry":{"type":"Polygon","coordinates":[[[%g,%g],[%g,%g],[%g,%g],[%g,%g],[%g,%g]]]}}`, i, 1+i%4, i, x-d, y-d, x+d, y-d, x+d, y+d, x-d, y+d, x-d, y-d)
	}
	b.WriteString(`]}`)
	return b.String()
}

// peak is the service's largest resident set so far, in kB.
func (v *service) peak(t *testing.T) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", v.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range strings.Split(string(text), "\n") {
		if rest, ok := strings.CutPrefix(l, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb
		}
	}
	t.Fatal("the system doesn't say how much memory was used")
	return 0
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func millis(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

func megabytes(kb int64) string { return fmt.Sprintf("%d MB", kb*1024/1e6) }
