package storetest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/lib/pq" // the driver, for making databases
)

// Postgres returns the URL of an empty database of the test's own on a real
// server: that of AMAN_TEST_POSTGRES_URL, else one that the first call in a
// test process starts on 127.0.0.1 and StopPostgres ends. Without server
// programs the test is skipped, and fails where CI=true.
func Postgres(t testing.TB) string {
	t.Helper()
	base := os.Getenv("AMAN_TEST_POSTGRES_URL")
	if base == "" {
		s, err := server()
		if errors.Is(err, errNoPostgres) && os.Getenv("CI") != "true" {
			t.Skip("no Postgres server programs: install the package postgresql, or set AMAN_TEST_POSTGRES_URL")
		}
		if err != nil {
			t.Fatalf("start Postgres: %v", err)
		}
		base = s.url
	}
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal("AMAN_TEST_POSTGRES_URL can't be read")
	}
	name := fmt.Sprintf("aman_test_%d_%d", os.Getpid(), databases.Add(1))
	administer(t, base, `CREATE DATABASE `+name+` ENCODING 'UTF8' TEMPLATE template0`)
	t.Cleanup(func() { administer(t, base, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`) })
	u.Path = "/" + name
	return u.String()
}

var databases atomic.Int64

func administer(t testing.TB, base, statement string) {
	t.Helper()
	db, err := sql.Open("postgres", base)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Errorf("%s: %v", statement, err)
	}
}

var errNoPostgres = errors.New("no Postgres server programs found")

// postgresServer is one cluster in a temporary directory.
type postgresServer struct {
	url string
	dir string
	cmd *exec.Cmd
	// gone is closed when the server has ended.
	gone chan struct{}
}

var (
	serverOnce sync.Once
	running    *postgresServer
	serverErr  error
)

func server() (*postgresServer, error) {
	// Tests are about what the program does, not the disk: no fsync.
	serverOnce.Do(func() {
		running, serverErr = startPostgres("fsync=off", "full_page_writes=off", "max_connections=400", "deadlock_timeout=200ms")
	})
	return running, serverErr
}

// StopPostgres stops the server that Postgres started, if any. A package whose
// tests use Postgres calls it at the end of its TestMain; a test process that
// dies without it takes the server along.
func StopPostgres() {
	if running != nil {
		running.stop()
	}
}

// Main is a TestMain that stops the server after the tests.
func Main(m *testing.M) {
	code := m.Run()
	StopPostgres()
	os.Exit(code)
}

// DurablePostgres starts a server of the test's own that keeps what it acknowledges, as
// one does that nobody has set up: Postgres' defaults but for the address. It returns the
// URL of an empty database there, and how much processor time the server's processes
// have used.
func DurablePostgres(t testing.TB) (url string, cpu func() time.Duration) {
	t.Helper()
	s, err := startPostgres()
	if err != nil {
		t.Fatalf("start Postgres: %v", err)
	}
	t.Cleanup(s.stop)
	return s.url, func() time.Duration { return processTime(s.cmd.Process.Pid) }
}

func startPostgres(settings ...string) (_ *postgresServer, err error) {
	bin, err := postgresBin()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "aman-postgres-")
	if err != nil {
		return nil, err
	}
	s := &postgresServer{dir: dir, gone: make(chan struct{})}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	// Postgres refuses to run as root: it then runs as an ordinary user.
	var as *syscall.Credential
	if os.Geteuid() == 0 {
		if as, err = ordinaryUser(); err != nil {
			return nil, err
		}
		if err := os.Chown(dir, int(as.Uid), int(as.Gid)); err != nil {
			return nil, err
		}
	}
	cluster := filepath.Join(dir, "cluster")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", cluster, "-U", "aman", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = dir, &syscall.SysProcAttr{Credential: as}
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	args := []string{"-D", cluster, "-p", strconv.Itoa(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="}
	for _, x := range settings {
		args = append(args, "-c", x)
	}
	s.cmd = exec.Command(filepath.Join(bin, "postgres"), args...)
	var log bytes.Buffer
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = dir, &log, &log
	// A session of its own keeps the terminal's Ctrl-C from ending it before the tests.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as, Setsid: true}
	dieWithParent(s.cmd.SysProcAttr)
	started := make(chan error)
	go func() {
		// The server dies with the thread that started it, so that thread stays.
		runtime.LockOSThread()
		defer close(s.gone)
		err := s.cmd.Start()
		started <- err
		if err == nil {
			_ = s.cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	s.url = fmt.Sprintf("postgres://aman@127.0.0.1:%d/postgres?sslmode=disable", port)
	if err := s.await(); err != nil {
		s.stop()
		return nil, fmt.Errorf("%w: %s", err, log.Bytes())
	}
	return s, nil
}

// await waits until the server answers.
func (s *postgresServer) await() error {
	db, err := sql.Open("postgres", s.url)
	if err != nil {
		return err
	}
	defer db.Close()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		err := db.PingContext(ctx)
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-s.gone:
			return errors.New("the server ended at once")
		default:
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the server doesn't answer: %w", err)
		}
	}
}

// stop ends the server, at once if need be, and removes its files.
func (s *postgresServer) stop() {
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Signal(syscall.SIGINT) // fast shutdown: ends sessions
		select {
		case <-s.gone:
		case <-time.After(10 * time.Second):
			_ = s.cmd.Process.Signal(syscall.SIGQUIT)
			select {
			case <-s.gone:
			case <-time.After(5 * time.Second):
				_ = s.cmd.Process.Kill()
				<-s.gone
			}
		}
	}
	_ = os.RemoveAll(s.dir)
}

// postgresBin finds the server's programs: on the path, or where Debian keeps
// them, the newest version first.
func postgresBin() (string, error) {
	dirs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	slices.SortFunc(dirs, func(a, b string) int { return debianVersion(b) - debianVersion(a) })
	if p, err := exec.LookPath("initdb"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			dirs = append(dirs, filepath.Dir(p))
		}
	}
	for _, d := range dirs {
		_, errInit := os.Stat(filepath.Join(d, "initdb"))
		_, errServer := os.Stat(filepath.Join(d, "postgres"))
		if errInit == nil && errServer == nil {
			return d, nil
		}
	}
	return "", errNoPostgres
}

func debianVersion(dir string) int {
	n, _ := strconv.Atoi(strings.Split(dir, "/")[4])
	return n
}

func ordinaryUser() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errU := strconv.ParseUint(u.Uid, 10, 32)
		gid, errG := strconv.ParseUint(u.Gid, 10, 32)
		if errU == nil && errG == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("running as root, and there is no user postgres or nobody to run the server as")
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
