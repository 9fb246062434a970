package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"aman/api"
	"aman/data"
	"aman/data/seed"
	"aman/geo/tracker"
	"aman/web"
)

type serveCmd struct {
	storeFlags
	listenFlags
}

// listenFlags say how the service is reached.
type listenFlags struct {
	messengerFlags
	deviceFlags
	Listen         string         `env:"AMAN_LISTEN" default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"Address of the service (default: 127.0.0.1:8080)."`
	AdminListen    string         `env:"AMAN_ADMIN_LISTEN" default:"127.0.0.1:8081" placeholder:"ADDRESS" help:"Loopback address of /livez, /readyz and /metrics (default: 127.0.0.1:8081)."`
	PublicURL      string         `env:"AMAN_PUBLIC_URL" placeholder:"URL" help:"How browsers reach the service, e.g. https://aman.example.org (default: the address it listens on)."`
	TrustedProxies []netip.Prefix `env:"AMAN_TRUSTED_PROXIES" placeholder:"CIDR,…" help:"Networks whose X-Forwarded-For is believed."`
	ReadyFile      string         `type:"path" placeholder:"FILE" help:"Write the addresses to this file (JSON) once the service is ready."`
}

// drainFor bounds what requests under way may take after SIGTERM; with what is
// closed after them the process ends within ten seconds.
const drainFor = 8 * time.Second

// Run serves until ctx ends.
func (c *serveCmd) Run(ctx context.Context) (err error) {
	// The live picture of a million people is a gigabyte that hardly changes. By
	// Go's habit of collecting when the heap has doubled, the peak would be two.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(60)
	}
	log := c.logger()
	began := time.Now()
	db, err := c.open(ctx, log)
	if err != nil {
		return err
	}
	defer closing(db, &err)
	ref, err := readReference(ctx, db)
	if err != nil {
		return err
	}
	made, err := ensureCrisis(ctx, db, &ref, time.Now())
	if err != nil {
		return err
	}
	if made {
		log.InfoContext(ctx, "no crisis was there: created the default one", "crisis", "default")
	}
	accounts, err := db.Accounts(ctx)
	if err != nil {
		return fmt.Errorf("list accounts: %w", err)
	}
	if len(accounts) == 0 {
		log.WarnContext(ctx, "nobody can sign in yet: run `aman user add LOGIN --role admin` with the same settings")
	}
	return c.serve(ctx, log, db, func(at addresses) error {
		log.InfoContext(ctx, "ready", "url", at.URL, "admin_url", at.AdminURL, "database", db.Dialect(), "took_ms", time.Since(began).Milliseconds())
		return c.writeReady(at)
	})
}

// addresses are where a service is reached.
type addresses struct {
	URL      string `json:"url"`
	AdminURL string `json:"admin_url"`
}

// writeReady makes the ready file whole or not at all.
func (f *listenFlags) writeReady(content any) error {
	if f.ReadyFile == "" {
		return nil
	}
	text, err := json.Marshal(content)
	if err != nil {
		return fmt.Errorf("write ready file: %w", err)
	}
	part := filepath.Join(filepath.Dir(f.ReadyFile), "."+filepath.Base(f.ReadyFile)+".part")
	if err := os.WriteFile(part, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write ready file: %w", err)
	}
	if err := os.Rename(part, f.ReadyFile); err != nil {
		return fmt.Errorf("write ready file: %w", err)
	}
	return nil
}

// serve listens, loads the live picture, calls ready, and serves until ctx ends
// or something breaks. The caller keeps the store.
func (f *listenFlags) serve(ctx context.Context, log *slog.Logger, db *data.DB, ready func(addresses) error) error {
	world, err := seed.World()
	if err != nil {
		return err
	}
	public, admin, err := f.listeners(ctx)
	if err != nil {
		return err
	}
	defer public.Close()
	defer admin.Close()
	at := addresses{URL: f.PublicURL, AdminURL: "http://" + admin.Addr().String()}
	if at.URL == "" {
		if at.URL, err = addressOf(public); err != nil {
			return err
		}
	}
	gateways, err := f.gateways()
	if err != nil {
		return err
	}
	t := tracker.New(db, world, tracker.Options{Logger: log})
	server, err := api.New(api.Options{
		Tracker: t, Store: db, PublicURL: at.URL, Logger: log, Catalogue: web.Catalogue, Dist: web.Dist(),
		Basemap: seed.Basemap(), TrustedProxies: f.TrustedProxies,
		Telegram: f.telegram(), WhatsApp: f.whatsApp(), SMSGateways: gateways, SMSNumber: f.SMSNumber, Tracking: f.Tracking == "on",
		StoreStats: func() api.StoreStats { return api.StoreStats(db.Stats()) },
	})
	if err != nil {
		return err
	}
	// Probes are answered from the start; people once the picture is there.
	adminServer := httpServer(server.Admin(), log)
	publicServer := httpServer(server.Handler(), log)
	broken := make(chan error, 2)
	var running sync.WaitGroup
	defer running.Wait()
	listen := func(s *http.Server, l net.Listener) {
		running.Go(func() {
			if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				broken <- fmt.Errorf("serve on %s: %w", l.Addr(), err)
			}
		})
	}
	listen(adminServer, admin)
	defer adminServer.Close()
	if err := t.Start(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // told to stop before it was ready
		}
		return err
	}
	following, stopFollowing := context.WithCancel(context.WithoutCancel(ctx))
	defer stopFollowing()
	running.Go(func() {
		if err := t.Run(following); err != nil {
			broken <- fmt.Errorf("follow the change feed: %w", err)
		}
	})
	// They stop before the store does, and after what is under way has been answered.
	running.Go(func() { server.RunMessengers(following) })
	listen(publicServer, public)
	defer publicServer.Close()
	if err := ready(at); err != nil {
		return err
	}
	select {
	case err = <-broken:
	case <-ctx.Done():
	}
	log.InfoContext(ctx, "stopping")
	server.Shutdown() // not ready any more, and streams end
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainFor)
	defer cancel()
	if e := publicServer.Shutdown(drain); e != nil {
		log.WarnContext(ctx, "requests were cut off", "error", e)
	}
	return err
}

// httpServer has no limit on how long an answer takes: streams go on for hours.
// What is slow to send, or never ends, is api's to stop.
func httpServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

func (f *listenFlags) listeners(ctx context.Context) (public, admin net.Listener, err error) {
	host, _, err := net.SplitHostPort(f.AdminListen)
	if err != nil {
		return nil, nil, fmt.Errorf("admin address %q: %w", f.AdminListen, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, nil, fmt.Errorf("admin address %q is not a loopback address: it has no accounts", f.AdminListen)
	}
	var lc net.ListenConfig
	if public, err = lc.Listen(ctx, "tcp", f.Listen); err != nil {
		return nil, nil, err
	}
	if admin, err = lc.Listen(ctx, "tcp", f.AdminListen); err != nil {
		public.Close()
		return nil, nil, err
	}
	return public, admin, nil
}

// addressOf is the URL of a listener that nobody gave a public one.
func addressOf(l net.Listener) (string, error) {
	a, err := netip.ParseAddrPort(l.Addr().String())
	if err != nil {
		return "", fmt.Errorf("listen on %s: %w", l.Addr(), err)
	}
	if a.Addr().IsUnspecified() {
		return "", fmt.Errorf("AMAN_PUBLIC_URL is needed when listening on all addresses: links and cookies are made from it")
	}
	return "http://" + strings.TrimSuffix(a.String(), ":80"), nil
}
