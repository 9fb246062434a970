package api_test

import (
	"net/http"
	"testing"

	"aman/api/auth"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// TestHotlines: a mission's numbers are replaced together, in their order, and
// nobody else's are touched.
func TestHotlines(t *testing.T) {
	h := newHarness(t)
	admin, embassy := h.key(auth.RoleAdmin, tracker.ID{}), h.key(auth.RoleEmbassy, h.doha)
	number := func(phone, en string) object {
		return object{"phone": phone, "names": object{"kk": "", "ru": "", "en": en}, "public": true}
	}
	lines := func(a answer) (out []string) {
		var l openapi.HotlineList
		a.into(t, &l)
		for _, x := range l.Items {
			out = append(out, x.Phone+" "+x.Names.En)
		}
		return out
	}
	same := func(what string, got []string, want ...string) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("%s: %q, want %q", what, got, want)
		}
		for _, w := range want {
			found := false
			for _, g := range got {
				found = found || g == w
			}
			if !found {
				t.Errorf("%s: %q, want %q", what, got, want)
			}
		}
	}
	admin.want(200, "PUT", "/api/v1/hotlines", object{"items": []object{number("8 7172 72 00 00", "Ministry")}})
	got := lines(embassy.want(200, "PUT", "/api/v1/hotlines", object{"items": []object{number("+974 4411 2233", "Day"), number("+97455667788", "Night")}}))
	same("both", got, "+77172720000 Ministry", "+97444112233 Day", "+97455667788 Night")
	got = lines(embassy.want(200, "PUT", "/api/v1/hotlines", object{"mission": h.doha.String(), "items": []object{number("+97455667788", "Night")}}))
	same("replaced", got, "+77172720000 Ministry", "+97455667788 Night")
	same("as local staff read them", lines(h.key(auth.RoleLocalStaff, h.doha).want(200, "GET", "/api/v1/hotlines", nil)), got...)

	embassy.want(404, "PUT", "/api/v1/hotlines", object{"mission": h.abuDhabi.String(), "items": []object{}})
	admin.want(404, "PUT", "/api/v1/hotlines", object{"mission": tracker.NewID().String(), "items": []object{}})
	h.key(auth.RoleOperator, tracker.ID{}).want(403, "PUT", "/api/v1/hotlines", object{"items": []object{}})
	for field, in := range map[string]object{
		"items.0.phone": number("one two", "Words"),
		"items.0.names": number("+97455667788", ""),
	} {
		a := embassy.do("PUT", "/api/v1/hotlines", object{"items": []object{in}})
		var p openapi.Problem
		a.into(t, &p)
		if a.StatusCode != http.StatusUnprocessableEntity || p.Field == nil || *p.Field != field {
			t.Errorf("%s: %d %s", field, a.StatusCode, a.body)
		}
	}
	many := make([]object, 21)
	for i := range many {
		many[i] = number("+97455667788", "x")
	}
	embassy.want(422, "PUT", "/api/v1/hotlines", object{"items": many})
}
