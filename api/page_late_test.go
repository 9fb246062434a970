package api_test

import (
	"html"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"aman/api/auth"
	"aman/geo/tracker"
	"aman/web"
)

// What was said while a link was good is taken when it comes late, because the phone
// had no network: at low trust, once, and not for ever.
func TestExpiredLinkTakesWhatWasSaidBefore(t *testing.T) {
	h := citizenHarness(t, "1")
	now := time.Now()
	ago := func(d time.Duration) string { return now.Add(-d).UTC().Format(time.RFC3339) }
	person := h.somebody()
	expired, secret := h.link(auth.Link{Person: person, ExpiresAt: now.Add(-time.Hour)})
	before := len(h.reports(person))
	said := object{"id": tracker.NewID().String(), "secret": secret, "status": "help", "fixed_at": ago(2 * time.Hour), "lon": 55.3, "lat": 25.2}
	for range 2 {
		if a, r := h.send(expired, said); a.StatusCode != http.StatusOK || r.Code == "" {
			t.Fatalf("%d %s", a.StatusCode, a.body)
		}
	}
	rs := slices.DeleteFunc(h.reports(person), func(r tracker.Report) bool { return r.Channel != tracker.ChannelLink })
	if len(rs) != 1 || rs[0].Wellbeing != tracker.NeedsHelp || rs[0].Flags&tracker.FlagLowTrust == 0 || rs[0].Position == nil ||
		rs[0].Position.Flags&tracker.FlagLowTrust == 0 {
		t.Errorf("%d reports: %+v", len(rs), rs)
	}
	if cs := h.rung(); len(cs) != 1 || cs[0].Person != person || cs[0].Kind != tracker.CallbackHelp || cs[0].Link != expired.ID {
		t.Errorf("%+v", cs)
	}
	// That a phone's clock runs ahead is seen by when it says that it sent.
	ahead := object{"status": "safe", "fixed_at": now.Add(22 * time.Hour).UTC().Format(time.RFC3339), "sent_at": now.Add(24 * time.Hour).UTC().Format(time.RFC3339)}
	if a, _ := h.send(expired, ahead); a.StatusCode != http.StatusOK || len(h.reports(person)) != before+2 {
		t.Errorf("a clock that runs ahead: %d %s", a.StatusCode, a.body)
	}

	revoked, _ := h.link(auth.Link{Person: person, ExpiresAt: now.Add(-time.Hour)})
	must(t, h.db.RevokeLink(t.Context(), revoked.ID, now, tracker.Audit{Role: "system", Action: "link.revoke"}))
	old, _ := h.link(auth.Link{Person: person, ExpiresAt: now.Add(-15 * 24 * time.Hour)})
	for name, c := range map[string]struct {
		l      auth.Link
		report object
	}{
		"revoked":          {revoked, object{"status": "safe", "fixed_at": ago(2 * time.Hour)}},
		"said after":       {expired, object{"status": "safe", "fixed_at": ago(time.Minute)}},
		"said at no time":  {expired, object{"status": "safe"}},
		"too late":         {old, object{"status": "safe", "fixed_at": ago(16 * 24 * time.Hour)}},
		"help, no number":  {revoked, object{"status": "help", "fixed_at": ago(2 * time.Hour)}},
		"after its sender": {expired, object{"status": "safe", "fixed_at": ago(2 * time.Hour), "sent_at": ago(2 * time.Hour)}},
	} {
		if a, _ := h.send(c.l, c.report); a.StatusCode != http.StatusGone {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	if n := len(h.reports(person)); n != before+2 {
		t.Errorf("%d reports, not 2", n-before)
	}

	// Whose link it is is known: help needs no number, however late.
	for name, l := range map[string]auth.Link{"expired": expired, "long expired": old} {
		if a := h.form(l, url.Values{"status": {"help"}, "id": {tracker.NewID().String()}}); a.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
		if a, _ := h.send(l, object{"status": "help"}); a.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
		cs := h.rung()
		if !slices.ContainsFunc(cs, func(c tracker.Callback) bool { return c.Link == l.ID && c.Person == person }) {
			t.Errorf("%s: %+v", name, cs)
		}
	}

	// By a poster it is a guest who reports, as ever.
	poster, _ := h.link(auth.Link{Airport: "DXB", ExpiresAt: now.Add(-time.Hour)})
	known := h.others()
	if a, _ := h.send(poster, object{"status": "help", "fixed_at": ago(2 * time.Hour), "secret": "0123456789abcdef0123456789abcdef"}); a.StatusCode != http.StatusOK {
		t.Errorf("a guest: %d %s", a.StatusCode, a.body)
	}
	if made := h.others(known...); len(made) != 1 || h.reports(made[0])[0].Flags&tracker.FlagLowTrust == 0 {
		t.Errorf("%d guests", len(made))
	}
}

// Who has a link that expired and needs help is told that they will be rung; whoever
// has its secret may still hide where they are; and a poster's cry for help goes to the
// mission that answers for where it hangs.
func TestExpiredLinkIsAnswered(t *testing.T) {
	h := citizenHarness(t, "1")
	person := h.somebody()
	good, _ := h.link(auth.Link{Person: person})
	h.send(good, object{"status": "safe", "lon": 55.3, "lat": 25.2, "accuracy_m": 20})
	ended := time.Now().Add(-time.Hour)
	expired, secret := h.link(auth.Link{Person: person, ExpiresAt: ended})
	a := h.form(expired, url.Values{"status": {"help"}, "phone": {"87012345678"}})
	page := string(h.visit("GET", a.Header.Get("Location"), "", "").body)
	if words := web.Catalogue("ru"); !strings.Contains(page, "Мы перезвоним") || strings.Contains(page, words["citizen.next_place"]) {
		t.Errorf("%d %s", a.StatusCode, page)
	}

	hide := func(l auth.Link, secret string) int {
		v := url.Values{"do": {"hide"}, "secret": {secret}}
		return h.visit("POST", "/s/"+l.Code+"/data", formMedia, v.Encode(), fromPage...).StatusCode
	}
	placed := func() bool {
		row, _ := h.settled().Person(person)
		return row.Position != nil
	}
	if status := hide(expired, ""); status != http.StatusGone || !placed() {
		t.Errorf("by the code: %d, placed %v", status, placed())
	}
	revoked, closed := h.link(auth.Link{Person: person})
	must(t, h.db.RevokeLink(t.Context(), revoked.ID, time.Now(), tracker.Audit{Role: "system", Action: "link.revoke"}))
	if status := hide(revoked, closed); status != http.StatusGone || !placed() {
		t.Errorf("by a revoked link: %d, placed %v", status, placed())
	}
	if status := hide(expired, secret); status != http.StatusOK || placed() {
		t.Errorf("by the link: %d, placed %v", status, placed())
	}

	before := len(h.rung())
	for _, l := range []auth.Link{{Airport: "DXB", ExpiresAt: ended}, {Country: "QA", ExpiresAt: ended}} {
		poster, _ := h.link(l)
		h.form(poster, url.Values{"status": {"help"}, "phone": {"87012345678"}})
	}
	if cs := h.rung()[before:]; len(cs) != 2 || cs[0].Mission != h.abuDhabi || cs[1].Mission != h.doha {
		t.Errorf("%+v", cs)
	}
}

// A personal link that no mission made names the mission of the person, and always the
// ministry, however many missions there are.
func TestHotlinesOfPerson(t *testing.T) {
	h := citizenHarness(t, "1")
	person := h.somebody()
	l, _ := h.link(auth.Link{Person: person})
	h.send(l, object{"status": "safe", "lon": 51.53, "lat": 25.29, "accuracy_m": 20}) // Doha
	h.settled()
	var many []tracker.Hotline
	for i := range 12 {
		many = append(many, tracker.Hotline{ID: tracker.NewID(), Mission: h.doha, Phone: "+9744400000" + strconv.Itoa(i), Public: true, Order: i})
	}
	au := tracker.Audit{Role: "system", Action: "test"}
	must(t, h.db.SetHotlines(t.Context(), h.doha, many, au))
	must(t, h.db.SetHotlines(t.Context(), tracker.ID{}, []tracker.Hotline{{ID: tracker.NewID(), Phone: "+77172000000", Public: true}}, au))
	page := html.UnescapeString(string(h.visit("GET", "/s/"+l.Code, "", "").body))
	if !strings.Contains(page, "+77172000000") || !strings.Contains(page, "+97444000000") || strings.Contains(page, "+97100000001") {
		t.Error(page)
	}
	if n := strings.Count(page, `href="tel:`); n != 8 {
		t.Errorf("%d numbers", n)
	}
}
