package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"aman/geo/tracker"
)

// batchOf is a batch of people who are all named differently.
func batchOf(r *rand.Rand, batch, lines int) (body string, names []string) {
	var b strings.Builder
	for i := range lines {
		name := fmt.Sprintf("Batch%dLine%d", batch, i)
		names = append(names, name)
		fmt.Fprintf(&b, `{"person":{"name":%q,"persons":%d},"wellbeing":"safe","position":{"lon":%.5f,"lat":%.5f,"radius_m":30,"method":"gnss"}}`+"\n",
			name, 1+r.IntN(4), 50+5*r.Float64(), 24+3*r.Float64())
	}
	return b.String(), names
}

// Reports are sent in batches from several clients while the service is killed
// without notice and started again. A client repeats a batch with its key until
// it is answered. Oracle: what was sent: at the end every name is there once,
// and every person that an answer named is still there.
func TestKillLosesAndDoublesNothing(t *testing.T) {
	for name, open := range sites {
		t.Run(name, func(t *testing.T) {
			seedNumber := rand.Uint64()
			t.Logf("seed %d", seedNumber)
			s := open(t)
			v := s.start(t)
			key := s.key(t, "operator", "")

			const clients, batches, lines, kills = 4, 12, 40, 3
			var current atomic.Pointer[service]
			current.Store(v)
			var (
				wg      sync.WaitGroup
				mu      sync.Mutex
				sent    = map[string]bool{}
				named   = map[string]bool{} // ids of people in answers
				replays atomic.Int64
				unheard atomic.Int64 // requests that got no answer
				over    atomic.Int64 // batches that are answered
			)
			for c := range clients {
				wg.Go(func() {
					r := rand.New(rand.NewPCG(seedNumber, uint64(c)))
					for b := range batches {
						body, names := batchOf(r, c*batches+b, lines)
						id := tracker.NewID().String()
						for {
							a, err := current.Load().as(key).send(http.MethodPost, "/api/v1/reports/batch", body,
								"Content-Type", "application/x-ndjson", "Idempotency-Key", id)
							if err != nil || a.status >= 500 || a.status == http.StatusConflict {
								unheard.Add(1)
								time.Sleep(20 * time.Millisecond)
								continue
							}
							if a.status != http.StatusOK {
								t.Errorf("batch: %d %s", a.status, a.body)
								return
							}
							if a.header.Get("Idempotency-Replayed") == "true" {
								replays.Add(1)
							}
							var out struct {
								Stored, Refused int
								Results         []struct {
									Receipt struct {
										PersonID string `json:"person_id"`
									}
								}
							}
							if err := json.Unmarshal(a.body, &out); err != nil || out.Stored != lines {
								t.Errorf("batch: %d stored, %v", out.Stored, err)
							}
							mu.Lock()
							for _, n := range names {
								sent[n] = true
							}
							for _, x := range out.Results {
								named[x.Receipt.PersonID] = true
							}
							mu.Unlock()
							over.Add(1)
							break
						}
						time.Sleep(time.Duration(r.IntN(20)) * time.Millisecond)
					}
				})
			}
			// Each kill comes with work still to do: after so many answers.
			r := rand.New(rand.NewPCG(seedNumber, 99))
			for k := range kills {
				for goal := int64((k+1)*clients*batches/(kills+2)) - int64(r.IntN(4)); over.Load() < goal && !t.Failed(); {
					time.Sleep(time.Millisecond)
				}
				time.Sleep(time.Duration(r.IntN(8)) * time.Millisecond)
				current.Load().kill()
				next, err := s.tryStart(t)
				if err != nil {
					t.Errorf("start again: %v", err)
					break
				}
				current.Store(next)
			}
			if t.Failed() {
				t.FailNow()
			}
			wg.Wait()
			current.Load().kill()
			all := s.start(t).as(key)
			got := map[string]int{}
			ids := map[string]bool{}
			for next := ""; ; {
				q := url.Values{"limit": {"500"}}
				if next != "" {
					q.Set("cursor", next)
				}
				page := get[peopleJSON](t, all, "/api/v1/people", q)
				for _, p := range page.Items {
					got[p.Name]++
					ids[p.ID] = true
				}
				if next = page.Next; next == "" {
					if page.Total.Records != clients*batches*lines {
						t.Errorf("%d people are there, %d were sent", page.Total.Records, clients*batches*lines)
					}
					break
				}
			}
			for n := range sent {
				if got[n] != 1 {
					t.Errorf("%s is there %d times", n, got[n])
				}
			}
			for id := range named {
				if !ids[id] {
					t.Errorf("an answer named %s, who is not there", id)
				}
			}
			t.Logf("%d batches, %d requests without an answer, %d answered with the first reply", clients*batches, unheard.Load(), replays.Load())
			if unheard.Load() == 0 {
				t.Error("no request was cut off: the test shows nothing")
			}
		})
	}
}

func TestStopDrains(t *testing.T) {
	s := sites["sqlite"](t)
	v := s.start(t)
	key := s.key(t, "analyst", "")
	// A stream that never ends by itself.
	req, err := http.NewRequest(http.MethodGet, v.url+"/api/v1/events/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	stream, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	// A request that is still being sent when the signal comes.
	conn, err := net.Dial("tcp", strings.TrimPrefix(v.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := `{"wellbeing":"safe","country":"AE"}`
	host := strings.TrimPrefix(v.url, "http://")
	fmt.Fprintf(conn, "POST /api/v1/reports HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nIdempotency-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		host, key, tracker.NewID(), len(body), body[:10])
	time.Sleep(200 * time.Millisecond) // until the server reads the body; were it later, the test would only be easier
	if err := v.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	notReady := false
	for range 500 {
		res, err := http.Get(v.admin + "/readyz")
		if err != nil {
			break
		}
		res.Body.Close()
		if res.StatusCode == http.StatusServiceUnavailable {
			notReady = true
			break
		}
		time.Sleep(2 * time.Millisecond)
	}
	if !notReady {
		t.Error("it never said that it isn't ready")
	}
	if _, err := fmt.Fprint(conn, body[10:]); err != nil {
		t.Fatal(err)
	}
	reply := make([]byte, 4096)
	conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	n, err := conn.Read(reply)
	if err != nil || !strings.HasPrefix(string(reply[:n]), "HTTP/1.1 201 ") {
		t.Errorf("the request under way was answered %q, %v", reply[:n], err)
	}
	select {
	case <-v.ended:
		if v.err != nil {
			t.Errorf("it ended with %v", v.err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it does not end")
	}
}

func TestForeignKeyFileIsRefused(t *testing.T) {
	for name, open := range sites {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			s.must(t, testMissions, "import", "missions", "-")
			if info, err := os.Stat(filepath.Join(s.dir, "aman.key")); err != nil || info.Mode().Perm() != 0o400 {
				t.Fatalf("key file: %v, %v", info, err)
			}
			for what, spoil := range map[string]func(file string) error{
				"missing": os.Remove,
				"another": func(file string) error {
					other := &site{dir: t.TempDir()}
					other.must(t, "", "user", "list")
					b, err := os.ReadFile(filepath.Join(other.dir, "aman.key"))
					if err != nil {
						return err
					}
					return os.WriteFile(file, b, 0o400)
				},
			} {
				file := filepath.Join(s.dir, "aman.key")
				kept, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if err := errors.Join(os.Remove(file), os.WriteFile(file, kept, 0o600), spoil(file)); err != nil {
					t.Fatal(err)
				}
				_, errs, code := s.command(t, "", "serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0")
				if code != 1 || !strings.Contains(errs, "key file") {
					t.Errorf("%s key file: exit %d\n%s", what, code, errs)
				}
				os.Remove(file)
				if err := os.WriteFile(file, kept, 0o400); err != nil {
					t.Fatal(err)
				}
			}
			if v := s.start(t); v.url == "" {
				t.Error("with its own key it does not start")
			}
		})
	}
}

func TestDemoIsUpAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("GOTMPDIR", "") // the binary is built elsewhere
	s := &site{dir: filepath.Join(dir, "unused")}
	v := s.start(t, "demo", "--password", "a long demo password")
	if out := v.log.String(); !strings.Contains(out, v.url) || !strings.Contains(out, "embassy-ae") || !strings.Contains(out, "/s/") {
		t.Errorf("it prints\n%s", out)
	}
	c := v.as("")
	login, err := c.send(http.MethodPost, "/api/v1/login", `{"login":"analyst","password":"a long demo password"}`)
	if err != nil || login.status != http.StatusOK {
		t.Fatalf("sign in: %d, %v", login.status, err)
	}
	cookie, _, _ := strings.Cut(login.header.Get("Set-Cookie"), ";")
	people, _ := ask[peopleJSON](t, c, http.StatusOK, http.MethodGet, "/api/v1/people", "", "Cookie", cookie)
	if n := people.Total.Persons; n < 8600 || n > 9300 {
		t.Errorf("%d people", n)
	}
	zones, _ := ask[struct{ Items []zoneJSON }](t, c, http.StatusOK, http.MethodGet, "/api/v1/zones", "", "Cookie", cookie)
	if len(zones.Items) < 8 {
		t.Errorf("%d zones", len(zones.Items))
	}
	if err := v.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-v.ended
	if v.err != nil {
		t.Errorf("it ended with %v", v.err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "aman-demo-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
	// What somebody sees who asks in the wrong way.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := exec.CommandContext(ctx, binary(t), "serve", "--no-such-flag").Run(); err == nil {
		t.Error("an unknown flag is taken")
	}
}
