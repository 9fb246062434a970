package api_test

import (
	"net/http"
	"strings"
	"testing"

	"aman/api/auth"
	"aman/geo/tracker"
)

// wanted says who may do what, written down a second time: the oracle for the
// permissions table. A letter for each role: a admin, n analyst, o operator,
// e embassy, l local staff, p partner, c casualty cell; * is everybody, signed in or not.
var wanted = map[string]string{
	"login": "*", "logout": "anoelpc", "getMe": "anoelpc",
	"listCrises": "anoelpc", "listMissions": "anoelc", "searchPlaces": "anoelpc",
	"listZones": "anoelc", "getZone": "anoelc", "listZoneVersions": "anoelc", "createZone": "an", "replaceZone": "an", "publishZone": "an",
	"withdrawZone": "an", "discardZoneDraft": "an", "previewZone": "an", "previewStoredZone": "an",
	"listZonePeople": "anoelc", "listZoneAirports": "anoelc", "countZone": "anoelc",
	"listPeople": "anoelc", "searchPeople": "anoelc", "getPerson": "anoelc", "createPerson": "anoelpc",
	"lookUpPerson": "anoec", "exportPeople": "ane", "editPerson": "anoec", "assignPerson": "anoec",
	"matchPeople": "anoelc", "listMatches": "anoelc", "mergePerson": "anoec", "unmergePerson": "anoec", "erasePerson": "ae", "ruleReport": "anoec",
	"createReport": "anoelpc", "createReports": "anoelpc", "retractReport": "anoec",
	"listAirports": "anoelc", "getAirport": "anoelc", "listAirportPeople": "anoelc", "setAirportState": "ano",
	"whatIsAt": "anoelc", "matchPoints": "anoelc", "getCells": "anoelc", "getCounts": "anoelc", "listEvents": "anoelc", "streamEvents": "anoelc",
	"listLinks": "anoelc", "createLink": "anoec", "createLinks": "ane", "linkPoster": "anoelc", "revokeLink": "anoec",
	"listCallbacks": "anoec", "changeCallback": "anoec", "listHotlines": "anoelc", "setHotlines": "ae", "listShifts": "anoelc", "setShifts": "ae",
	"previewList": "anoep", "takeList": "anoep", "listMappings": "anoep", "saveMapping": "anoep", "deleteMapping": "anoep", "getReceipt": "anoelpc",
	"listMessages": "anoec", "sendMessage": "anoec", "announce": "ane",
	"listDevices": "anoelc", "endDevices": "anoec", "linkDevicePage": "*", "linkDevice": "*",
	"smsDeliver": "*", "ownTracks": "*", "osmAndQuery": "*", "osmAnd": "*",
	"telegramUpdate": "*", "whatsAppVerify": "*", "whatsAppEvents": "*",
	"linkPage": "*", "linkReport": "*", "linkMap": "*", "linkData": "*", "linkAsk": "*", "linkRead": "*", "docs": "*",
}

var roleLetters = map[auth.Role]string{
	auth.RoleAdmin: "a", auth.RoleAnalyst: "n", auth.RoleOperator: "o", auth.RoleEmbassy: "e",
	auth.RoleLocalStaff: "l", auth.RolePartner: "p", auth.RoleCasualty: "c",
}

// TestEveryRouteForEveryRole sends every route of the router as nobody and as
// every role. Nobody gets 401, a role without the permission 403, and the others
// get past the gate (whatever the route then says to an empty request, but never
// 401 or 403). Streams are left open by a request that is cut off.
func TestEveryRouteForEveryRole(t *testing.T) {
	h := newHarness(t)
	nobody := caller{h: h}
	callers := map[auth.Role]caller{}
	for _, r := range auth.Roles() {
		callers[r] = h.key(r, h.abuDhabi)
	}
	for _, r := range h.server.Registry().Routes() {
		allowed, listed := wanted[r.Operation]
		if strings.HasPrefix(r.Operation, "file ") {
			allowed, listed = "*", true
		}
		if !listed {
			t.Errorf("route %s %s (%s) is not in the test's table: say who may call it", r.Method, r.Path, r.Operation)
			continue
		}
		path := strings.NewReplacer(":id", tracker.NewID().String(), "/airports/:code", "/airports/DXB", "/s/:code", "/s/0123456789").Replace(r.Path)
		if got := nobody.do(r.Method, path, nil).StatusCode; allowed != "*" && got != http.StatusUnauthorized || allowed == "*" && got == http.StatusUnauthorized {
			t.Errorf("%s %s as nobody: status %d", r.Method, path, got)
		}
		if allowed == "*" || r.Operation == "streamEvents" {
			continue
		}
		for role, c := range callers {
			a := c.do(r.Method, path, nil)
			may := strings.Contains(allowed, roleLetters[role])
			if refused := a.StatusCode == http.StatusForbidden; refused == may || a.StatusCode == http.StatusUnauthorized {
				t.Errorf("%s %s as %s: status %d (%s), may call it: %v", r.Method, path, role, a.StatusCode, a.body, may)
			}
		}
	}
}

// TestMethodsThatAreNotThere tries every other method on every path: none may
// reach a handler.
func TestMethodsThatAreNotThere(t *testing.T) {
	h := newHarness(t)
	admin := h.key(auth.RoleAdmin, tracker.ID{})
	reg := h.server.Registry()
	for _, r := range reg.Routes() {
		path := strings.NewReplacer(":id", tracker.NewID().String(), "/airports/:code", "/airports/DXB", "/s/:code", "/s/0123456789").Replace(r.Path)
		for _, m := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} {
			if _, ok := reg.Lookup(m, r.Path); ok {
				continue
			}
			a := admin.do(m, path, nil)
			// /zones/preview and the like are also /zones/{id} to another method.
			if a.StatusCode != http.StatusMethodNotAllowed && a.StatusCode != http.StatusNotFound {
				t.Errorf("%s %s: status %d, want 405 or 404", m, path, a.StatusCode)
			}
			if a.StatusCode == http.StatusMethodNotAllowed && a.Header.Get("Allow") == "" {
				t.Errorf("%s %s: 405 without Allow", m, path)
			}
		}
	}
	for _, path := range []string{"/nothing", "/api/v1/nothing", "/api/v1/zones/", "/../etc/passwd", "/assets/", "/citizen/page.js", "/placeholder.txt"} {
		if a := admin.do("GET", path, nil); a.StatusCode != http.StatusNotFound || a.code(t) != "not_found" {
			t.Errorf("GET %s: status %d: %s", path, a.StatusCode, a.body)
		}
	}
}
