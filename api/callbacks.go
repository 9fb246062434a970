package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"aman/api/openapi"
	"aman/geo/tracker"
)

const (
	// waitingByLink is how many may wait to be rung by one closed link.
	waitingByLink = 20
	// longestQueued bounds, in characters, what one call-back gathers.
	longestQueued = 4000
	// queueRetry is how soon whoever finds that queue full may ask again.
	queueRetry = 10 * time.Minute
)

// ListCallbacks implements the contract's listCallbacks. Reading them is a read
// of people: it is audited, with how many, before it is answered. What is sealed
// is opened for the page alone.
func (s *Server) ListCallbacks(ctx context.Context, r openapi.ListCallbacksRequestObject) (openapi.ListCallbacksResponseObject, error) {
	in, v := callOf(ctx), s.view(ctx)
	c, err := s.crisis(v, r.Params.Crisis)
	if err != nil {
		return nil, err
	}
	after, paged, err := readCursor(r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	limit := defaultPage
	if r.Params.Limit != nil {
		limit = *r.Params.Limit
	}
	heads, err := s.store.CallbackHeads(ctx, c.ID, r.Params.State != nil && *r.Params.State == openapi.ListCallbacksParamsStateAll)
	if err != nil {
		return nil, err
	}
	heads = slices.DeleteFunc(heads, func(cb tracker.Callback) bool { return !seesCallback(v, in, &cb) })
	out := openapi.ListCallbacks200JSONResponse{Items: []openapi.Callback{}, Total: len(heads)}
	rest := make([]standing, 0, len(heads))
	for i := range heads {
		if heads[i].State <= tracker.CallbackTried {
			out.Waiting++
		}
		if st := standingOf(urgency(&heads[i]), heads[i].CreatedAt, heads[i].ID); !paged || st.compare(after) > 0 {
			rest = append(rest, st)
		}
	}
	slices.SortFunc(rest, standing.compare)
	if len(rest) > limit {
		rest = rest[:limit]
		out.Next = some(rest[limit-1].cursor())
	}
	if out.Items, err = s.callbacksOf(ctx, v, rest); err != nil {
		return nil, err
	}
	if len(out.Items) > 0 {
		if err := s.tracker.Audit(ctx, in.Audit("callback.list", strconv.Itoa(len(out.Items))+" call-backs")); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// urgency ranks call-backs: who waits before whom nobody need ring, and of each
// those who need help first.
func urgency(c *tracker.Callback) (rank byte) {
	if c.State > tracker.CallbackTried {
		rank += 2
	}
	if c.Kind != tracker.CallbackHelp {
		rank++
	}
	return rank
}

// callbacksOf shows a page of call-backs, in its order.
func (s *Server) callbacksOf(ctx context.Context, v tracker.View, page []standing) ([]openapi.Callback, error) {
	place := make(map[tracker.ID]int, len(page))
	ids := make([]tracker.ID, len(page))
	for i, st := range page {
		ids[i], place[st.id] = st.id, i
	}
	cs, err := s.store.CallbacksByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(cs, func(a, b tracker.Callback) int { return place[a.ID] - place[b.ID] })
	out := make([]openapi.Callback, len(cs))
	for i := range cs {
		out[i] = s.callbackOf(ctx, v, &cs[i])
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

// joinQueue is a submission with its calls for help by links as the queue takes them.
func (s *Server) joinQueue(ctx context.Context, sub tracker.Submission) (tracker.Submission, error) {
	byLink := func(cb *tracker.Callback) bool { return cb.Kind == tracker.CallbackHelp && !cb.Link.IsZero() }
	sub.Talk.Callbacks, sub.Filings = slices.Clone(sub.Talk.Callbacks), slices.Clone(sub.Filings)
	for i := range sub.Talk.Callbacks {
		cb := &sub.Talk.Callbacks[i]
		if !byLink(cb) {
			continue
		}
		var err error
		if *cb, err = s.queued(ctx, *cb); err != nil {
			return tracker.Submission{}, err
		}
	}
	for i := range sub.Filings {
		f := &sub.Filings[i]
		if f.Callback == nil || !byLink(f.Callback) {
			continue
		}
		cb, err := s.queued(ctx, *f.Callback)
		if err != nil {
			return tracker.Submission{}, err
		}
		f.Callback = &cb
	}
	return sub, nil
}

// inQueue stores what came by a link, its calls for help as the queue takes them: when
// that has changed meanwhile, as it is then.
func (p *linkPages) inQueue(ctx context.Context, sub tracker.Submission) (done tracker.Submitted, err error) {
	for range 4 {
		joined, failed := p.joinQueue(ctx, sub)
		if failed != nil {
			return done, failed
		}
		if done, err = p.tracker.Submit(ctx, joined); !errors.Is(err, tracker.ErrConflict) {
			break
		}
	}
	return done, err
}

// queued is what to store of somebody who asks by a link for help: the next version
// of the call-back of the same person and number that waits there already, with
// what they say now added, or else the new one. So that one link that is dead but
// public can't hide everybody else's, few may wait by one: more are told to ring.
// They are counted before they are stored, so that those who ask at the same moment
// may be a few more.
func (s *Server) queued(ctx context.Context, cb tracker.Callback) (tracker.Callback, error) {
	waiting, err := s.store.CallbacksByLink(ctx, cb.Crisis, cb.Link, cb.Kind, waitingByLink)
	if err != nil {
		return tracker.Callback{}, err
	}
	for _, w := range waiting {
		if w.Phone != cb.Phone || w.Person != cb.Person {
			continue
		}
		if said := w.Text + "\n" + cb.Text; !strings.Contains(w.Text, cb.Text) && utf8.RuneCountInString(said) <= longestQueued {
			w.Text = said
		}
		w.Version++
		w.State, w.Author, w.RecordedAt = tracker.CallbackOpen, tracker.ID{}, cb.RecordedAt
		return w, nil
	}
	if len(waiting) >= waitingByLink {
		return tracker.Callback{}, &refusal{
			status: http.StatusTooManyRequests, code: "too_many_requests", detail: "Too many wait to be rung by this link. Ring the hotline.", retry: queueRetry,
		}
	}
	return cb, nil
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
