package api_test

import (
	"net/http"
	"testing"

	"aman/api/auth"
	"aman/api/openapi"
)

// TestZoneToList is the main job: a zone is drawn, somebody reports from inside
// it, and stands in the list, the cells and the counts with the same number.
func TestZoneToList(t *testing.T) {
	h := newHarness(t)
	analyst := h.key(auth.RoleAnalyst, h.abuDhabi)
	z := analyst.activeZone(zoneInput(3, 55.3, 25.2, 0.2))
	if !z.InForce {
		t.Fatalf("zone is not in force: %+v", z)
	}
	r := analyst.file(at("Айгүл Әбенова", 55.3001, 25.2001))
	analyst.file(at("Outside", 54.0, 24.0))

	var list openapi.PersonList
	analyst.want(http.StatusOK, "GET", "/api/v1/zones/"+z.Id.String()+"/people", nil).into(t, &list)
	if list.Total.Records != 1 || len(list.Items) != 1 || list.Items[0].Id != r.PersonId || list.Items[0].Verdict != "inside" {
		t.Fatalf("list of the zone: %+v", list)
	}
	if got := list.Items[0].Name; got != "Айгүл Әбенова" {
		t.Errorf("name is %q", got)
	}
	var all openapi.PersonList
	analyst.want(http.StatusOK, "GET", "/api/v1/people", nil).into(t, &all)
	var cells openapi.CellList
	analyst.want(http.StatusOK, "GET", "/api/v1/cells?zoom=6", nil).into(t, &cells)
	var counts openapi.CountList
	analyst.want(http.StatusOK, "GET", "/api/v1/counts?by=country", nil).into(t, &counts)
	if all.Total.Records != 2 || cells.Total != all.Total || counts.Total != all.Total {
		t.Errorf("list %+v, cells %+v, counts %+v disagree", all.Total, cells.Total, counts.Total)
	}
}
