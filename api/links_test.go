package api_test

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"aman/api"
	"aman/api/auth"
	"aman/api/openapi"
	"aman/geo/tracker"
	"aman/web"
)

func TestLinksForAList(t *testing.T) {
	h := citizenHarness(t, "1")
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	var ids []any
	for _, person := range []object{
		{"name": "Үсенов Ғани", "phones": []string{"+77012345678"}},
		{"latin": "AIGUL", "name": "Айгүл"},
		{"needs": []string{"minor"}, "name": "Әлихан", "phones": []string{"+77019999999"}},
	} {
		ids = append(ids, analyst.file(object{"person": person, "wellbeing": "unknown", "airport": "DXB"}).PersonId)
	}
	mother := analyst.file(object{"person": object{"name": "Мать", "phones": []string{"+77011111111"}}, "wellbeing": "safe"}).PersonId
	child := analyst.file(object{"person": object{"name": "Дана", "needs": []string{"minor"}, "guardian": mother, "phones": []string{"+77010000000"}}, "wellbeing": "safe"}).PersonId
	ids = append(ids, child)
	h.people()
	expires := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	var out struct{ Items []openapi.PersonalLink }
	analyst.want(http.StatusCreated, "POST", "/api/v1/links/batch", object{"person_ids": ids, "expires_at": expires, "label": "tour 7"}).into(t, &out)
	if len(out.Items) != 4 {
		t.Fatalf("%+v", out)
	}
	// Oracle: a minor's link goes to the guardian where one is named, and only there.
	wantPhones := []string{"+77012345678", "", "+77019999999", "+77011111111"}
	for i, it := range out.Items {
		phone := ""
		if it.Phone != nil {
			phone = *it.Phone
		}
		if any(it.PersonId) != ids[i] || phone != wantPhones[i] || it.Name == "" || it.Link.Label != "tour 7" || !it.Link.ExpiresAt.Equal(expires) {
			t.Errorf("%d: %+v", i, it)
		}
		// Each link works, with its secret, for its person.
		code, secret, _ := strings.Cut(it.Url[strings.Index(it.Url, "/s/")+3:], "#")
		l, err := h.db.LinkByCode(t.Context(), code)
		must(t, err)
		if l.Person != it.PersonId || !l.Verify(secret) {
			t.Errorf("%d: the link is not %s's", i, it.PersonId)
		}
	}

	// All or none: somebody out of scope, or unknown, or twice, and no link is made.
	links := func() int {
		ls, err := h.db.Links(t.Context(), h.crisis, auth.LinkQuery{})
		must(t, err)
		return len(ls)
	}
	before := links()
	doha := h.key(auth.RoleEmbassy, h.doha)
	many := slices.Repeat([]any{ids[0]}, 1001)
	for name, c := range map[string]struct {
		by     caller
		ids    []any
		at     time.Time
		status int
	}{
		"out of scope":    {doha, ids[:1], expires, 404},
		"unknown":         {analyst, []any{ids[0], tracker.NewID().String()}, expires, 404},
		"twice":           {analyst, []any{ids[0], ids[1], ids[0]}, expires, 422},
		"nobody":          {analyst, []any{}, expires, 422},
		"too many":        {analyst, many, expires, 422},
		"in the past":     {analyst, ids, time.Now().Add(-time.Hour), 422},
		"for ever":        {analyst, ids, time.Now().Add(10000 * time.Hour), 422},
		"not a partner's": {h.key(auth.RolePartner, tracker.ID{}), ids, expires, 403},
	} {
		if a := c.by.do("POST", "/api/v1/links/batch", object{"person_ids": c.ids, "expires_at": c.at.UTC()}); a.StatusCode != c.status {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	if n := links(); n != before {
		t.Errorf("%d links are left of lists that were refused", n-before)
	}
}

// TestLinksByPage: however many personal links were made since, a mission finds its
// posters, and somebody's card their own links; the pages together are what is in
// scope, newest first.
func TestLinksByPage(t *testing.T) {
	h := newHarness(t)
	in := func(name string, lon, lat float64) tracker.ID {
		return h.key(auth.RoleOperator, tracker.ID{}).file(at(name, lon, lat)).PersonId
	}
	ours, twin, theirs := in("In Doha", 51.2, 25.3), in("In Doha too", 51.2, 25.3), in("In the Emirates", 54.4, 24.4)
	h.people()
	h.key(auth.RoleAnalyst, tracker.ID{}).want(204, "POST", "/api/v1/people/"+ours.String()+"/merge", object{"gone": twin.String(), "reason": "rang them"})
	start := time.Now().Add(-time.Hour).UTC().Truncate(time.Microsecond)
	var all []auth.Link
	for i := range 2600 {
		l := auth.Link{
			ID: tracker.NewID(), Crisis: h.crisis, Code: auth.NewLinkCode(), HasSecret: true, Person: theirs,
			CreatedAt: start.Add(time.Duration(i/3) * time.Second), ExpiresAt: start.Add(48 * time.Hour),
		}
		switch i {
		case 3:
			l.Person, l.HasSecret, l.Mission = tracker.ID{}, false, h.doha
		case 5:
			l.Person, l.HasSecret, l.Mission = tracker.ID{}, false, h.abuDhabi
		case 4, 1500:
			l.Person = ours
		case 7:
			l.Person = twin
		}
		all = append(all, l)
	}
	must(t, h.db.CreateLinks(t.Context(), all, tracker.Audit{Role: "system", Action: "test"}))
	slices.SortFunc(all, func(a, b auth.Link) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), bytes.Compare(b.ID[:], a.ID[:]))
	})
	ministry, doha := h.key(auth.RoleAnalyst, tracker.ID{}), h.key(auth.RoleEmbassy, h.doha)
	for _, x := range []struct {
		name, query string
		who         caller
		keep        func(*auth.Link) bool
	}{
		{"all, the ministry", "", ministry, func(*auth.Link) bool { return true }},
		{"campaigns, the ministry", "&kind=campaign", ministry, func(l *auth.Link) bool { return l.Person.IsZero() }},
		{"personal, the ministry", "&kind=personal", ministry, func(l *auth.Link) bool { return !l.Person.IsZero() }},
		{"all, the mission", "", doha, func(l *auth.Link) bool {
			return l.Person == ours || l.Person == twin || l.Person.IsZero() && l.Mission == h.doha
		}},
		{"campaigns, the mission", "&kind=campaign", doha, func(l *auth.Link) bool { return l.Person.IsZero() && l.Mission == h.doha }},
		{"somebody's and their twin's", "&person=" + ours.String(), doha, func(l *auth.Link) bool { return l.Person == ours || l.Person == twin }},
		{"their twin's and theirs", "&person=" + twin.String(), doha, func(l *auth.Link) bool { return l.Person == ours || l.Person == twin }},
	} {
		var want []tracker.ID
		for i := range all {
			if x.keep(&all[i]) {
				want = append(want, all[i].ID)
			}
		}
		for _, limit := range []int{len(want), 1000, 333} {
			var got []tracker.ID
			for cursor := ""; ; {
				var l struct {
					Items []openapi.Link
					Next  string
				}
				x.who.want(http.StatusOK, "GET", fmt.Sprintf("/api/v1/links?limit=%d&cursor=%s%s", min(limit, 1000), cursor, x.query), nil).into(t, &l)
				for _, one := range l.Items {
					got = append(got, one.Id)
				}
				if cursor = l.Next; cursor == "" {
					break
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, pages of %d: %d links, want %d", x.name, limit, len(got), len(want))
			}
		}
	}
	doha.want(http.StatusNotFound, "GET", "/api/v1/links?person="+theirs.String(), nil)
	ministry.want(http.StatusUnprocessableEntity, "GET", "/api/v1/links?cursor=x", nil)
	// The twin's link is no less the person's own: it can be revoked.
	for i := range all {
		if all[i].Person == twin {
			doha.want(http.StatusNoContent, "POST", "/api/v1/links/"+all[i].ID.String()+"/revoke", nil)
		}
	}
}

func TestPoster(t *testing.T) {
	h := citizenHarness(t, "1", func(o *api.Options) { o.SMSNumber = "+77010000001" })
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	hall, _ := h.link(auth.Link{Airport: "DXB", Mission: h.abuDhabi})
	a := analyst.want(200, "GET", "/api/v1/links/"+hall.ID.String()+"/poster", nil)
	page := string(a.body)
	checkPolicy(t, a.Header.Get("Content-Security-Policy")+"; form-action 'self'", a.body)
	for _, want := range []string{"<svg", "(DXB)", hall.Code[:5] + "-" + hall.Code[5:], "127.0.0.1/s/" + hall.Code, "&#43;97100000001", "&#43;77010000001"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, lang := range web.Languages {
		if !strings.Contains(page, `lang="`+lang+`">`+web.Catalogue(lang)["citizen.poster"]) {
			t.Errorf("not in %s", lang)
		}
	}
	if m := regexp.MustCompile(`(?i)<script|(src|href)="(https?:)?//`).FindString(page); m != "" || bytes.Contains(a.body, []byte("ZgotmplZ")) {
		t.Errorf("the poster has %s", m)
	}
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
		t.Errorf("%v", a.Header)
	}
	own, _ := h.link(auth.Link{Person: h.somebody()})
	old, _ := h.link(auth.Link{Airport: "DXB", ExpiresAt: time.Now().Add(-time.Second)})
	doha := h.key(auth.RoleEmbassy, h.doha)
	for name, c := range map[string]struct {
		by     caller
		id     tracker.ID
		status int
	}{
		"a personal link": {analyst, own.ID, 409}, "an expired one": {analyst, old.ID, 409}, "none": {analyst, tracker.NewID(), 404}, "another mission's": {doha, hall.ID, 404},
	} {
		if a := c.by.do("GET", "/api/v1/links/"+c.id.String()+"/poster", nil); a.StatusCode != c.status {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
}
