package data_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"aman/data"
	"aman/geo/tracker"
)

// killedEnv makes the test binary the writer that TestKill kills.
const killedEnv = "AMAN_TEST_KILLED"

// TestKill kills a writing process at a random moment, several times over. The
// oracle is what it had acknowledged on its standard output: all of that must
// be there, once, and a retry with the same idempotency key must add nothing.
func TestKill(t *testing.T) {
	if url := os.Getenv(killedEnv); url != "" {
		writeUntilKilled(data.Options{URL: url, KeyFile: os.Getenv(killedEnv + "_KEY")})
		return
	}
	for name, o := range databases(t) {
		t.Run(name, func(t *testing.T) {
			d, crisis := store(t, o)
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			acknowledged := map[string]bool{}
			for range 4 {
				for _, id := range killedRun(t, o, crisis) {
					acknowledged[id] = true
				}
			}
			if len(acknowledged) == 0 {
				t.Fatal("nothing was acknowledged")
			}
			d = open(t, o)
			there := map[string]int{}
			if _, err := d.Load(t.Context(), func(r *tracker.Rows) error {
				for _, p := range r.People {
					there[p.ID.String()]++
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			for id := range acknowledged {
				if there[id] != 1 {
					t.Errorf("person %s was acknowledged and is there %d times", id, there[id])
				}
			}
			for id := range acknowledged {
				if c, err := d.Commit(t.Context(), writeOf(crisis, id)); err != nil || !c.Replay {
					t.Errorf("retry of %s: %+v %v", id, c, err)
				}
			}
			after, last := int64(0), int64(0)
			for {
				_, cs, err := d.Changes(t.Context(), after, 500)
				if err != nil {
					t.Fatal(err)
				}
				if len(cs) == 0 {
					break
				}
				for _, c := range cs {
					if c.Seq != last+1 {
						t.Errorf("feed goes from %d to %d", last, c.Seq)
					}
					last, after = c.Seq, c.Seq
				}
			}
			if _, err := d.VerifyAudit(t.Context()); err != nil {
				t.Error(err)
			}
			t.Logf("%d writes acknowledged, %d there", len(acknowledged), len(there))
		})
	}
}

func killedRun(t *testing.T, o data.Options, crisis tracker.ID) (acknowledged []string) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestKill$")
	cmd.Env = append(os.Environ(), killedEnv+"="+o.URL, killedEnv+"_KEY="+o.KeyFile, killedEnv+"_CRISIS="+crisis.String())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	delay := time.Duration(0)
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			break // a line without its end wasn't written whole
		}
		if err != nil {
			t.Fatal(err)
		}
		if id, ok := strings.CutPrefix(strings.TrimSpace(line), "stored "); ok {
			acknowledged = append(acknowledged, id)
			if delay == 0 { // it runs: kill it at some moment from now on
				delay = 1 + rand.N(300*time.Millisecond)
				time.AfterFunc(delay, func() { _ = cmd.Process.Kill() })
			}
		}
	}
	_ = cmd.Wait() // killed
	return acknowledged
}

func writeOf(crisis tracker.ID, id string) *tracker.Write {
	person, err := tracker.ParseID(id)
	if err != nil {
		panic(err) // impossible: it was made from an id
	}
	return &tracker.Write{
		Rows:        tracker.Rows{People: []tracker.Person{{ID: person, Crisis: crisis, Version: 1, Details: tracker.Details{Name: id}}}},
		Audit:       tracker.Audit{Action: "test"},
		Idempotency: &tracker.Idempotency{Source: "test", Key: id},
	}
}

func writeUntilKilled(o data.Options) {
	d, err := data.Open(context.Background(), o)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	crisis, err := tracker.ParseID(os.Getenv(killedEnv + "_CRISIS"))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	var out sync.Mutex
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for {
				id := tracker.NewID().String()
				if _, err := d.Commit(context.Background(), writeOf(crisis, id)); err != nil {
					fmt.Println(err)
					os.Exit(1)
				}
				out.Lock()
				fmt.Println("stored", id)
				out.Unlock()
			}
		})
	}
	wait.Wait()
}
