//go:build bench

package main

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/labstack/echo/v4"

	"aman/data/seed"
	"aman/data/storetest"
	"aman/geo/tracker"
)

// emptyEnv makes the test binary a server whose one handler does nothing: what a
// report is measured against.
const emptyEnv = "AMAN_BENCH_EMPTY"

const (
	batchLines   = 1000
	batchClients = 4
	singleConns  = 256
	// singleKeys callers share the connections, for each may send so many a second.
	singleKeys   = 32
	singleRounds = 3 * time.Second
)

// TestEmptyHandler is the server of emptyEnv; it ends with its standard input.
func TestEmptyHandler(t *testing.T) {
	ready := os.Getenv(emptyEnv)
	if ready == "" {
		t.Skip("it is started by TestIngest")
	}
	e := echo.New()
	e.POST("/api/v1/reports", func(c echo.Context) error { return c.NoContent(http.StatusCreated) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = (&http.Server{Handler: e}).Serve(l) }()
	if err := os.WriteFile(ready+".part", []byte(l.Addr().String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(ready+".part", ready); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// TestIngest sends reports about people who are held (AMAN_BENCH_PEOPLE, 100,000), in
// batches of 1,000 and one by one, to the real binary on SQLite and on a Postgres that
// syncs, and prints the rates: a report counts once its answer has come, which is after
// it is durable and in the picture. In the same run, by turns, the same bytes are
// appended to a file and synced, and the same single requests are sent to an Echo server
// that does nothing. Only wrong answers fail it.
func TestIngest(t *testing.T) {
	people, batches, rounds := setting(t, "AMAN_BENCH_PEOPLE", 100_000), setting(t, "AMAN_BENCH_BATCHES", 100), setting(t, "AMAN_BENCH_ROUNDS", 3)
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "what\treports/s\tbest round\tbeside\tbeside/s\tratio\tservice CPU µs\tdatabase CPU µs\twrites/commit\t")
	for _, name := range []string{"sqlite", "postgres"} {
		if only := os.Getenv("AMAN_BENCH_DATABASE"); only != "" && only != name {
			continue
		}
		s := &site{dir: t.TempDir()}
		database := func() time.Duration { return 0 }
		if name == "postgres" {
			s.url, database = storetest.DurablePostgres(t)
		}
		in := newIngest(t, s, people)
		in.database = database
		in.run(t, w, name, batches, rounds)
	}
	w.Flush()
	fmt.Printf("\n%d people held, %d batches of %d over %d connections and %d rounds of singles over %d; %s/%s, %d processors, Go %s\n\n%s\n",
		people, batches*rounds, batchLines, batchClients, rounds, singleConns, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), &table)
}

// setting is a number of the environment, or n.
func setting(t testing.TB, name string, n int) int {
	t.Helper()
	if v := os.Getenv(name); v != "" {
		var err error
		if n, err = strconv.Atoi(v); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// ingest is a running service, and who is held there.
type ingest struct {
	site    *site
	service *service
	rng     *rand.Rand
	people  []tracker.ID
	homes   [][2]float64
	keys    []string
	// database is the processor time that the database's own processes have used.
	database func() time.Duration
}

func newIngest(t *testing.T, s *site, people int) *ingest {
	t.Helper()
	in := &ingest{site: s, rng: rand.New(rand.NewPCG(1, 4))}
	var file bytes.Buffer
	if err := seed.Synthetic(&file, people, time.Now(), 1); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(file.Bytes())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	lon, lat := slices.Index(rows[0], "lon"), slices.Index(rows[0], "lat")
	for _, r := range rows[1:] {
		x, errX := strconv.ParseFloat(r[lon], 64)
		y, errY := strconv.ParseFloat(r[lat], 64)
		if err := errors.Join(errX, errY); err != nil {
			t.Fatal(err)
		}
		in.homes = append(in.homes, [2]float64{x, y})
	}
	s.must(t, testMissions, "import", "missions", "-")
	s.must(t, testZones, "import", "zones", "-")
	s.must(t, benchZones(), "import", "zones", "-")
	s.must(t, file.String(), "import", "people", "-")
	in.people = s.ids(t)
	if len(in.people) != people {
		t.Fatalf("%d people are there, %d were imported", len(in.people), people)
	}
	in.rng.Shuffle(people, func(i, j int) { in.people[i], in.people[j] = in.people[j], in.people[i] })
	for i := range singleKeys {
		in.keys = append(in.keys, strings.TrimSpace(s.must(t, "", "key", "add", "bench "+strconv.Itoa(i), "--role", "analyst")))
	}
	in.service = s.start(t)
	return in
}

// ids are the people's, from the database itself.
func (s *site) ids(t *testing.T) (ids []tracker.ID) {
	t.Helper()
	driver, source := "postgres", s.url
	if s.url == "" {
		files, err := filepath.Glob(filepath.Join(s.dir, "*.db"))
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		driver, source = "sqlite", files[0]
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT person_id FROM person_keys ORDER BY person_id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id tracker.ID
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return ids
}

// report is what a phone sends of the i-th person: a fix some steps from where they were.
func (in *ingest) report(b []byte, i int, at time.Time) []byte {
	i %= len(in.people)
	h := in.homes[i]
	return fmt.Appendf(b, `{"person_id":%q,"position":{"lon":%.6f,"lat":%.6f,"radius_m":%d,"method":"gnss"},"fixed_at":%q,"sent_at":%q,"wellbeing":"safe"}`,
		in.people[i], h[0]+in.rng.NormFloat64()*0.001, h[1]+in.rng.NormFloat64()*0.001, 5+in.rng.IntN(60),
		at.Add(-time.Duration(in.rng.IntN(60))*time.Second).UTC().Format(time.RFC3339), at.UTC().Format(time.RFC3339))
}

// rate is how many a second, and what they cost.
type rate struct {
	perSecond         float64
	service, database time.Duration // CPU for each
	grouped           float64       // writes in a transaction
}

// run measures rounds of everything by turns, and writes the medians.
func (in *ingest) run(t *testing.T, w io.Writer, name string, batches, rounds int) {
	empty, emptyCPU := emptyServer(t)
	var batched, raw, singles, nothing []rate
	for round := range rounds {
		bodies := make([][]byte, batches)
		for i := range bodies {
			at := time.Now()
			for k := range batchLines {
				bodies[i] = append(in.report(bodies[i], (round*batches+i)*batchLines+k, at), '\n')
			}
		}
		raw = append(raw, in.raw(t, bodies))
		batched = append(batched, in.batches(t, bodies))
		nothing = append(nothing, in.singles(t, empty, emptyCPU, 2*round))
		commits, writes := in.commits(t)
		ours := in.singles(t, strings.TrimPrefix(in.service.url, "http://"), func() time.Duration { return in.service.cpu(t) }, 2*round+1)
		c, n := in.commits(t)
		ours.grouped = (n - writes) / max(1, c-commits)
		singles = append(singles, ours)
	}
	line := func(what, beside string, ours, theirs []rate) {
		o, b := median(ours), median(theirs)
		best := slices.MaxFunc(ours, func(a, b rate) int { return int(a.perSecond - b.perSecond) }).perSecond
		fmt.Fprintf(w, "%s, %s\t%.0f\t%.0f\t%s\t%.0f\t%.3f\t%.1f\t%.1f\t%.1f\t\n", name, what, o.perSecond, best, beside, b.perSecond, o.perSecond/b.perSecond,
			float64(o.service.Nanoseconds())/1e3, float64(o.database.Nanoseconds())/1e3, o.grouped)
	}
	line("batches", "append+fsync", batched, raw)
	line("singles", fmt.Sprintf("empty handler (%.1f µs CPU)", float64(median(nothing).service.Nanoseconds())/1e3), singles, nothing)
}

// median is the round in the middle, by rate.
func median(rs []rate) rate {
	rs = slices.Clone(rs)
	slices.SortFunc(rs, func(a, b rate) int { return int(a.perSecond - b.perSecond) })
	return rs[len(rs)/2]
}

// raw appends each body to a file beside the database, and syncs it.
func (in *ingest) raw(t *testing.T, bodies [][]byte) rate {
	f, err := os.Create(filepath.Join(in.site.dir, "raw"))
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	began := time.Now()
	for _, b := range bodies {
		if _, err := f.Write(b); err != nil {
			t.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			t.Fatal(err)
		}
	}
	return rate{perSecond: float64(len(bodies)*batchLines) / time.Since(began).Seconds()}
}

// batches sends every body as a batch; all of it must be stored.
func (in *ingest) batches(t *testing.T, bodies [][]byte) rate {
	todo := make(chan []byte, len(bodies))
	for _, b := range bodies {
		todo <- b
	}
	close(todo)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: batchClients, DisableCompression: true}}
	service, database := in.service.cpu(t), in.database()
	began := time.Now()
	var wait sync.WaitGroup
	for range batchClients {
		wait.Go(func() {
			for b := range todo {
				req, err := http.NewRequest(http.MethodPost, in.service.url+"/api/v1/reports/batch", bytes.NewReader(b))
				if err != nil {
					t.Error(err)
					return
				}
				req.Header.Set("Content-Type", "application/x-ndjson")
				req.Header.Set("Authorization", "Bearer "+in.keys[0])
				req.Header.Set("Idempotency-Key", tracker.NewID().String())
				res, err := client.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				text, err := io.ReadAll(res.Body)
				res.Body.Close()
				if err != nil || res.StatusCode != http.StatusOK || !bytes.Contains(text, []byte(`"stored":`+strconv.Itoa(batchLines))) {
					t.Errorf("batch: %d, %v\n%.500s", res.StatusCode, err, text)
					return
				}
			}
		})
	}
	wait.Wait()
	took, n := time.Since(began), len(bodies)*batchLines
	return rate{
		perSecond: float64(n) / took.Seconds(),
		service:   (in.service.cpu(t) - service) / time.Duration(n), database: (in.database() - database) / time.Duration(n),
	}
}

// singles sends one report a request to address for singleRounds, by clients that do
// little more than write bytes and read the answer.
func (in *ingest) singles(t *testing.T, address string, cpu func() time.Duration, round int) rate {
	const each = 64
	requests := make([][][]byte, singleConns)
	at := time.Now()
	for c := range requests {
		for k := range each {
			body := in.report(nil, (round*singleConns+c)*each+k, at)
			requests[c] = append(requests[c], fmt.Appendf(nil, "POST /api/v1/reports HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nIdempotency-Key: %s\r\nContent-Length: %d\r\n\r\n%s",
				address, in.keys[c%len(in.keys)], tracker.NewID(), len(body), body))
		}
	}
	var sent atomic.Int64
	var wait, dialled sync.WaitGroup
	start := make(chan struct{})
	dialled.Add(singleConns)
	var deadline time.Time
	for _, rs := range requests {
		wait.Go(func() {
			conn, err := net.Dial("tcp", address)
			dialled.Done()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			answers := bufio.NewReader(conn)
			<-start
			for k := 0; time.Now().Before(deadline); k++ {
				b := rs[k%len(rs)]
				if k >= len(rs) { // the same fix under a key of its own is a report of its own
					i := bytes.Index(b, []byte("Idempotency-Key: ")) + len("Idempotency-Key: ")
					copy(b[i:], tracker.NewID().String())
				}
				if _, err := conn.Write(b); err != nil {
					t.Error(err)
					return
				}
				if status, err := readAnswer(answers); err != nil || status != http.StatusCreated {
					t.Error("single report:", status, err)
					return
				}
				sent.Add(1)
			}
		})
	}
	dialled.Wait()
	service, database := cpu(), in.database()
	began := time.Now()
	deadline = began.Add(singleRounds)
	close(start)
	wait.Wait()
	took, n := time.Since(began), max(1, sent.Load())
	return rate{
		perSecond: float64(n) / took.Seconds(),
		service:   (cpu() - service) / time.Duration(n), database: (in.database() - database) / time.Duration(n),
	}
}

// readAnswer takes one answer with a known length off a connection.
func readAnswer(r *bufio.Reader) (status int, err error) {
	length := 0
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case first:
			if len(line) < 12 {
				return 0, fmt.Errorf("bad status line %q", line)
			}
			if status, err = strconv.Atoi(string(line[9:12])); err != nil {
				return 0, err
			}
		case len(line) == 0:
			_, err := r.Discard(length)
			return status, err
		default:
			if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
				if length, err = strconv.Atoi(string(v)); err != nil {
					return 0, err
				}
			}
		}
	}
}

// commits is how many transactions the service's store has committed, and the writes in
// them.
func (in *ingest) commits(t *testing.T) (groups, writes float64) {
	t.Helper()
	res, err := http.Get(in.service.admin + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range strings.Split(string(text), "\n") {
		name, value, _ := strings.Cut(l, " ")
		n, err := strconv.ParseFloat(value, 64)
		switch {
		case err != nil:
		case name == "aman_store_transactions_total":
			groups = n
		case name == "aman_store_writes_total":
			writes = n
		}
	}
	return groups, writes
}

// emptyServer starts the server that does nothing, and tells its CPU time.
func emptyServer(t *testing.T) (address string, cpu func() time.Duration) {
	t.Helper()
	ready := filepath.Join(t.TempDir(), "empty")
	cmd := exec.Command(os.Args[0], "-test.run=^TestEmptyHandler$")
	cmd.Env = append(os.Environ(), emptyEnv+"="+ready)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		_ = cmd.Wait()
	})
	for range 500 {
		if text, err := os.ReadFile(ready); err == nil {
			v := &service{cmd: cmd}
			return string(text), func() time.Duration { return v.cpu(t) }
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the server that does nothing did not start")
	return "", nil
}
