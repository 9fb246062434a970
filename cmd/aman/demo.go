package main

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"

	"aman/api/auth"
	"aman/data"
	"aman/data/seed"
	"aman/geo/tracker"
)

type demoCmd struct {
	listenFlags
	Seed     uint64 `default:"1" help:"Another number makes other people (default: 1)."`
	Password string `env:"AMAN_DEMO_PASSWORD" help:"Password of the demo's accounts, at least 15 characters (default: a random one)."`
	LogLevel string `env:"AMAN_LOG_LEVEL" enum:"debug,info,warn,error" default:"warn" help:"debug, info, warn or error (default: warn)."`
}

// demoAccounts is one account for each role, and a second analyst, for what needs two.
var demoAccounts = []struct {
	login, name string
	role        auth.Role
	mission     string
	note        string
}{
	{"analyst", "Analyst (demo)", auth.RoleAnalyst, "", "draws and publishes zones"},
	{"analyst2", "Second analyst (demo)", auth.RoleAnalyst, "", "confirms what needs two people"},
	{"embassy-ae", "Embassy in Abu Dhabi (demo)", auth.RoleEmbassy, "AE-DEMO", "sees the people of its area"},
	{"embassy-qa", "Embassy in Doha (demo)", auth.RoleEmbassy, "QA-DEMO", "sees other people"},
	{"local-ae", "Local staff in Abu Dhabi (demo)", auth.RoleLocalStaff, "AE-DEMO", "no exact places, no documents"},
	{"operator", "Hotline operator (demo)", auth.RoleOperator, "", "takes calls"},
	{"casualty", "Casualty cell (demo)", auth.RoleCasualty, "", "sees who died"},
	{"partner", "Tour company (demo)", auth.RolePartner, "", "submits through the API only"},
	{"admin", "Administrator (demo)", auth.RoleAdmin, "", "may do everything"},
}

// Run serves the demo until ctx ends, and removes its directory.
func (c *demoCmd) Run(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "aman-demo-")
	if err != nil {
		return fmt.Errorf("make a directory for the demo: %w", err)
	}
	defer func() {
		if e := os.RemoveAll(dir); e != nil && err == nil {
			err = fmt.Errorf("remove the demo's directory: %w", e)
		}
	}()
	flags := storeFlags{DataDir: filepath.Join(dir, "data"), LogLevel: c.LogLevel}
	log := flags.logger()
	if c.Password == "" {
		c.Password = demoPassword()
	}
	db, err := flags.open(ctx, log)
	if err != nil {
		return err
	}
	defer closing(db, &err)
	d := &demo{db: db, log: log, now: time.Now(), password: c.Password}
	if err := d.fill(ctx, c.Seed); err != nil {
		return err
	}
	if err := c.freePorts(); err != nil {
		return err
	}
	return c.serve(ctx, log, db, func(at addresses) error {
		// Stored with the picture running, so that the events tell who came to be inside.
		if err := d.drawZones(ctx); err != nil {
			return err
		}
		if err := d.desk(ctx); err != nil {
			return err
		}
		links, err := d.links(ctx, at.URL)
		if err != nil {
			return err
		}
		if err := d.print(os.Stdout, at, links); err != nil {
			return err
		}
		return c.writeReady(struct {
			addresses
			Password string   `json:"password"`
			Accounts []string `json:"accounts"`
			Personal string   `json:"personal_link"`
			Campaign string   `json:"campaign_link"`
		}{at, d.password, d.logins(), links.personal, links.campaign})
	})
}

// demoPassword is 80 random bits in groups that can be typed.
func demoPassword() string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	s := strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
	return s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:]
}

// freePorts takes any free port for one of the usual ones that is taken.
func (c *demoCmd) freePorts() error {
	for _, a := range []*string{&c.Listen, &c.AdminListen} {
		l, err := net.Listen("tcp", *a)
		if errors.Is(err, syscall.EADDRINUSE) {
			host, _, err := net.SplitHostPort(*a)
			if err != nil {
				return err
			}
			*a = net.JoinHostPort(host, "0")
			continue
		}
		if err != nil {
			return err
		}
		if err := l.Close(); err != nil {
			return err
		}
	}
	return nil
}

// demo fills a store.
type demo struct {
	db       *data.DB
	log      *slog.Logger
	now      time.Time
	password string
	data     seed.DemoData
}

func (d *demo) fill(ctx context.Context, seedNumber uint64) error {
	w, err := seed.World()
	if err != nil {
		return err
	}
	accounts, err := auth.NewAccounts(d.db, time.Now, d.log)
	if err != nil {
		return err
	}
	// Hashing passwords takes the processor a while; the people are made meanwhile.
	made := make([]auth.Account, len(demoAccounts))
	failed := make([]error, len(demoAccounts))
	create := func(i int, mission tracker.ID) {
		a := demoAccounts[i]
		made[i], failed[i] = accounts.Create(ctx, auth.NewAccount{
			Login: a.login, Name: a.name, Password: d.password, Role: a.role, Mission: mission,
		}, system(""))
	}
	create(0, tracker.ID{})
	create(1, tracker.ID{})
	if err := errors.Join(failed[:2]...); err != nil {
		return err
	}
	d.data, err = seed.Demo(w, seed.DemoOptions{Now: d.now, Seed: seedNumber, Analyst: made[0].ID, Second: made[1].ID})
	if err != nil {
		return err
	}
	twins(&d.data)
	_, err = d.db.Import(ctx, data.ImportOptions{Audit: system("demo.fill")}, func(yield func(*tracker.Rows) error) error {
		return yield(&d.data.Base)
	})
	if err != nil {
		return fmt.Errorf("store the demo's people: %w", err)
	}
	var wg sync.WaitGroup
	for i := 2; i < len(demoAccounts); i++ {
		var mission tracker.ID
		for _, m := range d.data.Base.Missions {
			if m.Code == demoAccounts[i].mission {
				mission = m.ID
			}
		}
		wg.Go(func() { create(i, mission) })
	}
	wg.Wait()
	return errors.Join(failed...)
}

func (d *demo) drawZones(ctx context.Context) error {
	_, err := d.db.Commit(ctx, &tracker.Write{Rows: tracker.Rows{Zones: d.data.Zones}, Audit: system("demo.zones")})
	if err != nil {
		return fmt.Errorf("store the demo's zones: %w", err)
	}
	return nil
}

// system is an audit record of what the program itself does.
func system(action string) tracker.Audit {
	return tracker.Audit{Role: "system", Action: action, Object: "demo"}
}

type demoLinks struct{ personal, campaign string }

// links makes a link of somebody's own, and one for a poster in Dubai's airport.
func (d *demo) links(ctx context.Context, base string) (out demoLinks, err error) {
	crisis := d.data.Base.Crises[0].ID
	link := func(l auth.Link, secret string) (string, error) {
		l.ID, l.Crisis, l.Code = tracker.NewID(), crisis, auth.NewLinkCode()
		l.CreatedAt = time.Now().UTC().Truncate(time.Microsecond)
		l.ExpiresAt = l.CreatedAt.Add(30 * 24 * time.Hour)
		if err := d.db.CreateLink(ctx, l, system("link.create")); err != nil {
			return "", fmt.Errorf("make a demo link: %w", err)
		}
		return l.Address(base, secret), nil
	}
	secret, hash := auth.NewToken()
	person := d.data.Base.People[0]
	out.personal, err = link(auth.Link{SecretHash: hash, HasSecret: true, Person: person.ID, Label: "demo: personal"}, secret)
	if err != nil {
		return out, err
	}
	out.campaign, err = link(auth.Link{Airport: "DXB", Label: "demo: poster in Dubai"}, "")
	return out, err
}

func (d *demo) logins() []string {
	var ls []string
	for _, a := range demoAccounts {
		ls = append(ls, a.login)
	}
	return ls
}

func (d *demo) print(out io.Writer, at addresses, links demoLinks) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\nAman demo: %s\n\nEverything in it is invented. It is gone when you stop it (Ctrl-C).\nPassword of every account: %s\n\n", at.URL, d.password)
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "login\trole\tmission\t")
	for _, a := range demoAccounts {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", a.login, a.role, a.mission, a.note)
	}
	_ = t.Flush() // into memory
	fmt.Fprintf(&b, "\nA citizen's own link:      %s\nA poster in Dubai airport: %s\n\n", links.personal, links.campaign)
	if _, err := io.WriteString(out, b.String()); err != nil {
		return fmt.Errorf("print the demo's address: %w", err)
	}
	return nil
}
