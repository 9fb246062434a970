package api_test

import (
	"net/url"
	"testing"
	"time"

	"aman/api/auth"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// TestShifts: turns within a stretch are replaced together; they may overlap, and
// a turn that began before the stretch stays and is listed with it.
func TestShifts(t *testing.T) {
	h := newHarness(t)
	embassy := h.key(auth.RoleEmbassy, h.doha)
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	stamp := func(hours int) string { return day.Add(time.Duration(hours) * time.Hour).Format(time.RFC3339) }
	turn := func(name string, from, to int) object {
		return object{"name": name, "phone": "+974 5566 7788", "from": stamp(from), "to": stamp(to)}
	}
	rota := func(from, to int, turns ...object) object {
		return object{"from": stamp(from), "to": stamp(to), "items": append([]object{}, turns...)}
	}
	names := func(a answer) (out string) {
		var l openapi.ShiftList
		a.into(t, &l)
		for _, x := range l.Items {
			if x.Phone != "+97455667788" || *x.Mission != h.doha {
				t.Errorf("turn: %+v", x)
			}
			out += x.Name + " "
		}
		return out
	}
	list := func(c caller, mission tracker.ID, from, to int) string {
		q := url.Values{"mission": {mission.String()}, "from": {stamp(from)}, "to": {stamp(to)}}
		return names(c.want(200, "GET", "/api/v1/shifts?"+q.Encode(), nil))
	}
	if got := names(embassy.want(200, "PUT", "/api/v1/shifts", rota(0, 24, turn("Ана", 0, 14), turn("Бек", 12, 26)))); got != "Ана Бек " {
		t.Errorf("set: %q", got)
	}
	embassy.want(200, "PUT", "/api/v1/shifts", rota(24, 48, turn("Сая", 24, 36)))
	if got := list(embassy, h.doha, 24, 48); got != "Бек Сая " {
		t.Errorf("the second day: %q", got)
	}
	embassy.want(200, "PUT", "/api/v1/shifts", rota(24, 48))
	if got := list(h.key(auth.RoleLocalStaff, h.abuDhabi), h.doha, 0, 48); got != "Ана Бек " {
		t.Errorf("after the second day was emptied: %q", got)
	}
	if got := list(embassy, h.abuDhabi, 0, 48); got != "" {
		t.Errorf("another mission's: %q", got)
	}
	admin := h.key(auth.RoleAdmin, tracker.ID{})
	admin.want(200, "PUT", "/api/v1/shifts", rota(0, 24, turn("Министрлік", 0, 24)))
	admin.want(200, "GET", "/api/v1/shifts?from="+stamp(0)+"&to="+stamp(24), nil)

	other := rota(0, 24, turn("Ана", 0, 14))
	other["mission"] = h.abuDhabi.String()
	embassy.want(404, "PUT", "/api/v1/shifts", other)
	for name, in := range map[string]object{
		"begins outside": rota(0, 24, turn("x", 24, 30)),
		"ends first":     rota(0, 24, turn("x", 10, 10)),
		"too long":       rota(0, 24, turn("x", 0, 7*24+1)),
		"nobody":         rota(0, 24, turn(" ", 0, 5)),
		"backwards":      rota(24, 0),
	} {
		if a := embassy.do("PUT", "/api/v1/shifts", in); a.StatusCode != 422 {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	if got := list(embassy, h.doha, 0, 48); got != "Ана Бек " {
		t.Errorf("after what was refused: %q", got)
	}
}
