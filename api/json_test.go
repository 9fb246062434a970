package api_test

import (
	"net/http"
	"strings"
	"testing"

	"aman/api/auth"
	"aman/api/openapi"
)

// TestHostileJSON: what is not exactly right is refused with its place and a
// stable code, and is never read as a zero.
func TestHostileJSON(t *testing.T) {
	h := newHarness(t)
	analyst := h.key(auth.RoleAnalyst, h.abuDhabi)
	zone := func(members string) string {
		return `{"level":3,"kind":"ground","action":"shelter","names":{"kk":"","ru":"","en":"Z"},"valid_from":"2026-03-01T00:00:00Z","source":"s","reason":"r",` + members + `}`
	}
	geometry := func(g string) string { return zone(`"geometry":` + g) }
	for _, c := range []struct {
		name, path, body string
		status           int
		code, field      string
	}{
		{"empty", "/api/v1/reports", ``, 400, "empty_body", ""},
		{"not json", "/api/v1/reports", `level=3`, 400, "malformed_json", ""},
		{"trailing text", "/api/v1/reports", `{"wellbeing":"safe"} x`, 400, "trailing_data", ""},
		{"two values", "/api/v1/reports", `{"wellbeing":"safe"}{}`, 400, "trailing_data", ""},
		{"bad utf-8", "/api/v1/reports", "{\"note\":\"\xff\"}", 400, "invalid_utf8", ""},
		{"half a surrogate", "/api/v1/reports", `{"note":"\ud800"}`, 400, "invalid_utf8", ""},
		{"nul", "/api/v1/reports", `{"note":"\u0000"}`, 422, "control_character", "note"},
		{"depth", "/api/v1/reports", `{"person":` + strings.Repeat(`[`, 100), 422, "wrong_type", "person"},
		{"depth of a shape", "/api/v1/zones", geometry(`{"type":"Polygon","coordinates":` + strings.Repeat(`[`, 100) + strings.Repeat(`]`, 100) + `}`), 400, "too_deep", ""},
		{"null", "/api/v1/reports", `{"wellbeing":null}`, 422, "null", "wellbeing"},
		{"null body", "/api/v1/reports", `null`, 422, "null", ""},
		{"array body", "/api/v1/reports", `[]`, 422, "wrong_type", ""},
		{"wrong case", "/api/v1/reports", `{"Wellbeing":"safe"}`, 422, "wrong_case", "Wellbeing"},
		{"escaped wrong case", "/api/v1/reports", `{"\u0057ellbeing":"safe"}`, 422, "wrong_case", "Wellbeing"},
		{"duplicate", "/api/v1/reports", `{"wellbeing":"safe","wellbeing":"injured"}`, 422, "duplicate_key", "wellbeing"},
		{"escaped duplicate", "/api/v1/reports", `{"wellbeing":"safe","\u0077ellbeing":"injured"}`, 422, "duplicate_key", "wellbeing"},
		{"unknown member", "/api/v1/reports", `{"wellbeing":"safe","status":"ok"}`, 422, "unknown_member", "status"},
		{"nested unknown", "/api/v1/reports", `{"position":{"lon":1,"lat":2,"method":"pin","alt":5}}`, 422, "unknown_member", "position.alt"},
		{"says nothing", "/api/v1/reports", `{}`, 422, "says_nothing", ""},
		{"two places", "/api/v1/reports", `{"airport":"DXB","country":"AE"}`, 422, "two_places", ""},
		{"number as text", "/api/v1/reports", `{"position":{"lon":"1","lat":2,"method":"pin"}}`, 422, "wrong_type", "position.lon"},
		{"huge number", "/api/v1/reports", `{"position":{"lon":1e400,"lat":2,"method":"pin"}}`, 422, "out_of_range", "position.lon"},
		{"nan", "/api/v1/reports", `{"position":{"lon":NaN,"lat":2,"method":"pin"}}`, 400, "malformed_json", ""},
		{"out of range", "/api/v1/reports", `{"position":{"lon":1,"lat":90.1,"method":"pin"}}`, 422, "out_of_range", "position.lat"},
		{"missing method", "/api/v1/reports", `{"position":{"lon":1,"lat":9}}`, 422, "required", "position.method"},
		{"fraction of a person", "/api/v1/reports", `{"wellbeing":"safe","persons":1.5}`, 422, "wrong_type", "persons"},
		{"unknown airport", "/api/v1/reports", `{"airport":"QQQ"}`, 422, "unknown_airport", "airport"},
		{"unknown city", "/api/v1/reports", `{"city":{"name":"Nowhere at all","country":"AE"}}`, 422, "unknown_city", "city"},
		{"bad phone", "/api/v1/reports", `{"note":"x","phone":"call me"}`, 422, "not_a_phone", "phone"},
		{"bad time", "/api/v1/reports", `{"note":"x","fixed_at":"yesterday"}`, 422, "wrong_form", "fixed_at"},
		{"phones", "/api/v1/people", `{"phones":["+77012345678","x"]}`, 422, "not_a_phone", "phones[1]"},
		{"iin checksum", "/api/v1/people", `{"iin":"900101300011"}`, 422, "wrong_checksum", "iin"},
		{"birth in the future", "/api/v1/people", `{"birth_date":"2090-01-01"}`, 422, "out_of_range", "birth_date"},
		{"no 30 February", "/api/v1/people", `{"birth_date":"1990-02-30"}`, 422, "wrong_form", "birth_date"},

		{"zone unknown member", "/api/v1/zones", zone(`"country":"AE","state":"active"`), 422, "unknown_member", "state"},
		{"zone level text", "/api/v1/zones", strings.Replace(zone(`"country":"AE"`), `"level":3`, `"level":"3"`, 1), 422, "wrong_type", "level"},
		{"zone level 5", "/api/v1/zones", strings.Replace(zone(`"country":"AE"`), `"level":3`, `"level":5`, 1), 422, "out_of_range", "level"},
		{"zone without reason", "/api/v1/zones", strings.Replace(zone(`"country":"AE"`), `"reason":"r",`, ``, 1), 422, "required", "reason"},
		{"zone both", "/api/v1/zones", zone(`"country":"AE","geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}`), 422, "both_given", "geometry"},
		{"zone neither", "/api/v1/zones", zone(`"floor_m":0`), 422, "missing", "geometry"},
		{"zone unknown country", "/api/v1/zones", zone(`"country":"QQ"`), 422, "unknown_country", "country"},
		{"zone null geometry", "/api/v1/zones", geometry(`null`), 422, "null", "geometry"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := analyst.do("POST", c.path, c.body, key())
			var p openapi.Problem
			a.into(t, &p)
			field := ""
			if p.Field != nil {
				field = *p.Field
			}
			if a.StatusCode != c.status || p.Code != c.code || field != c.field {
				t.Errorf("got %d %q at %q, want %d %q at %q: %s", a.StatusCode, p.Code, field, c.status, c.code, c.field, a.body)
			}
		})
	}
	// Nothing of it was stored.
	var list openapi.PersonList
	analyst.want(http.StatusOK, "GET", "/api/v1/people", nil).into(t, &list)
	var zones openapi.ZoneList
	analyst.want(http.StatusOK, "GET", "/api/v1/zones", nil).into(t, &zones)
	if list.Total.Records != 0 || len(zones.Items) != 0 {
		t.Errorf("stored %d people and %d zones", list.Total.Records, len(zones.Items))
	}
}

// TestBadShapes: a shape is refused with the rule, the path and the place.
func TestBadShapes(t *testing.T) {
	h := newHarness(t)
	analyst := h.key(auth.RoleAnalyst, h.abuDhabi)
	for _, c := range []struct{ name, geometry string }{
		{"not closed", `{"type":"Polygon","coordinates":[[[52.3,4.9],[53,4.9],[53,5],[52.3,5]]]}`},
		{"bow tie", `{"type":"Polygon","coordinates":[[[0,0],[2,2],[2,0],[0,2],[0,0]]]}`},
		{"a point", `{"type":"Point","coordinates":[1,2]}`},
		{"one number", `{"type":"Polygon","coordinates":[[[0],[2,2],[2,0],[0,0]]]}`},
		{"null position", `{"type":"Polygon","coordinates":[[null,[2,2],[2,0],[0,0]]]}`},
		{"lon 500", `{"type":"Polygon","coordinates":[[[500,0],[2,2],[2,0],[500,0]]]}`},
		{"wrong case", `{"type":"Polygon","Coordinates":[[[0,0],[2,2],[2,0],[0,0]]]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := zoneInput(3, 0, 0, 1)
			delete(in, "geometry")
			in["geometry"] = rawJSON(c.geometry)
			a := analyst.do("POST", "/api/v1/zones", in)
			var p openapi.Problem
			a.into(t, &p)
			if a.StatusCode != 422 || p.Code == "" || p.Field == nil || !strings.HasPrefix(*p.Field, "geometry") {
				t.Errorf("got %d: %s", a.StatusCode, a.body)
			}
			if (c.name == "not closed" || c.name == "bow tie") && p.Near == nil {
				t.Errorf("no place: %s", a.body)
			}
		})
	}
}

// TestMediaTypesAndSizes: bodies are what they say they are, and no larger than allowed.
func TestMediaTypesAndSizes(t *testing.T) {
	h := newHarness(t)
	analyst := h.key(auth.RoleAnalyst, h.abuDhabi)
	for _, media := range []string{"text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data; boundary=x", "application/jsonp", "application/json; charset=utf-16", "application/json; charset=windows-1251"} {
		a := analyst.do("POST", "/api/v1/reports", `{"wellbeing":"safe"}`, key(), header{"Content-Type", media})
		if a.StatusCode != http.StatusUnsupportedMediaType {
			t.Errorf("%q: status %d", media, a.StatusCode)
		}
	}
	analyst.want(http.StatusCreated, "POST", "/api/v1/reports", `{"wellbeing":"safe"}`, key(), header{"Content-Type", "application/json; charset=utf-8"})
	analyst.want(http.StatusCreated, "POST", "/api/v1/reports", `{"wellbeing":"safe"}`, key(), header{"Content-Type", `application/json; charset="UTF-8"`})
	long := `{"note":"` + strings.Repeat("x", 70_000) + `"}`
	if a := analyst.do("POST", "/api/v1/reports", long, key()); a.StatusCode != http.StatusRequestEntityTooLarge || a.code(t) != "body_too_large" {
		t.Errorf("a long body: status %d: %s", a.StatusCode, a.body)
	}
	// Parameters: misspelt, repeated, out of range.
	for _, q := range []string{"verdit=inside", "verdict=inside&verdict=possible", "verdict=within", "limit=0", "limit=1001", "limit=1e2", "level=5", "bbox=1,2,3", "bbox=1,2,3,NaN", "stranded=yes", "zone=x", "country=ae", "%zz", "country=AE&%", "limit=1;verdict=inside"} {
		if a := analyst.do("GET", "/api/v1/people?"+q, nil); a.StatusCode != http.StatusBadRequest {
			t.Errorf("people?%s: status %d: %s", q, a.StatusCode, a.body)
		}
	}
}
