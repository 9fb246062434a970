package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"aman/api/auth"
	"aman/api/intake"
	"aman/api/openapi"
	"aman/geo"
	"aman/geo/tracker"
)

// refusal is an error that the HTTP side itself finds: a status, a stable code,
// and where.
type refusal struct {
	status       int
	code, detail string
	field        string
	retry        time.Duration
}

func (r *refusal) Error() string { return r.code + ": " + r.detail }

func refuse(status int, code, detail string) error {
	return &refusal{status: status, code: code, detail: detail}
}

func refuseField(status int, code, field, detail string) error {
	return &refusal{status: status, code: code, field: field, detail: detail}
}

// kinds maps the core's kinds of error to HTTP, in this order.
var kinds = []struct {
	err    error
	status int
	code   string
	detail string // empty: the error's own words
	retry  time.Duration
}{
	{auth.ErrUnauthorized, http.StatusUnauthorized, "unauthorized", "Sign in first.", 0},
	{tracker.ErrForbidden, http.StatusForbidden, "forbidden", "", 0},
	{tracker.ErrNotFound, http.StatusNotFound, "not_found", "There is no such thing here.", 0},
	{tracker.ErrKeyReused, http.StatusUnprocessableEntity, "idempotency_key_reused", "This Idempotency-Key came with another body before.", 0},
	{tracker.ErrConflict, http.StatusConflict, "conflict", "Somebody changed it at the same time. Load it again.", 0},
	{tracker.ErrInvalid, http.StatusUnprocessableEntity, "invalid", "", 0},
	{tracker.ErrUnavailable, http.StatusServiceUnavailable, "unavailable", "It could not be stored now; nothing was kept. Try again.", 2 * time.Second},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "timeout", "It took too long. Try again.", 2 * time.Second},
}

// problemOf is the one table from errors to answers. Errors that it doesn't know
// become 500 without a word of what happened.
func problemOf(err error) (p openapi.Problem, retry time.Duration) {
	var (
		rf  *refusal
		ln  *intake.LineError
		sy  *intake.SyntaxError
		sh  *geo.ShapeError
		fe  *tracker.FieldError
		hd  *tracker.HeldError
		sd  *auth.SlowDownError
		mb  *http.MaxBytesError
		he  *echo.HTTPError
		say = func(status int, code, field, detail string) {
			p = openapi.Problem{Status: status, Code: code}
			if field != "" {
				p.Field = &field
			}
			if detail != "" {
				p.Detail = &detail
			}
		}
	)
	switch {
	case errors.As(err, &rf):
		say(rf.status, rf.code, rf.field, rf.detail)
		retry = rf.retry
	case errors.As(err, &ln):
		p, retry = problemOf(ln.Err)
		p.Line = &ln.Line
	case errors.As(err, &sy):
		say(http.StatusBadRequest, sy.Code, "", sy.Error())
	case errors.As(err, &sh):
		say(http.StatusUnprocessableEntity, sh.Rule, sh.Path, sh.Error())
		if sh.Near != nil && !math.IsNaN(sh.Near[0]) && !math.IsNaN(sh.Near[1]) && !math.IsInf(sh.Near[0], 0) && !math.IsInf(sh.Near[1], 0) {
			p.Near = &[]float64{sh.Near[0], sh.Near[1]}
		}
	case errors.As(err, &fe):
		say(http.StatusUnprocessableEntity, fe.Code, fe.Field, fe.Detail)
	case errors.As(err, &hd):
		say(http.StatusConflict, "already_held", hd.Field, "Somebody with this number is held already; look them up.")
	case errors.As(err, &sd):
		say(http.StatusTooManyRequests, "too_many_requests", "", "Too many attempts. Wait a little.")
		retry = sd.Retry
	case errors.As(err, &mb):
		say(http.StatusRequestEntityTooLarge, "body_too_large", "", "The body has more than "+strconv.FormatInt(mb.Limit, 10)+" bytes.")
	case errors.As(err, &he):
		say(he.Code, codeOf(he.Code), "", "")
	default:
		say(http.StatusInternalServerError, "internal", "", "Something went wrong here. Give the request_id when you report it.")
		for _, k := range kinds {
			if !errors.Is(err, k.err) {
				continue
			}
			detail := k.detail
			if detail == "" {
				detail = err.Error()
			}
			say(k.status, k.code, "", detail)
			retry = k.retry
			break
		}
	}
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	return p, retry
}

// codeOf is the stable code of a bare status.
func codeOf(status int) string {
	switch status {
	case http.StatusNotFound:
		return "not_found"
	case http.StatusMethodNotAllowed:
		return "method_not_allowed"
	case http.StatusUnsupportedMediaType:
		return "unsupported_media_type"
	case http.StatusRequestEntityTooLarge:
		return "body_too_large"
	case http.StatusBadRequest:
		return "bad_request"
	default:
		return "http_" + strconv.Itoa(status)
	}
}

// writeError is the only place that answers and logs errors.
func (s *Server) writeError(err error, c echo.Context) {
	id := requestID(c)
	p, retry := problemOf(err)
	s.metrics.refused(p.Status)
	if p.Status >= http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		s.log.ErrorContext(c.Request().Context(), "request failed",
			slog.String("route", c.Path()), slog.Int("status", p.Status), slog.String("request_id", id), slog.Any("error", err))
	}
	if c.Response().Committed {
		return // too late to say it; the access log has the status that was sent
	}
	if id != "" {
		p.RequestId = &id
	}
	h := c.Response().Header()
	if retry > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(retry.Seconds()))))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="aman"`)
	}
	body, jerr := json.Marshal(p)
	if jerr != nil {
		body = []byte(`{"type":"about:blank","title":"Internal Server Error","status":500,"code":"internal"}`)
	}
	h.Del("ETag")
	h.Set("Content-Type", "application/problem+json")
	c.Response().WriteHeader(p.Status)
	if c.Request().Method != http.MethodHead {
		_, _ = c.Response().Write(body) // the caller has gone: nobody is left to tell
	}
}
