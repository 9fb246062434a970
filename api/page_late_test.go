package api_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"aman/api/auth"
	"aman/geo/tracker"
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
		was := len(h.rung())
		if a := h.form(l, url.Values{"status": {"help"}, "id": {tracker.NewID().String()}}); a.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
		if a, _ := h.send(l, object{"status": "help"}); a.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
		if cs := h.rung(); len(cs) != was+2 || cs[was].Person != person {
			t.Errorf("%s: %+v", name, cs[was:])
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
