package data_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aman/data"
	"aman/geo/tracker"
)

func TestKeyFile(t *testing.T) {
	f := newSQLite(t)
	o := f.options()
	d := open(t, o)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fs.FileMode{o.KeyFile: 0o400, strings.TrimPrefix(o.URL, "sqlite:"): 0o600} {
		st, err := os.Stat(path)
		if err != nil || st.Mode().Perm() != want {
			t.Errorf("%s: %v %v, want mode %o", filepath.Base(path), err, st.Mode(), want)
		}
	}
	other := newSQLite(t).options()
	open(t, other)
	for _, c := range []struct{ name, key, want string }{
		{"missing key", filepath.Join(t.TempDir(), "none"), "missing"},
		{"another database's key", other.KeyFile, "not the key of this database"},
		{"a file that is no key", strings.TrimPrefix(o.URL, "sqlite:"), "damaged"},
		{"no key named", "", "no key file"},
	} {
		x := o
		x.KeyFile = c.key
		if _, err := data.Open(t.Context(), x); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	open(t, o) // the right key still opens it
}

func TestOpenRefusesOtherURLs(t *testing.T) {
	for _, u := range []string{"", "mysql://x", "sqlite:", "sqlite::memory:", "/a/path"} {
		if _, err := data.Open(t.Context(), data.Options{URL: u, KeyFile: filepath.Join(t.TempDir(), "k")}); err == nil {
			t.Errorf("%q was opened", u)
		}
	}
}

// TestQueueLimit: with the committer held up, one write more than the limit is
// refused at once, and those that wait are finished.
func TestQueueLimit(t *testing.T) {
	o := newSQLite(t).options()
	o.QueueLimit = 3
	d, crisis := store(t, o)
	release, held := make(chan struct{}), make(chan struct{})
	imported := make(chan error, 1)
	go func() { // an import holds SQLite's one writer
		_, err := d.Import(context.Background(), data.ImportOptions{Audit: tracker.Audit{Action: "test"}}, func(yield func(*tracker.Rows) error) error {
			close(held)
			<-release
			return yield(&tracker.Rows{Zones: []tracker.Zone{{ID: tracker.NewID(), Crisis: crisis, Version: 1}}})
		})
		imported <- err
	}()
	<-held
	// A caller whose time is up withdraws, although the committer waits with its
	// write in hand.
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := d.Commit(ctx, &tracker.Write{Audit: tracker.Audit{Action: "test"}}); !errors.Is(err, tracker.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a write that waited too long: %v", err)
	}
	results := make(chan error, 8)
	for range cap(results) {
		go func() {
			_, err := d.Commit(context.Background(), &tracker.Write{Audit: tracker.Audit{Action: "test"}})
			results <- err
		}()
	}
	// The committer has the withdrawn one in hand, three more may wait.
	for range cap(results) - o.QueueLimit {
		if err := <-results; !errors.Is(err, tracker.ErrUnavailable) {
			t.Errorf("a write beyond the limit: %v", err)
		}
	}
	close(release)
	for range o.QueueLimit {
		if err := <-results; err != nil {
			t.Errorf("a waiting write: %v", err)
		}
	}
	if err := <-imported; err != nil {
		t.Error(err)
	}
}

func TestWake(t *testing.T) {
	for name, o := range databases(t) {
		t.Run(name, func(t *testing.T) {
			d, crisis := store(t, o)
			other := open(t, o)
			listeners := []*data.DB{d}
			if d.Dialect() == "postgres" {
				listeners = append(listeners, other)
			}
			for i, l := range listeners {
				deadline := time.After(20 * time.Second)
				for woken := false; !woken; {
					// Written again until the listener's connection stands.
					if _, err := d.Commit(t.Context(), &tracker.Write{
						Rows:  tracker.Rows{Zones: []tracker.Zone{{ID: tracker.NewID(), Crisis: crisis, Version: 1}}},
						Audit: tracker.Audit{Action: "test"},
					}); err != nil {
						t.Fatal(err)
					}
					select {
					case <-l.Wake():
						woken = true
					case <-time.After(50 * time.Millisecond):
					case <-deadline:
						t.Fatalf("listener %d was not woken", i)
					}
				}
			}
		})
	}
}

// databases are fresh ones of each kind that is here.
func databases(t *testing.T) map[string]data.Options {
	m := map[string]data.Options{"sqlite": newSQLite(t).options()}
	t.Run("find postgres", func(t2 *testing.T) {
		_ = newPostgres(t2)
		m["postgres"] = data.Options{}
	})
	if _, ok := m["postgres"]; ok {
		m["postgres"] = newPostgres(t).options()
	}
	return m
}

// store opens a database with a crisis in it.
func store(t testing.TB, o data.Options) (*data.DB, tracker.ID) {
	t.Helper()
	d := open(t, o)
	crisis := tracker.NewID()
	if _, err := d.Commit(t.Context(), &tracker.Write{
		Rows:  tracker.Rows{Crises: []tracker.Crisis{{ID: crisis, Slug: "test"}}},
		Audit: tracker.Audit{Action: "test"},
	}); err != nil {
		t.Fatal(err)
	}
	return d, crisis
}
