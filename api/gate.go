package api

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"aman/api/auth"
)

const (
	// answerWithin bounds a request, streams apart.
	answerWithin = 30 * time.Second
	// sendWithin bounds how long a body may take to arrive.
	sendWithin = 30 * time.Second
	// settleFor is how long a writer waits for the picture.
	settleFor = time.Second
)

// streams are the operations that go on until somebody hangs up.
var streams = map[string]bool{"streamEvents": true}

// gate lets a request through when its route is declared, the caller may call it
// and its parameters and body are as the contract says. Deny is the default:
// what the registry doesn't know has no handler to run.
func (s *Server) gate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, ok := s.registry.Lookup(c.Request().Method, c.Path())
		if !ok {
			return s.unknownRoute(c)
		}
		in := &call{route: r, op: s.contract[r.Operation], requestID: requestID(c), address: c.RealIP()}
		if err := s.admit(c, in); err != nil {
			var busy *auth.SlowDownError
			if pages[r.Operation] && errors.As(err, &busy) {
				return s.citizens.busy(c, err)
			}
			return err
		}
		if err := s.readRequest(c, in); err != nil {
			return err
		}
		ctx := context.WithValue(c.Request().Context(), callKey{}, in)
		if !streams[r.Operation] {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, answerWithin)
			defer cancel()
		}
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

func (s *Server) unknownRoute(c echo.Context) error {
	var allowed []string
	for _, m := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
		if _, ok := s.registry.Lookup(m, c.Path()); ok {
			allowed = append(allowed, m)
		}
	}
	if c.Path() == "" || len(allowed) == 0 {
		return refuse(http.StatusNotFound, "not_found", "There is no such page.")
	}
	c.Response().Header().Set("Allow", strings.Join(allowed, ", "))
	return refuse(http.StatusMethodNotAllowed, "method_not_allowed", "This takes "+strings.Join(allowed, ", ")+".")
}

// admit finds out who is calling and whether they may.
func (s *Server) admit(c echo.Context, in *call) error {
	if in.route.Permission == auth.Public {
		if in.route.Operation == "login" {
			if err := s.sameOrigin(c.Request()); err != nil {
				return err
			}
		}
		if providers[in.route.Operation] {
			return s.throttle(s.limits.provider, in.address)
		}
		return s.throttle(s.limits.address, in.address)
	}
	p, err := s.principal(c)
	if err != nil {
		return err
	}
	in.Principal = p
	if err := s.throttle(s.limits.actor, p.ID.String()); err != nil {
		return err
	}
	if !p.May(in.route.Permission) {
		s.log.WarnContext(c.Request().Context(), "request refused", "route", in.route.Operation,
			"actor", p.ID.String(), "role", p.Role.String(), "request_id", in.requestID)
		return refuse(http.StatusForbidden, "forbidden", "Your role may not do this.")
	}
	return nil
}

// principal reads an API key, or else the session cookie. A page of another
// origin can send the cookie, but nothing that changes anything.
func (s *Server) principal(c echo.Context) (auth.Principal, error) {
	req := c.Request()
	ctx := req.Context()
	if h := req.Header.Get("Authorization"); h != "" {
		token, ok := strings.CutPrefix(h, "Bearer ")
		if !ok {
			return auth.Principal{}, auth.ErrUnauthorized
		}
		return s.accounts.ByKey(ctx, strings.TrimSpace(token))
	}
	cookie, err := req.Cookie(s.cookie.name)
	if err != nil {
		return auth.Principal{}, auth.ErrUnauthorized
	}
	if err := s.sameOrigin(req); err != nil {
		return auth.Principal{}, err
	}
	return s.accounts.BySession(ctx, cookie.Value)
}

func (s *Server) sameOrigin(req *http.Request) error {
	if err := s.origin.Check(req); err != nil {
		return refuse(http.StatusForbidden, "cross_origin", "This came from a page of another site.")
	}
	return nil
}

func (s *Server) throttle(t *auth.Throttle, name string) error {
	if ok, retry := t.Allow(name, s.now()); !ok {
		return &auth.SlowDownError{Retry: retry}
	}
	return nil
}

// cookieForm is how the session cookie is called and whether it is Secure.
type cookieForm struct {
	name   string
	secure bool
}

// cookieFor chooses __Host-aman, which needs https, unless the service is only
// reached on this machine over plain http: Chromium takes Secure cookies there,
// other browsers and programs do not.
func cookieFor(public *url.URL) cookieForm {
	if public.Scheme == "http" {
		ip, err := netip.ParseAddr(public.Hostname())
		if public.Hostname() == "localhost" || err == nil && ip.IsLoopback() {
			return cookieForm{name: "aman"}
		}
	}
	return cookieForm{name: "__Host-aman", secure: true}
}

// set is the Set-Cookie value for a token; an empty token clears the cookie.
func (f cookieForm) set(token string) string {
	c := &http.Cookie{
		Name: f.name, Value: token, Path: "/", Secure: f.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		MaxAge: int(auth.Absolute.Seconds()),
	}
	if token == "" {
		c.MaxAge = -1
	}
	return c.String()
}

// addressExtractor reads the caller's address from the connection, or from
// X-Forwarded-For when the connection comes from a trusted proxy.
func addressExtractor(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range trusted {
		options = append(options, echo.TrustIPRange(&net.IPNet{
			IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}
