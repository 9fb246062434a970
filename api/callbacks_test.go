package api_test

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
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

// queued are the call-backs that wait, or all, oldest first.
func (h *harness) queued(all bool) []tracker.Callback {
	h.t.Helper()
	heads, err := h.db.CallbackHeads(h.t.Context(), h.crisis, all)
	must(h.t, err)
	ids := make([]tracker.ID, len(heads))
	for i := range heads {
		ids[i] = heads[i].ID
	}
	cs, err := h.db.CallbacksByID(h.t.Context(), ids)
	must(h.t, err)
	return cs
}

func (c caller) callbacks(query string) openapi.CallbackList {
	c.h.t.Helper()
	var l openapi.CallbackList
	c.want(http.StatusOK, "GET", "/api/v1/callbacks"+query, nil).into(c.h.t, &l)
	if l.Total != len(l.Items) || l.Next != nil {
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

// TestCallbacksByPage: whatever the size of a page, the pages together are those
// in scope, who waits before the rest, of each those who need help first, of them
// the oldest. Oracle: a plain sort.
func TestCallbacksByPage(t *testing.T) {
	h := newHarness(t)
	inDoha := h.key(auth.RoleOperator, tracker.ID{}).file(at("In Doha", 51.2, 25.3)).PersonId
	var all []tracker.Callback
	for i := range 40 {
		all = append(all, h.callback(func(c *tracker.Callback) {
			c.Kind = tracker.CallbackKind(1 + (i*7)%5)
			c.State = tracker.CallbackState(1 + (i*3)%4)
			switch i % 3 {
			case 0:
				c.Mission = h.doha
			case 1:
				c.Person = inDoha
			}
		}, 60-i%7))
	}
	urgent := func(c *tracker.Callback) int {
		n := 0
		if c.State != tracker.CallbackOpen && c.State != tracker.CallbackTried {
			n += 2
		}
		if c.Kind != tracker.CallbackHelp {
			n++
		}
		return n
	}
	slices.SortFunc(all, func(a, b tracker.Callback) int {
		return cmp.Or(urgent(&a)-urgent(&b), a.CreatedAt.Compare(b.CreatedAt), bytes.Compare(a.ID[:], b.ID[:]))
	})
	for _, x := range []struct {
		name  string
		who   caller
		query string
		keep  func(*tracker.Callback) bool
	}{
		{"all, the ministry", h.key(auth.RoleOperator, tracker.ID{}), "?state=all", func(*tracker.Callback) bool { return true }},
		{"open, the ministry", h.key(auth.RoleOperator, tracker.ID{}), "?state=open", func(c *tracker.Callback) bool { return urgent(c) < 2 }},
		{"all, a mission", h.key(auth.RoleEmbassy, h.doha), "?state=all", func(c *tracker.Callback) bool { return c.Mission == h.doha || c.Person == inDoha }},
	} {
		var want, got []tracker.ID
		waiting := 0
		for i := range all {
			if x.keep(&all[i]) {
				want = append(want, all[i].ID)
				if urgent(&all[i]) < 2 {
					waiting++
				}
			}
		}
		for _, limit := range []int{1, 7, len(want), 1000} {
			got = got[:0]
			for cursor := ""; ; {
				var l openapi.CallbackList
				x.who.want(http.StatusOK, "GET", fmt.Sprintf("/api/v1/callbacks%s&limit=%d&cursor=%s", x.query, limit, cursor), nil).into(t, &l)
				if l.Total != len(want) || l.Waiting != waiting || len(l.Items) > limit {
					t.Fatalf("%s, pages of %d: %d items of %d, want %d; %d waiting, want %d", x.name, limit, len(l.Items), l.Total, len(want), l.Waiting, waiting)
				}
				for _, c := range l.Items {
					got = append(got, c.Id)
				}
				if l.Next == nil {
					break
				}
				cursor = *l.Next
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, pages of %d:\n got %v\nwant %v", x.name, limit, got, want)
			}
		}
	}
	for _, cursor := range []string{"x", "AAAA", strings.Repeat("A", 35)} {
		if a := h.key(auth.RoleOperator, tracker.ID{}).do("GET", "/api/v1/callbacks?cursor="+cursor, nil); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("cursor %q: %d %s", cursor, a.StatusCode, a.body)
		}
	}
}

// TestDeadLinkHidesNobody: by one link that takes reports no more few may wait to
// be rung, each number once; who comes after them is told to ring, and whoever asks
// elsewhere is in the queue all the same.
func TestDeadLinkHidesNobody(t *testing.T) {
	h := citizenHarness(t, "1")
	dead, _ := h.link(auth.Link{Airport: "DXB", Mission: h.abuDhabi, ExpiresAt: time.Now().Add(-time.Second)})
	other, _ := h.link(auth.Link{Airport: "DXB", Mission: h.abuDhabi, ExpiresAt: time.Now().Add(-time.Second)})
	ask := func(l auth.Link, phone, note string) answer {
		return h.form(l, url.Values{"status": {"help"}, "phone": {phone}, "note": {note}, "id": {tracker.NewID().String()}, "lang": {"ru"}})
	}
	for i := range 30 {
		want := http.StatusSeeOther
		if i >= 20 {
			want = http.StatusTooManyRequests
		}
		a := ask(dead, fmt.Sprintf("+770100000%02d", i), "first")
		if a.StatusCode != want {
			t.Fatalf("call %d: %d, want %d", i, a.StatusCode, want)
		}
		if page := string(a.body); want == http.StatusTooManyRequests && (a.Header.Get("Retry-After") == "" || !strings.Contains(page, "&#43;97100000001")) {
			t.Errorf("call %d: no number to ring: %s", i, page)
		}
	}
	// Who waits already says more: it is added to what they said.
	for range 2 {
		if a := ask(dead, "+77010000003", "second"); a.StatusCode != http.StatusSeeOther {
			t.Errorf("again: %d", a.StatusCode)
		}
	}
	if a := ask(other, "+77020000000", "genuine"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("by another link: %d", a.StatusCode)
	}
	got := map[string]string{}
	for _, c := range h.queued(true) {
		got[c.Phone] = c.Text
	}
	if len(h.queued(true)) != 21 || len(got) != 21 || got["+77010000003"] != "[ru] first\n[ru] second" || got["+77020000000"] != "[ru] genuine" {
		t.Errorf("the queue: %v", got)
	}
	// A desk that has rung somebody makes room.
	operator := h.key(auth.RoleOperator, tracker.ID{})
	operator.want(200, "POST", "/api/v1/callbacks/"+h.queued(false)[0].ID.String(), object{"state": "done"}, header{"If-Match", `"1"`})
	if a := ask(dead, "+77010000025", "first"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("after one was rung: %d", a.StatusCode)
	}
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
