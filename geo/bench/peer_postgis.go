package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	_ "github.com/lib/pq" // the driver
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
)

// postgis is a PostGIS of this run's own: a cluster in a temporary directory, on a socket in it, without parallel
// queries. It is started when first asked for. One connection serves all, so that one process' CPU time is all.
type postgis struct {
	once sync.Once
	err  error // why there is none

	mu   sync.Mutex // guards what follows, against an interrupt
	dir  string
	cmd  *exec.Cmd
	gone bool

	db   *sql.DB
	conn *sql.Conn
	pid  int // of the connection's process

	asked int // points in the table asked
}

// start makes the cluster, the first time; the error is errMissing without Postgres or PostGIS.
func (g *postgis) start() error {
	g.once.Do(func() {
		if g.err = g.launch(); g.err != nil {
			g.stop()
		}
	})
	return g.err
}

func (g *postgis) launch() error {
	bin, err := serverPrograms()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "aman-bench-")
	if err != nil {
		return err
	}
	g.mu.Lock()
	g.dir = dir
	g.mu.Unlock()
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT, Setsid: true}
	if os.Geteuid() == 0 { // Postgres refuses to be root
		if attr.Credential, err = otherUser(); err != nil {
			return err
		}
		if err := os.Chown(dir, int(attr.Credential.Uid), int(attr.Credential.Gid)); err != nil {
			return err
		}
	}
	cluster := filepath.Join(dir, "cluster")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", cluster, "-U", "aman", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = dir, attr
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	cmd := exec.Command(filepath.Join(bin, "postgres"), "-D", cluster, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "full_page_writes=off", "-c", "max_wal_size=8GB", "-c", "shared_buffers=2GB", "-c", "work_mem=256MB", "-c", "maintenance_work_mem=1GB",
		"-c", "max_parallel_workers_per_gather=0", "-c", "max_parallel_maintenance_workers=0", "-c", "jit=off", "-c", "autovacuum=off")
	var log bytes.Buffer
	cmd.Dir, cmd.SysProcAttr, cmd.Stdout, cmd.Stderr = dir, attr, &log, &log
	g.mu.Lock()
	err = cmd.Start()
	g.cmd = cmd
	g.mu.Unlock()
	if err != nil {
		return err
	}
	if err := g.connect("host=" + dir + " user=aman dbname=postgres sslmode=disable"); err != nil {
		return fmt.Errorf("connect to Postgres: %w", err)
	}
	var available bool
	if err := g.conn.QueryRowContext(context.Background(), `SELECT count(*) > 0 FROM pg_available_extensions WHERE name = 'postgis'`).Scan(&available); err != nil {
		return err
	}
	if !available {
		return errMissing
	}
	return g.exec(`CREATE EXTENSION postgis`)
}

func (g *postgis) connect(url string) error {
	var err error
	if g.db, err = sql.Open("postgres", url); err != nil {
		return err
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if g.conn, err = g.db.Conn(context.Background()); err == nil {
			return g.conn.QueryRowContext(context.Background(), `SELECT pg_backend_pid()`).Scan(&g.pid)
		}
		if time.Now().After(deadline) {
			return err
		}
	}
}

// stop ends the server and removes its files. It may be called more than once, and from another goroutine.
func (g *postgis) stop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.gone {
		return
	}
	g.gone = true
	if g.cmd != nil && g.cmd.Process != nil {
		_ = g.cmd.Process.Signal(syscall.SIGQUIT) // at once: nothing in it is worth keeping
		_ = g.cmd.Wait()
	}
	if g.dir != "" {
		_ = os.RemoveAll(g.dir)
	}
}

func (g *postgis) exec(statements ...string) error {
	for _, s := range statements {
		if _, err := g.conn.ExecContext(context.Background(), s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// cpu returns the CPU time that the connection's process has used, in steps of a hundredth of a second.
func (g *postgis) cpu() (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", g.pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(b), ") ") // behind the program's name, which may hold anything
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("read the CPU time of process %d: %q", g.pid, b)
	}
	user, errU := strconv.ParseInt(fields[11], 10, 64)
	system, errS := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond, errors.Join(errU, errS)
}

// timed returns the server's CPU time for a query with one row and column, and that number.
func (g *postgis) timed(query string, args ...any) (time.Duration, int64, error) {
	before, err := g.cpu()
	if err != nil {
		return 0, 0, err
	}
	var n int64
	if err := g.conn.QueryRowContext(context.Background(), query, args...).Scan(&n); err != nil {
		return 0, 0, fmt.Errorf("%s: %w", query, err)
	}
	after, err := g.cpu()
	return after - before, n, err
}

// fill copies rows into a table.
func (g *postgis) fill(table, columns string, rows func(add func(values ...any) error) error) error {
	ctx := context.Background()
	tx, err := g.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	into, err := tx.PrepareContext(ctx, `COPY `+table+` (`+columns+`) FROM STDIN`)
	if err != nil {
		return err
	}
	if err := rows(func(values ...any) error { _, err := into.ExecContext(ctx, values...); return err }); err != nil {
		return fmt.Errorf("copy into %s: %w", table, err)
	}
	if _, err := into.ExecContext(ctx); err != nil {
		return fmt.Errorf("copy into %s: %w", table, err)
	}
	if err := into.Close(); err != nil {
		return err
	}
	return tx.Commit()
}

// fillZones makes the tables zones and parts (the zones in pieces), each with an index of places.
func (g *postgis) fillZones(zs []zone) error {
	err := g.exec(`DROP TABLE IF EXISTS zones, parts`, `CREATE UNLOGGED TABLE zones (id int, geom geometry)`)
	if err != nil {
		return err
	}
	err = g.fill("zones", "id, geom", func(add func(...any) error) error {
		for i, z := range zs {
			hex, err := wkb.MarshalToHex(z)
			if err != nil {
				return err
			}
			if err := add(i, hex); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return g.exec(
		`CREATE UNLOGGED TABLE parts AS SELECT id, ST_Subdivide(ST_MakeValid(geom), 64) AS geom FROM zones`,
		`CREATE INDEX ON zones USING gist (geom)`, `CREATE INDEX ON parts USING gist (geom)`, `VACUUM ANALYZE zones`, `VACUUM ANALYZE parts`)
}

// fillPoints makes a table of points, numbered as they come.
func (g *postgis) fillPoints(table string, pts []orb.Point) error {
	if err := g.exec(`DROP TABLE IF EXISTS raw, `+table, `CREATE UNLOGGED TABLE raw (id int, lon float8, lat float8)`); err != nil {
		return err
	}
	err := g.fill("raw", "id, lon, lat", func(add func(...any) error) error {
		for i, p := range pts {
			if err := add(i, p[0], p[1]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return g.exec(`CREATE UNLOGGED TABLE `+table+` AS SELECT id, ST_MakePoint(lon, lat) AS geom FROM raw`, `DROP TABLE raw`, `VACUUM ANALYZE `+table)
}

// The tables of zones: whole, as they are drawn, and in pieces.
const (
	plainZones      = "zones"
	subdividedZones = "parts"
)

// loader returns a way to have PostGIS answer which zones points are in, from one of the tables of zones.
func (g *postgis) loader(table string) func([]zone, []orb.Point) (contestant, error) {
	return func(zs []zone, pts []orb.Point) (contestant, error) {
		if err := g.start(); err != nil {
			return nil, err
		}
		if table == plainZones {
			if err := errors.Join(g.fillZones(zs), g.fillPoints("pts", pts)); err != nil {
				return nil, err
			}
			g.asked = 0
		}
		return &postgisPoints{server: g, join: `SELECT %s FROM asked p JOIN ` + table + ` z ON ST_Intersects(z.geom, p.geom)`}, nil
	}
}

// postgisPoints joins points with zones. The points have an index too, not on its time, and the planner may take
// which it likes.
type postgisPoints struct {
	server *postgis
	join   string // with a %s for what is selected
}

// ask makes the table asked of the first n points, where it isn't that already.
func (p *postgisPoints) ask(n int) error {
	g := p.server
	if g.asked == n {
		return nil
	}
	g.asked = n
	return g.exec(`DROP TABLE IF EXISTS asked`, `CREATE UNLOGGED TABLE asked AS SELECT * FROM pts WHERE id < `+strconv.Itoa(n),
		`CREATE INDEX ON asked USING gist (geom)`, `VACUUM ANALYZE asked`)
}

func (p *postgisPoints) run(n int) (time.Duration, error) {
	if err := p.ask(n); err != nil {
		return 0, err
	}
	d, _, err := p.server.timed(fmt.Sprintf(p.join, `count(*)`))
	return d, err
}

func (p *postgisPoints) answers(n int) (*answers, error) {
	if err := p.ask(n); err != nil {
		return nil, err
	}
	rows, err := p.server.conn.QueryContext(context.Background(), fmt.Sprintf(p.join, `p.id, z.id`)+` ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	a := new(answers)
	for rows.Next() {
		var point int
		var zone uint32
		if err := rows.Scan(&point, &zone); err != nil {
			return nil, err
		}
		for len(a.ends) < point {
			a.end()
		}
		a.ids = append(a.ids, zone)
	}
	for len(a.ends) < n {
		a.end()
	}
	return a, rows.Err()
}

func (p *postgisPoints) close() {}

// serverPrograms finds where Postgres' programs are: Debian keeps them off the path, by version.
func serverPrograms() (string, error) {
	dirs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	slices.Sort(dirs)
	slices.Reverse(dirs)
	if p, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(p))
	}
	for _, d := range dirs {
		if _, err := os.Stat(filepath.Join(d, "postgres")); !errors.Is(err, fs.ErrNotExist) {
			return d, nil
		}
	}
	return "", errMissing
}

func otherUser() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errU := strconv.ParseUint(u.Uid, 10, 32)
		gid, errG := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(errU, errG); err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("run as root, and there is no user postgres or nobody to run the server as")
}
