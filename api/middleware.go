package api

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// observe gives every request an id, logs it and counts it. Paths hold ids and
// link codes, queries hold filters: only the route's pattern is kept.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		var id [8]byte
		_, _ = rand.Read(id[:]) // never fails: it ends the program instead
		c.Response().Header().Set(echo.HeaderXRequestID, hex.EncodeToString(id[:]))
		start := time.Now()
		// A body that trickles in, or an answer that nobody takes, must not hold a
		// connection. Set for every request, for a connection keeps its deadlines.
		// Where the transport has none (a test's recorder) there is nothing to bound.
		rc := http.NewResponseController(c.Response())
		_ = rc.SetReadDeadline(start.Add(sendWithin))
		_ = rc.SetWriteDeadline(start.Add(sendWithin + answerWithin))
		err := next(c)
		if err != nil {
			c.Error(err) // answered here, so that the status below is the one sent
		}
		took := time.Since(start)
		pattern := "other"
		if s.registry.HasPath(c.Path()) {
			pattern = c.Path()
		}
		status := c.Response().Status
		s.metrics.observe(c.Request().Method, pattern, status, took)
		level := slog.LevelInfo
		if status < 400 && !strings.HasPrefix(pattern, "/api/") {
			level = slog.LevelDebug
		}
		actor := ""
		if in, ok := c.Request().Context().Value(callKey{}).(*call); ok && !in.ID.IsZero() {
			actor = in.ID.String()
		}
		s.log.LogAttrs(c.Request().Context(), level, "request",
			slog.String("method", knownMethod(c.Request().Method)), slog.String("route", pattern), slog.Int("status", status),
			slog.Int64("sent_bytes", c.Response().Size), slog.Float64("took_ms", float64(took.Microseconds())/1000),
			slog.String("actor", actor), slog.String("request_id", requestID(c)))
		return nil
	}
}

// recovered turns a panic into a 500 that says nothing; the log has the stack.
func (s *Server) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			r := recover()
			if r == nil {
				return
			}
			if e, ok := r.(error); ok && errors.Is(e, http.ErrAbortHandler) {
				panic(r)
			}
			s.log.ErrorContext(c.Request().Context(), "handler panicked", slog.String("route", c.Path()),
				slog.String("request_id", requestID(c)), slog.String("panic", panicText(r)), slog.String("stack", string(debug.Stack())))
			err = refuse(http.StatusInternalServerError, "internal", "Something went wrong here. Give the request_id when you report it.")
		}()
		return next(c)
	}
}

// The console and the API's page need images made on the fly (markers, icons, a
// canvas), and set styles through the CSSOM, which no policy forbids; nothing
// comes from elsewhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// headers sets what holds for every answer; pages that need another policy
// replace it.
func (s *Server) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "geolocation=(self), camera=(), microphone=(), payment=(), usb=()")
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Robots-Tag", "noindex")
		h.Set("Cache-Control", "no-store")
		if s.public.Scheme == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		return next(c)
	}
}

// compress shortens answers over a kilobyte; streams must not wait for more, and
// files are compressed already.
func (s *Server) compress() echo.MiddlewareFunc {
	return middleware.GzipWithConfig(middleware.GzipConfig{
		Level: 4, MinLength: 1024,
		Skipper: func(c echo.Context) bool {
			r, _ := s.registry.Lookup(c.Request().Method, c.Path())
			return streams[r.Operation] || strings.HasPrefix(r.Operation, fileOperation)
		},
	})
}

// knownMethod keeps what a client sends as a method out of logs and labels.
func knownMethod(m string) string {
	switch m {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return m
	default:
		return "other"
	}
}

// panicText says what panicked: the runtime's own errors in full, of anything
// else the type alone, for a value may hold a name or a place.
func panicText(r any) string {
	if e, ok := r.(runtime.Error); ok {
		return e.Error()
	}
	return fmt.Sprintf("%T", r)
}
