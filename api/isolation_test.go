package api_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"aman/api/auth"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// population files reports of people in the Emirates and in Qatar, some without a
// place, and returns their ids by the mission that sees them.
func (h *harness) population(analyst caller, rng *rand.Rand, n int) (byMission map[tracker.ID][]tracker.ID) {
	h.t.Helper()
	byMission = map[tracker.ID][]tracker.ID{}
	var lines strings.Builder
	for i := range n {
		name := fmt.Sprintf("Person %d", i)
		wellbeing := []string{"safe", "needs_help", "injured", "unknown"}[rng.IntN(4)]
		persons := 1 + rng.IntN(4)
		// Well inland, so that each is in one country only.
		place := [2][2]float64{{54.4, 23.8}, {51.2, 25.3}}[i%2]
		country := []string{"AE", "QA"}[i%2]
		if rng.IntN(10) == 0 {
			fmt.Fprintf(&lines, `{"person":{"name":%q,"country":%q,"persons":%d},"wellbeing":%q}`+"\n", name, country, persons, wellbeing)
			continue
		}
		fmt.Fprintf(&lines, `{"person":{"name":%q,"persons":%d},"wellbeing":%q,"position":{"lon":%v,"lat":%v,"radius_m":%v,"method":"gnss"}}`+"\n",
			name, persons, wellbeing, place[0]+rng.Float64()*0.2-0.1, place[1]+rng.Float64()*0.2-0.1, 10+rng.Float64()*3000)
	}
	var batch openapi.BatchResult
	analyst.want(200, "POST", "/api/v1/reports/batch", lines.String(), key(), header{"Content-Type", "application/x-ndjson"}).into(h.t, &batch)
	if batch.Stored != n {
		h.t.Fatalf("stored %d of %d: %+v", batch.Stored, n, batch.Results)
	}
	for i, line := range batch.Results {
		m := []tracker.ID{h.abuDhabi, h.doha}[i%2]
		byMission[m] = append(byMission[m], line.Receipt.PersonId)
	}
	return byMission
}

// TestIsolation: an embassy finds the people of another mission's area nowhere:
// not in lists, searches, cells, counts, events, airports, cards, edits, links or
// exports, and everything that counts adds up to its own people alone.
func TestIsolation(t *testing.T) {
	h := newHarness(t)
	const seed = 7
	t.Logf("seed %d", seed)
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	zone := analyst.activeZone(zoneInput(4, 52.8, 24.5, 2.5)) // holds both areas
	people := h.population(analyst, rand.New(rand.NewPCG(seed, 1)), 120)

	for _, role := range []auth.Role{auth.RoleEmbassy, auth.RoleLocalStaff} {
		for mission, other := range map[tracker.ID]tracker.ID{h.abuDhabi: h.doha, h.doha: h.abuDhabi} {
			c := h.key(role, mission)
			own := map[tracker.ID]bool{}
			for _, id := range people[mission] {
				own[id] = true
			}
			check := func(what string, items []openapi.PersonRow, total openapi.Count) {
				t.Helper()
				if total.Records != int64(len(own)) || len(items) != len(own) {
					t.Errorf("%s %s: %d rows, total %d, want %d", role, what, len(items), total.Records, len(own))
				}
				for _, row := range items {
					if !own[row.Id] {
						t.Errorf("%s %s shows somebody else's %s", role, what, row.Id)
					}
					if role == auth.RoleLocalStaff && row.Position != nil {
						t.Errorf("%s %s shows local staff a place", role, what)
					}
				}
			}
			var list openapi.PersonList
			c.want(200, "GET", "/api/v1/people?limit=1000", nil).into(t, &list)
			check("list", list.Items, list.Total)
			persons := list.Total.Persons
			c.want(200, "POST", "/api/v1/people/search", object{"text": "Person", "limit": 1000}).into(t, &list)
			check("search", list.Items, list.Total)

			var cells openapi.CellList
			c.want(200, "GET", "/api/v1/cells?zoom=18", nil).into(t, &cells)
			var counts openapi.CountList
			c.want(200, "GET", "/api/v1/counts?by=zone", nil).into(t, &counts)
			if cells.Total.Persons != persons || counts.Total.Persons != persons {
				t.Errorf("%s: cells %d, counts %d, list %d persons", role, cells.Total.Persons, counts.Total.Persons, persons)
			}
			// Filtering for the other mission's people finds only those in scope: none.
			for _, q := range []string{"mission=" + other.String(), "country=" + map[tracker.ID]string{h.doha: "QA", h.abuDhabi: "AE"}[other]} {
				c.want(200, "GET", "/api/v1/people?"+q, nil).into(t, &list)
				if list.Total.Records != 0 {
					t.Errorf("%s people?%s finds %d", role, q, list.Total.Records)
				}
			}
			var z openapi.Zone
			c.want(200, "GET", "/api/v1/zones/"+zone.Id.String(), nil).into(t, &z)
			var zc openapi.ZoneCounts
			c.want(200, "GET", "/api/v1/zones/"+zone.Id.String()+"/counts", nil).into(t, &zc)
			c.want(200, "GET", "/api/v1/zones/"+zone.Id.String()+"/people", nil).into(t, &list)
			if n := z.Inside.Records + z.Possible.Records; n != list.Total.Records || zc.Inside != *z.Inside || zc.Possible != *z.Possible || n > int64(len(own)) {
				t.Errorf("%s: zone %+v %+v, counts %+v %+v, list %+v", role, *z.Inside, *z.Possible, zc.Inside, zc.Possible, list.Total)
			}

			// By id: as if nobody were there.
			stranger := people[other][0].String()
			absent := c.do("GET", "/api/v1/people/"+tracker.NewID().String(), nil)
			hidden := c.do("GET", "/api/v1/people/"+stranger, nil)
			if hidden.StatusCode != 404 || hidden.code(t) != absent.code(t) {
				t.Errorf("%s card of a stranger: %d %s", role, hidden.StatusCode, hidden.body)
			}
			c.want(404, "POST", "/api/v1/reports", object{"person_id": stranger, "wellbeing": "safe"}, key())
			if role == auth.RoleEmbassy {
				until := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
				c.want(404, "POST", "/api/v1/links", object{"kind": "personal", "person_id": stranger, "expires_at": until})
				c.want(404, "POST", "/api/v1/links/batch", object{"person_ids": []string{stranger}, "expires_at": until})
				c.want(404, "PATCH", "/api/v1/people/"+stranger, object{"name": "x"}, header{"If-Match", `"1"`})
				c.want(404, "POST", "/api/v1/people/"+stranger+"/assign", object{"mission": mission.String(), "reason": "mine"})
				c.want(404, "POST", "/api/v1/reports/"+tracker.NewID().String()+"/retract", object{"person_id": stranger, "reason": "x"})
				for _, format := range []string{"csv", "geojson"} {
					file := string(c.want(200, "GET", "/api/v1/people/export?format="+format, nil).body)
					for _, id := range people[other] {
						if strings.Contains(file, id.String()) {
							t.Errorf("the %s export holds a stranger", format)
						}
					}
					for id := range own {
						if !strings.Contains(file, id.String()) {
							t.Errorf("the %s export lacks %s", format, id)
						}
					}
				}
			}
			// Events name only own people, and count only them.
			var es openapi.EventList
			c.want(200, "GET", "/api/v1/events?limit=500", nil).into(t, &es)
			for _, e := range es.Items {
				if e.Count.Records > int64(len(own)) {
					t.Errorf("%s: an event counts %d", role, e.Count.Records)
				}
				if e.People != nil {
					for _, id := range *e.People {
						if !own[id] {
							t.Errorf("%s: an event names a stranger", role)
						}
					}
				}
			}
		}
	}
}

// TestLookupTellsOnlyTheDutyPhone: rule 5.
func TestLookupTellsOnlyTheDutyPhone(t *testing.T) {
	h := newHarness(t)
	report := at("Held in Doha", 51.2, 25.3)
	report["person"] = object{"name": "Held in Doha", "passport": "N7654321"}
	h.key(auth.RoleAnalyst, tracker.ID{}).file(report)
	var l openapi.Lookup
	ask := object{"kind": "passport", "value": "N7654321", "reason": "a caller at the counter"}
	h.key(auth.RoleEmbassy, h.abuDhabi).want(200, "POST", "/api/v1/people/lookup", ask).into(t, &l)
	if !l.Held || l.PersonId != nil || l.DutyPhone == nil || *l.DutyPhone != "+97400000002" {
		t.Errorf("another mission is told %+v", l)
	}
	l = openapi.Lookup{}
	h.key(auth.RoleEmbassy, h.doha).want(200, "POST", "/api/v1/people/lookup", ask).into(t, &l)
	if !l.Held || l.PersonId == nil {
		t.Errorf("the mission itself is told %+v", l)
	}
}

// TestNoPlacesForLocalStaff: neither zooming nor ever smaller boxes find a place.
func TestNoPlacesForLocalStaff(t *testing.T) {
	h := newHarness(t)
	h.key(auth.RoleAnalyst, tracker.ID{}).file(at("Somebody", 54.43217, 23.81234))
	c := h.key(auth.RoleLocalStaff, h.abuDhabi)
	body := string(c.want(200, "GET", "/api/v1/cells?zoom=18", nil).body)
	if strings.Contains(body, "54.43") || strings.Contains(body, "23.81") {
		t.Errorf("cells give the place away: %s", body)
	}
	// A box beside the person, within the same coarse cell, answers as one around them.
	var cells [2]openapi.CellList
	for i, box := range []string{"54.4321,23.8123,54.4322,23.8124", "54.41,23.82,54.42,23.83"} {
		c.want(200, "GET", "/api/v1/cells?zoom=18&bbox="+url.QueryEscape(box), nil).into(t, &cells[i])
	}
	if cells[0].Total != cells[1].Total || cells[0].Total.Records != 1 {
		t.Errorf("small boxes answer %+v and %+v", cells[0].Total, cells[1].Total)
	}
	var list openapi.PersonList
	c.want(200, "GET", "/api/v1/people", nil).into(t, &list)
	card := c.want(200, "GET", "/api/v1/people/"+list.Items[0].Id.String(), nil)
	if strings.Contains(string(card.body), "54.43") {
		t.Errorf("the card gives the place away: %s", card.body)
	}
}

// TestPartnerSeesReceiptsOnly: it submits, and can't reach those whom it knows by id.
func TestPartnerSeesReceiptsOnly(t *testing.T) {
	h := newHarness(t)
	partner := h.key(auth.RolePartner, tracker.ID{})
	r := partner.file(object{"person": object{"name": "Guest"}, "airport": "DXB", "wellbeing": "safe"})
	partner.want(403, "GET", "/api/v1/people/"+r.PersonId.String(), nil)
	partner.want(403, "GET", "/api/v1/people", nil)
	partner.want(404, "POST", "/api/v1/reports", object{"person_id": r.PersonId.String(), "wellbeing": "injured"}, key())
	partner.want(422, "POST", "/api/v1/reports", object{"channel": "staff", "wellbeing": "safe"}, key())
}
