//go:build bench

package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/paulmach/orb"

	"aman/geo"
)

// TestMatchMillion has the program match points (AMAN_BENCH_POINTS, 1,000,000) from a file with a thousand zones of
// about 900 vertices, into a file. It prints how many rows a second that made, and what they cost; only wrong answers
// fail it. What reading the zones takes is measured by a file of points that ends behind its header.
func TestMatchMillion(t *testing.T) {
	rows := 1_000_000
	if v := os.Getenv("AMAN_BENCH_POINTS"); v != "" {
		var err error
		if rows, err = strconv.Atoi(v); err != nil {
			t.Fatal(err)
		}
	}
	f := newBenchField(1, 1000, rows)
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	zones, points := write("zones.geojson", []byte(f.zones)), write("points.csv", f.points)
	header, _, _ := bytes.Cut(f.points, []byte("\n"))
	none := write("none.csv", append(header, '\n'))

	run := func(points, out string) (wall, cpu time.Duration, rss int64) {
		t.Helper()
		to, err := os.Create(out)
		if err != nil {
			t.Fatal(err)
		}
		defer to.Close()
		cmd := exec.Command(binary(t), "match", "--zones", zones, "--points", points)
		cmd.Stdout, cmd.Stderr = to, os.Stderr
		began := time.Now()
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
		u := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		return time.Since(began), time.Duration(u.Utime.Nano() + u.Stime.Nano()), u.Maxrss
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "run\tzones s\trows s\trows/s\twith zones\tCPU s a million\twith zones\tpeak RSS MB\t")
	out := filepath.Join(dir, "out.csv")
	for i := range 5 {
		loading, loadingCPU, _ := run(none, filepath.Join(dir, "none.out"))
		wall, cpu, rss := run(points, out)
		n := float64(rows)
		matching := (wall - loading).Seconds()
		fmt.Fprintf(w, "%d\t%.2f\t%.3f\t%.0f\t%.0f\t%.3f\t%.3f\t%d\t\n", i+1, loading.Seconds(), matching, n/matching, n/wall.Seconds(),
			(cpu-loadingCPU).Seconds()/n*1e6, cpu.Seconds()/n*1e6, rss>>10)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	written := checkMatches(t, f, out)
	t.Logf("%d points, %d rows written\n%s", rows, written, table.String())
}

// checkMatches holds the first rows of the output against every zone asked by itself, and counts all.
func checkMatches(t *testing.T, f benchField, out string) (written int) {
	t.Helper()
	type zone struct {
		id   string
		area *geo.Area
	}
	var zones []zone
	if err := geo.EachFeature(strings.NewReader(f.zones), geo.Limits{}, func(f geo.Feature) error {
		zones = append(zones, zone{f.ID, geo.NewArea(f.Shape)})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	got := csv.NewReader(bufio.NewReader(file))
	if _, err := got.Read(); err != nil {
		t.Fatal(err)
	}
	points := csv.NewReader(bytes.NewReader(f.points))
	if _, err := points.Read(); err != nil {
		t.Fatal(err)
	}
	for range min(f.rows, 20_000) {
		row, err := points.Read()
		if err != nil {
			t.Fatal(err)
		}
		lon, _ := strconv.ParseFloat(row[1], 64)
		lat, _ := strconv.ParseFloat(row[2], 64)
		for _, z := range zones {
			if !z.area.Contains(orb.Point{lon, lat}) {
				continue
			}
			if m, err := got.Read(); err != nil || m[0] != row[0] || m[1] != z.id || m[2] != "inside" {
				t.Fatalf("%v (%v), want %s inside %s", m, err, row[0], z.id)
			}
			written++
		}
	}
	for {
		if _, err := got.Read(); errors.Is(err, io.EOF) {
			return written
		} else if err != nil {
			t.Fatal(err)
		}
		written++
	}
}
