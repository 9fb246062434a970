package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"aman/api/openapi"
	"aman/geo/tracker"
)

const (
	// listedCallbacks bounds one answer.
	listedCallbacks = 500
	// searchedCallbacks is how many are looked through for those in scope.
	searchedCallbacks = 20_000
)

// ListCallbacks implements the contract's listCallbacks. Reading them is a read
// of people: it is audited, with how many, before it is answered.
func (s *Server) ListCallbacks(ctx context.Context, r openapi.ListCallbacksRequestObject) (openapi.ListCallbacksResponseObject, error) {
	v := s.view(ctx)
	c, err := s.crisis(v, r.Params.Crisis)
	if err != nil {
		return nil, err
	}
	all := r.Params.State != nil && *r.Params.State == openapi.ListCallbacksParamsStateAll
	cs, err := s.store.Callbacks(ctx, c.ID, all, searchedCallbacks)
	if err != nil {
		return nil, err
	}
	in := callOf(ctx)
	out := openapi.ListCallbacks200JSONResponse{Items: []openapi.Callback{}}
	for i := range cs {
		if !seesCallback(v, in, &cs[i]) {
			continue
		}
		if out.Total++; out.Total <= listedCallbacks {
			out.Items = append(out.Items, s.callbackOf(ctx, v, &cs[i]))
		}
	}
	if len(out.Items) > 0 {
		if err := s.tracker.Audit(ctx, in.Audit("callback.list", strconv.Itoa(len(out.Items))+" call-backs")); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ChangeCallback implements the contract's changeCallback.
func (s *Server) ChangeCallback(ctx context.Context, r openapi.ChangeCallbackRequestObject) (openapi.ChangeCallbackResponseObject, error) {
	want, err := versionOf(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	in, v := callOf(ctx), s.view(ctx)
	cb, err := s.store.CallbackByID(ctx, r.Id)
	if err != nil {
		return nil, err
	}
	if !seesCallback(v, in, &cb) {
		return nil, tracker.ErrNotFound
	}
	if cb.Version != want {
		return nil, notLatest("call-back", cb.Version)
	}
	if cb.State, err = tracker.ParseCallbackState(string(r.Body.State)); err != nil {
		return nil, err
	}
	cb.Outcome = strings.TrimSpace(orZero(r.Body.Outcome))
	if cb.State == tracker.CallbackRefused && cb.Outcome == "" {
		return nil, refuseField(http.StatusUnprocessableEntity, "required", "outcome", "Say why it was refused.")
	}
	cb.Version++
	cb.Author, cb.RecordedAt = in.ID, s.now()
	_, err = s.store.Commit(ctx, &tracker.Write{
		Talk:  tracker.Talk{Callbacks: []tracker.Callback{cb}},
		Audit: in.Audit("callback."+cb.State.String(), "callback "+cb.ID.String()),
	})
	if errors.Is(err, tracker.ErrConflict) {
		return nil, notLatest("call-back", 0)
	}
	if err != nil {
		return nil, err
	}
	return openapi.ChangeCallback200JSONResponse{
		Body: s.callbackOf(ctx, v, &cb), Headers: openapi.ChangeCallback200ResponseHeaders{ETag: etagOf(cb.Version)},
	}, nil
}

// seesCallback tells whether a call-back is in the caller's scope: its person is,
// or it is in the queue of the caller's own mission.
func seesCallback(v tracker.View, in *call, c *tracker.Callback) bool {
	if v.Scope().All || !in.Mission.IsZero() && c.Mission == in.Mission {
		return true
	}
	_, ok := personOf(v, c.Person)
	return ok
}

// personOf is the row that a person counts with, within the view's scope.
func personOf(v tracker.View, id tracker.ID) (tracker.Row, bool) {
	root, ok := v.Snapshot().Root(id)
	if !ok {
		return tracker.Row{}, false
	}
	return v.Person(root)
}

func (s *Server) callbackOf(ctx context.Context, v tracker.View, c *tracker.Callback) openapi.Callback {
	out := openapi.Callback{
		Id: c.ID, Version: c.Version, Kind: openapi.CallbackKind(c.Kind.String()), State: openapi.CallbackState(c.State.String()),
		Mission: some(c.Mission), Phone: some(c.Phone), Text: some(c.Text), Outcome: some(c.Outcome),
		CreatedAt: c.CreatedAt.UTC(), RecordedAt: c.RecordedAt.UTC(),
	}
	if row, ok := personOf(v, c.Person); ok {
		out.PersonId, out.PersonName = &row.ID, some(row.Name)
	}
	if !c.Author.IsZero() {
		out.Author = some(s.author(ctx, c.Author))
	}
	return out
}
