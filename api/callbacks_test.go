package api_test

import (
	"net/http"
	"testing"
	"time"

	"aman/api/auth"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// callback stores somebody who waits to be rung, minutes ago.
func (h *harness) callback(change func(*tracker.Callback), minutesAgo int) tracker.Callback {
	h.t.Helper()
	at := time.Now().Add(-time.Duration(minutesAgo) * time.Minute).UTC().Truncate(time.Microsecond)
	c := tracker.Callback{
		ID: tracker.NewID(), Version: 1, Crisis: h.crisis, Kind: tracker.CallbackHelp, State: tracker.CallbackOpen,
		Phone: "+77012345678", Text: "Көмек керек", CreatedAt: at, RecordedAt: at,
	}
	change(&c)
	_, err := h.db.Commit(h.t.Context(), &tracker.Write{
		Talk:  tracker.Talk{Callbacks: []tracker.Callback{c}},
		Audit: tracker.Audit{Role: "link", Action: "callback.ask"},
	})
	must(h.t, err)
	return c
}

func (c caller) callbacks(query string) openapi.CallbackList {
	c.h.t.Helper()
	var l openapi.CallbackList
	c.want(http.StatusOK, "GET", "/api/v1/callbacks"+query, nil).into(c.h.t, &l)
	if l.Total != len(l.Items) {
		c.h.t.Errorf("the list has %d of %d", len(l.Items), l.Total)
	}
	return l
}

// TestCallbacksAreWorkedOff: open → tried → done, each by the version before; a
// second desk with the same version is refused, and the queue forgets what is done.
func TestCallbacksAreWorkedOff(t *testing.T) {
	h := newHarness(t)
	operator := h.key(auth.RoleOperator, tracker.ID{})
	person := operator.file(at("Дәурен", 51.2, 25.3)).PersonId
	asked := h.callback(func(c *tracker.Callback) { c.Person = person }, 5)
	later := h.callback(func(c *tracker.Callback) { c.Kind = tracker.CallbackErase }, 1)

	got := operator.callbacks("")
	if len(got.Items) != 2 || got.Items[0].Id != asked.ID || got.Items[1].Id != later.ID {
		t.Fatalf("the queue, longest waiting first: %+v", got.Items)
	}
	first := got.Items[0]
	if *first.Phone != asked.Phone || *first.Text != asked.Text || first.Kind != "help" || first.State != "open" || first.Author != nil ||
		*first.PersonId != person || *first.PersonName != "Дәурен" {
		t.Errorf("the call-back: %+v", first)
	}

	path := "/api/v1/callbacks/" + asked.ID.String()
	operator.want(428, "POST", path, object{"state": "tried"})
	a := operator.want(200, "POST", path, object{"state": "tried", "outcome": "no answer"}, header{"If-Match", `"1"`})
	if a.Header.Get("ETag") != `"2"` {
		t.Errorf("ETag %s", a.Header.Get("ETag"))
	}
	if a := operator.do("POST", path, object{"state": "done"}, header{"If-Match", `"1"`}); a.StatusCode != 412 || a.code(t) != "version_conflict" {
		t.Errorf("a late desk: %d %s", a.StatusCode, a.body)
	}
	if got := operator.callbacks("?state=open"); len(got.Items) != 2 || got.Items[0].State != "tried" || *got.Items[0].Outcome != "no answer" ||
		got.Items[0].CreatedAt.Equal(got.Items[0].RecordedAt) || *got.Items[0].Author != "operator" {
		t.Errorf("after a try: %+v", got.Items)
	}
	operator.want(422, "POST", path, object{"state": "refused", "outcome": "  "}, header{"If-Match", `"2"`})
	operator.want(200, "POST", path, object{"state": "done", "outcome": "rang, is safe"}, header{"If-Match", `"2"`})
	if got := operator.callbacks(""); len(got.Items) != 1 || got.Items[0].Id != later.ID {
		t.Errorf("after it is done: %+v", got.Items)
	}
	if got := operator.callbacks("?state=all"); len(got.Items) != 2 {
		t.Errorf("all: %+v", got.Items)
	}
	operator.want(404, "POST", "/api/v1/callbacks/"+tracker.NewID().String(), object{"state": "done"}, header{"If-Match", `"1"`})
}

// TestCallbacksAreScoped: a mission sees what is in its own queue and what is
// about its own people; the ministry sees all; local staff have no part in it.
func TestCallbacksAreScoped(t *testing.T) {
	h := newHarness(t)
	operator := h.key(auth.RoleOperator, tracker.ID{})
	inDoha := operator.file(at("In Doha", 51.2, 25.3)).PersonId
	own := h.callback(func(c *tracker.Callback) { c.Mission = h.doha }, 4)
	about := h.callback(func(c *tracker.Callback) { c.Person = inDoha }, 3)
	ministry := h.callback(func(*tracker.Callback) {}, 2)

	for _, x := range []struct {
		name string
		who  caller
		sees []tracker.ID
	}{
		{"the ministry", operator, []tracker.ID{own.ID, about.ID, ministry.ID}},
		{"casualty cell", h.key(auth.RoleCasualty, tracker.ID{}), []tracker.ID{own.ID, about.ID, ministry.ID}},
		{"the mission", h.key(auth.RoleEmbassy, h.doha), []tracker.ID{own.ID, about.ID}},
		{"another mission", h.key(auth.RoleEmbassy, h.abuDhabi), nil},
	} {
		got := x.who.callbacks("")
		if len(got.Items) != len(x.sees) {
			t.Errorf("%s sees %d call-backs, want %d", x.name, len(got.Items), len(x.sees))
			continue
		}
		for i, id := range x.sees {
			if got.Items[i].Id != id {
				t.Errorf("%s: call-back %d is %s, want %s", x.name, i, got.Items[i].Id, id)
			}
		}
	}
	other := h.key(auth.RoleEmbassy, h.abuDhabi)
	for _, c := range []tracker.Callback{own, about, ministry} {
		other.want(404, "POST", "/api/v1/callbacks/"+c.ID.String(), object{"state": "done"}, header{"If-Match", `"1"`})
	}
	h.key(auth.RoleLocalStaff, h.doha).want(403, "GET", "/api/v1/callbacks", nil)
}

// desk asks everything of the desk once, for TestContract.
func desk(h *harness, admin caller) {
	c := h.callback(func(*tracker.Callback) {}, 1)
	admin.callbacks("")
	admin.want(200, "POST", "/api/v1/callbacks/"+c.ID.String(), object{"state": "done"}, header{"If-Match", `"1"`})
	admin.want(200, "PUT", "/api/v1/hotlines", object{"items": []object{}})
	admin.want(200, "GET", "/api/v1/hotlines", nil)
	admin.want(200, "PUT", "/api/v1/shifts", object{"from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z", "items": []object{}})
	admin.want(200, "GET", "/api/v1/shifts?from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z", nil)
}
