package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"aman/data/storetest"
)

// The tests in the e2e files run the real binary, as an operator would: AMAN_BIN,
// or one that is built once.

func TestMain(m *testing.M) {
	code := m.Run()
	storetest.StopPostgres()
	if built.dir != "" {
		os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

var built struct {
	once      sync.Once
	dir, path string
	err       error
}

// binary is the path of the program.
func binary(t testing.TB) string {
	t.Helper()
	built.once.Do(func() {
		if built.path = os.Getenv("AMAN_BIN"); built.path != "" {
			return
		}
		if built.dir, built.err = os.MkdirTemp("", "aman-e2e-"); built.err != nil {
			return
		}
		built.path = filepath.Join(built.dir, "aman")
		build := exec.Command("go", "build", "-trimpath", "-o", built.path, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("build aman: %w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

// site is a database with its key file, and the commands on it.
type site struct {
	dir string
	url string // of the database; empty: SQLite in dir
}

// sites are the two kinds of database.
var sites = map[string]func(t *testing.T) *site{
	"sqlite":   func(t *testing.T) *site { return &site{dir: filepath.Join(t.TempDir(), "with a space")} },
	"postgres": func(t *testing.T) *site { return &site{dir: t.TempDir(), url: storetest.Postgres(t)} },
}

func (s *site) env() []string {
	env := []string{"AMAN_DATA_DIR=" + s.dir, "AMAN_LOG_LEVEL=warn"}
	if s.url != "" {
		env = append(env, "AMAN_DATABASE_URL="+s.url)
	}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "AMAN_") {
			env = append(env, v)
		}
	}
	return env
}

// command runs a command of the binary to its end.
func (s *site) command(t testing.TB, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.Command(binary(t), args...)
	cmd.Env = s.env()
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return out.String(), errs.String(), exit.ExitCode()
	}
	if err != nil {
		t.Fatalf("run aman %v: %v", args, err)
	}
	return out.String(), errs.String(), 0
}

// must is command for what has to work.
func (s *site) must(t testing.TB, stdin string, args ...string) string {
	t.Helper()
	out, errs, code := s.command(t, stdin, args...)
	if code != 0 {
		t.Fatalf("aman %v: exit %d\n%s%s", args, code, out, errs)
	}
	return out
}

// key makes an API key.
func (s *site) key(t testing.TB, role, mission string) string {
	t.Helper()
	args := []string{"key", "add", "test " + role + mission, "--role", role}
	if mission != "" {
		args = append(args, "--mission", mission)
	}
	return strings.TrimSpace(s.must(t, "", args...))
}

// service is a running `aman serve`.
type service struct {
	url, admin string
	cmd        *exec.Cmd
	log        *syncBuffer
	ended      chan struct{}
	err        error // of Wait, once ended is closed
}

// start starts a service and waits until it is ready. It is killed when the test
// ends, if it still runs.
func (s *site) start(t testing.TB, args ...string) *service {
	t.Helper()
	v, err := s.tryStart(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (s *site) tryStart(t testing.TB, args ...string) (*service, error) {
	t.Helper()
	ready := filepath.Join(t.TempDir(), "ready.json")
	if len(args) == 0 {
		args = []string{"serve"}
	}
	v := &service{log: &syncBuffer{}, ended: make(chan struct{})}
	v.cmd = exec.Command(binary(t), append(args, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--ready-file", ready)...)
	v.cmd.Env = s.env()
	v.cmd.Stdout, v.cmd.Stderr = v.log, v.log
	if err := v.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		v.err = v.cmd.Wait()
		close(v.ended)
	}()
	t.Cleanup(func() {
		v.cmd.Process.Kill()
		<-v.ended
		if t.Failed() {
			t.Logf("the service's log:\n%s", v.log)
		}
	})
	for deadline := time.Now().Add(2 * time.Minute); ; {
		if text, err := os.ReadFile(ready); err == nil {
			var at addresses
			if err := json.Unmarshal(text, &at); err != nil {
				return nil, err
			}
			v.url, v.admin = at.URL, at.AdminURL
			return v, nil
		}
		select {
		case <-v.ended:
			return nil, fmt.Errorf("aman %v ended: %w\n%s", args, v.err, v.log)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("aman %v is not ready\n%s", args, v.log)
		}
	}
}

// kill ends the service without notice.
func (v *service) kill() {
	v.cmd.Process.Signal(syscall.SIGKILL)
	<-v.ended
}

// syncBuffer collects output while it is read.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// caller asks a service as somebody.
type caller struct {
	v    *service
	key  string // API key, or
	http *http.Client
}

func (v *service) as(key string) *caller { return &caller{v: v, key: key, http: http.DefaultClient} }

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send asks; header alternates names and values.
func (c *caller) send(method, path, body string, header ...string) (answer, error) {
	req, err := http.NewRequest(method, c.v.url+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, text}, err
}

// ask sends and decodes a JSON answer with the status that is wanted.
func ask[T any](t testing.TB, c *caller, status int, method, path, body string, header ...string) (T, answer) {
	t.Helper()
	a, err := c.send(method, path, body, header...)
	if err != nil {
		t.Fatal(err)
	}
	if a.status != status {
		t.Fatalf("%s %s: %d, want %d\n%s", method, path, a.status, status, a.body)
	}
	var out T
	if len(a.body) > 0 {
		if err := json.Unmarshal(a.body, &out); err != nil {
			t.Fatalf("%s %s: %v\n%.300s", method, path, err, a.body)
		}
	}
	return out, a
}

func get[T any](t testing.TB, c *caller, path string, query url.Values) T {
	t.Helper()
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	out, _ := ask[T](t, c, http.StatusOK, http.MethodGet, path, "")
	return out
}

// count, and the answers that hold them: the members that the tests look at.
type count struct{ Records, Persons int64 }

type personRowJSON struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Persons   int64    `json:"persons"`
	Countries []string `json:"countries"`
	Verdict   string   `json:"verdict"`
	Zone      string   `json:"zone"`
}

type peopleJSON struct {
	Items []personRowJSON `json:"items"`
	Total count           `json:"total"`
	Next  string          `json:"next"`
	AsOf  struct {
		Seq   int64
		Epoch string
	} `json:"as_of"`
}

type cellsJSON struct {
	Cells []struct {
		Records, Persons int64
		Level            int
		Verdict          string
	} `json:"cells"`
	Total    count `json:"total"`
	Unplaced count `json:"unplaced"`
}

type countsJSON struct {
	Groups []struct {
		Key              string
		Records, Persons int64
	} `json:"groups"`
	Total    count `json:"total"`
	Unplaced count `json:"unplaced"`
}

type zoneJSON struct {
	ID       string `json:"id"`
	Version  int    `json:"version"`
	State    string `json:"state"`
	Inside   count  `json:"inside"`
	Possible count  `json:"possible"`
}
