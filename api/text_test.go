package api_test

import (
	"testing"

	"aman/api/auth"
	"aman/geo/tracker"
)

// TestTexts: blanks are no reason and no name, and no text may hold what changes
// how others are read. What scripts need, joiners and marks, stays.
func TestTexts(t *testing.T) {
	h := newHarness(t)
	c := h.key(auth.RoleAnalyst, tracker.ID{})
	r := c.file(at("A", 55, 25))
	person := "/api/v1/people/" + r.PersonId.String()
	z := c.activeZone(zoneInput(2, 55, 25, 0.1))
	names := func(kk, en string) object { return object{"names": object{"kk": kk, "ru": "", "en": en}} }
	link := func(label string) object {
		return object{"kind": "campaign", "label": label, "expires_at": "2020-01-01T00:00:00Z"} // in the past: never made
	}
	for _, x := range []struct {
		name, method, path string
		body               any
		code, field        string
	}{
		{"look-up", "POST", "/api/v1/people/lookup", object{"kind": "iin", "value": "900101300017", "reason": "   "}, "too_short", "reason"},
		{"look-up, short", "POST", "/api/v1/people/lookup", object{"kind": "iin", "value": "900101300017", "reason": " ab "}, "too_short", "reason"},
		{"assign", "POST", person + "/assign", object{"mission": h.doha, "reason": " "}, "too_short", "reason"},
		{"retract", "POST", "/api/v1/reports/" + r.ReportId.String() + "/retract", object{"person_id": r.PersonId, "reason": "\u00a0\t"}, "too_short", "reason"},
		{"withdraw", "POST", "/api/v1/zones/" + z.Id.String() + "/withdraw", object{"reason": " "}, "too_short", "reason"},
		{"invisible reason", "POST", "/api/v1/zones/" + z.Id.String() + "/withdraw", object{"reason": "\u200b\u200d"}, "too_short", "reason"},
		{"zone", "POST", "/api/v1/zones", zoneInput(2, 55, 25, 0.1, object{"reason": "  "}), "too_short", "reason"},
		{"airport", "PUT", "/api/v1/airports/DXB/state", object{"status": "closed", "reason": " "}, "too_short", "reason"},
		{"name of blanks", "POST", "/api/v1/people", object{"name": "  "}, "too_short", "name"},
		{"name of blanks in a report", "POST", "/api/v1/reports", object{"person": object{"name": " "}, "wellbeing": "safe"}, "too_short", "person.name"},
		{"patched name of blanks", "PATCH", person, object{"name": " "}, "too_short", "name"},
		{"invisible name", "POST", "/api/v1/people", object{"name": "\u200d\u200b"}, "too_short", "name"},
		{"zone's name of blanks", "POST", "/api/v1/zones", zoneInput(2, 55, 25, 0.1, names(" ", "Z")), "too_short", "names.kk"},
		{"label of blanks", "POST", "/api/v1/links", link(" "), "too_short", "label"},
		{"override in a name", "POST", "/api/v1/people", object{"name": "A\u202eB"}, "control_character", "name"},
		{"isolate in a name", "POST", "/api/v1/people", object{"latin": "A\u2066B"}, "control_character", "latin"},
		{"bell in a name", "POST", "/api/v1/people", object{"name": "A\u0007"}, "control_character", "name"},
		{"line end in a name", "POST", "/api/v1/people", object{"name": "A\nB"}, "control_character", "name"},
		{"override in a handle", "POST", "/api/v1/people", object{"handles": []string{"@a", "@\u202ab"}}, "control_character", "handles[1]"},
		{"override in a note", "POST", "/api/v1/reports", object{"note": "a\u2069"}, "control_character", "note"},
		{"escape in a note", "POST", "/api/v1/reports", object{"note": "a\u001b[0m"}, "control_character", "note"},
		{"override in an address", "POST", "/api/v1/reports", object{"note": "a", "address": "\u202d1"}, "control_character", "address"},
		{"override in a zone's name", "POST", "/api/v1/zones", zoneInput(2, 55, 25, 0.1, names("", "\u202eZ")), "control_character", "names.en"},
		{"tab in a zone's name", "POST", "/api/v1/zones", zoneInput(2, 55, 25, 0.1, names("", "Z\t")), "control_character", "names.en"},
		{"override in a source", "POST", "/api/v1/zones", zoneInput(2, 55, 25, 0.1, object{"source": "\u2068"}), "control_character", "source"},
		{"override in a label", "POST", "/api/v1/links", link("a\u202c"), "control_character", "label"},
	} {
		t.Run(x.name, func(t *testing.T) {
			version := ifMatch(`"2"`) // the zone's; the person is at 1
			if x.method == "PATCH" {
				version = ifMatch(`"1"`)
			}
			a := c.do(x.method, x.path, x.body, key(), version)
			a.refusedAs(t, 422, x.code, x.field)
		})
	}
	for _, in := range []object{
		{"name": "می\u200cخواهم", "note": "line\nline\ttab"},                                       // Persian is written with a ZWNJ
		{"name": "क\u200dष", "latin": " Kessha "},                                                  // and Hindi with a ZWJ
		{"name": "Ә Ғ Қ Ң Ө Ұ Ү Һ І", "phones": []string{"\u202a+7 701 234 56 78\u202c"}},          // as address books copy a number
		{"note": "\u200fعربي\u200e", "tour_code": "T 1", "handles": []string{"@a b"}, "name": "С"}, // marks of direction turn nothing else
	} {
		c.want(201, "POST", "/api/v1/people", in, key())
	}
}

// TestGeometryMembers: a shape has its two members and what GeoJSON allows
// beside them; anything else is a mistake.
func TestGeometryMembers(t *testing.T) {
	h := newHarness(t)
	c := h.key(auth.RoleAnalyst, tracker.ID{})
	ring := `"coordinates":[[[0,0],[1,0],[1,1],[0,1],[0,0]]]`
	zone := func(more string) object {
		in := zoneInput(2, 0, 0, 1)
		in["geometry"] = rawJSON(`{"type":"Polygon",` + ring + more + `}`)
		return in
	}
	c.do("POST", "/api/v1/zones", zone(`,"x":1`)).refusedAs(t, 422, "unknown_member", "geometry.x")
	c.do("POST", "/api/v1/zones", zone(`,"properties":{}`)).refusedAs(t, 422, "unknown_member", "geometry.properties")
	c.do("POST", "/api/v1/zones/preview", zone(`,"Type":"Polygon"`)).refusedAs(t, 422, "wrong_case", "geometry.Type")
	c.want(201, "POST", "/api/v1/zones", zone(`,"bbox":[0,0,1,1],"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}`))
	if a := c.do("POST", "/api/v1/zones", zone(`,"crs":{"type":"name","properties":{"name":"EPSG:3857"}}`)); a.StatusCode != 422 {
		t.Errorf("another system: %d %s", a.StatusCode, a.body)
	}
}
