// Package api is the HTTP server: the contract of openapi.yaml behind Echo, the
// console's files and the citizens' pages. Handlers return errors; errors.go
// turns them into answers. It knows the store only through interfaces.
package api

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"aman/api/auth"
	"aman/api/intake"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// Limits bound what one caller may ask. Zero values mean the defaults.
type Limits struct {
	// PerActor is requests a second of one account or key, in the long run; twice
	// as many at once. Default 2,000.
	PerActor float64
	// PerLink is reports a second of one campaign's link, in the long run, and
	// twenty times that at once: its poster hangs in a hall with a thousand people.
	// Default 50. A personal link has a bound of its own.
	PerLink float64
	// PerAddress is a high ceiling of requests a second without an account from
	// one address: whole camps sit behind one. Default 500.
	PerAddress float64
	// PerProvider is the ceiling of what a messenger or gateway delivers, for all its
	// users, from one address. Default 5,000.
	PerProvider float64
}

// Options is what New needs. Tracker, Store and PublicURL are required.
type Options struct {
	Tracker *tracker.Tracker
	Store   Store
	// PublicURL is how browsers reach the service. With https the session cookie is
	// __Host-aman and Secure; plain http is for this machine only (127.0.0.1,
	// localhost), where the cookie is called aman.
	PublicURL string
	Logger    *slog.Logger
	Now       func() time.Time
	// Catalogue returns the texts of a language ("kk", "ru", "en") for the pages
	// that the server writes itself.
	Catalogue func(lang string) map[string]string
	// StoreStats tells /metrics how the store does; nil: nothing is told of it.
	StoreStats func() StoreStats
	// Dist holds the built front end; index.html is the console.
	Dist fs.FS
	// Basemap is the offline map of the world, TopoJSON.
	Basemap []byte
	Limits  Limits
	// SMSNumber takes reports by SMS and is shown to citizens, as it is dialled;
	// empty: there is none.
	SMSNumber string
	// Telegram and WhatsApp are messengers that people write in; zero values are off.
	// RunMessengers must run for them.
	Telegram TelegramOptions
	WhatsApp WhatsAppOptions
	// SMSGateways deliver text messages; none: the channel is off.
	SMSGateways []intake.SMSGateway
	// Tracking lets tracking apps send; off by default: a phone that is searched shows
	// such an app.
	Tracking bool
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
}

// Server answers HTTP. Make it with New; it is safe for concurrent use.
type Server struct {
	tracker   *tracker.Tracker
	store     Store
	accounts  *auth.Accounts
	log       *slog.Logger
	now       func() time.Time
	public    *url.URL
	catalogue func(string) map[string]string
	dist      fs.FS

	registry *auth.Registry
	contract map[string]*operation
	cookie   cookieForm
	origin   *http.CrossOriginProtection
	limits   throttles
	metrics  *metrics
	promReg  *prometheus.Registry
	echo     *echo.Echo
	authors  authorNames
	open     openStreams
	citizens *linkPages
	doors    doorLocks
	telegram *telegramChannel // nil: off
	whatsApp *whatsAppChannel // nil: off
	sms      *smsChannel
	trackers *trackers
	replies  *replyDesk
	// outbox gets a value when there is a message to send.
	outbox chan struct{}
	// matching holds a value while a part of an answer to matchPoints is worked out.
	matching chan struct{}

	// closing is closed by Shutdown: streams end.
	closing   chan struct{}
	closeOnce sync.Once
}

type throttles struct{ actor, link, address, provider *auth.Throttle }

// route is a declared route with what answers it.
type route struct {
	auth.Route
	handle echo.HandlerFunc
}

// New checks the options, registers every route and refuses to start when one is
// not declared with its permission and scope, or declared and not there.
func New(o Options) (*Server, error) {
	if o.Tracker == nil || o.Store == nil {
		return nil, errors.New("tracker and store are required")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Catalogue == nil {
		o.Catalogue = func(string) map[string]string { return nil }
	}
	public, err := url.Parse(o.PublicURL)
	if err != nil || public.Host == "" || public.Scheme != "http" && public.Scheme != "https" {
		return nil, fmt.Errorf("public address %q is not like https://aman.example.org", o.PublicURL)
	}
	accounts, err := auth.NewAccounts(o.Store, o.Now, o.Logger)
	if err != nil {
		return nil, err
	}
	contract, err := compileContract()
	if err != nil {
		return nil, err
	}
	s := &Server{
		tracker: o.Tracker, store: o.Store, accounts: accounts, log: o.Logger, now: o.Now, public: public,
		catalogue: o.Catalogue, dist: o.Dist, contract: contract, cookie: cookieFor(public),
		origin: http.NewCrossOriginProtection(), limits: newThrottles(o.Limits),
		matching: make(chan struct{}, 1), closing: make(chan struct{}),
	}
	if err := s.origin.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
		return nil, fmt.Errorf("trust public address: %w", err)
	}
	s.promReg = prometheus.NewRegistry()
	s.metrics = newMetrics(s.promReg, o.Tracker, o.Now, o.StoreStats)
	if err := s.openChannels(o); err != nil {
		return nil, err
	}
	if err := s.route(o); err != nil {
		return nil, err
	}
	return s, nil
}

// route builds the router and holds it against the registry.
func (s *Server) route(o Options) error {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Logger.SetLevel(7) // off: errors go through slog
	e.HTTPErrorHandler = s.writeError
	e.Binder = binder{}
	e.IPExtractor = addressExtractor(o.TrustedProxies)
	s.echo = e

	e.Use(s.observe, s.recovered, s.headers, s.compress(), s.gate)
	openapi.RegisterHandlers(e, openapi.NewStrictHandler(s, nil))
	declared := append([]auth.Route{}, apiRoutes...)
	files, err := s.fileRoutes(o)
	if err != nil {
		return err
	}
	for _, r := range slices.Concat(files, s.pageRoutes(o), s.channelRoutes()) {
		e.Add(r.Method, r.Path, r.handle)
		declared = append(declared, r.Route)
	}
	if s.registry, err = auth.NewRegistry(declared...); err != nil {
		return fmt.Errorf("declare routes: %w", err)
	}
	if err := checkContract(s.contract, s.registry); err != nil {
		return fmt.Errorf("check contract: %w", err)
	}
	var served []string
	for _, r := range e.Routes() {
		served = append(served, r.Method+" "+r.Path)
	}
	if err := s.registry.Check(served); err != nil {
		return fmt.Errorf("check routes: %w", err)
	}
	return nil
}

// Handler answers the public listener.
func (s *Server) Handler() http.Handler { return s.echo }

// Registry is the list of all routes, for tests and documentation.
func (s *Server) Registry() *auth.Registry { return s.registry }

// Metrics lets the program add its own collectors to /metrics.
func (s *Server) Metrics() prometheus.Registerer { return s.promReg }

// Shutdown ends all event streams at once, so that http.Server.Shutdown need not
// wait for them. It is idempotent.
func (s *Server) Shutdown() { s.closeOnce.Do(func() { close(s.closing) }) }

func newThrottles(l Limits) throttles {
	or := func(x, d float64) float64 {
		if x > 0 {
			return x
		}
		return d
	}
	const remembered = 100_000
	actor, link, address := or(l.PerActor, 2000), or(l.PerLink, 50), or(l.PerAddress, 500)
	provider := or(l.PerProvider, 5000)
	return throttles{
		actor:   auth.NewThrottle(actor, 2*actor, remembered),
		link:    auth.NewThrottle(link, 20*link, remembered),
		address: auth.NewThrottle(address, 2*address, remembered),

		provider: auth.NewThrottle(provider, 2*provider, remembered),
	}
}
