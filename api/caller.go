package api

import (
	"context"

	"github.com/labstack/echo/v4"

	"aman/api/auth"
	"aman/geo/tracker"
)

// call is what the gate has found out about a request; it travels in its context.
type call struct {
	auth.Principal
	route auth.Route
	op    *operation // nil for what isn't in the contract
	// body is the whole body of a contract operation, checked.
	body      []byte
	requestID string
	// address is the caller's, as far as proxies may be believed.
	address string
}

type callKey struct{}

// callOf returns what the gate found out. Every handler runs behind the gate.
func callOf(ctx context.Context) *call {
	c, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		panic("a handler ran without the gate: the router and the registry disagree")
	}
	return c
}

func requestID(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }

// actor is the caller as the core knows them.
func (c *call) actor() tracker.Actor { return c.Principal.Actor() }

// view is the picture now, as far as the caller may see it.
func (s *Server) view(ctx context.Context) tracker.View {
	return s.tracker.Snapshot().View(callOf(ctx).Scope(), s.now())
}

// crisis finds the crisis of a request; without a slug the default one.
func (s *Server) crisis(v tracker.View, slug *string) (tracker.Crisis, error) {
	name := ""
	if slug != nil {
		name = *slug
	}
	c, ok := v.Snapshot().Crisis(name)
	if !ok {
		return c, refuseField(404, "not_found", "crisis", "There is no such crisis.")
	}
	return c, nil
}

// settle waits, up to a second, until the live picture holds a commit, so that
// callers read what they wrote. The commit is durable either way.
func (s *Server) settle(ctx context.Context, seq int64) {
	if seq <= 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, settleFor)
	defer cancel()
	_ = s.tracker.Wait(ctx, seq) // late is late: the stream will tell
}
