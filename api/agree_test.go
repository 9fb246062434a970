package api_test

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"aman/api/auth"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// generatedFilter is a random filter as a query.
func generatedFilter(rng *rand.Rand, zones []openapi.Zone) url.Values {
	q := url.Values{}
	some := func(name string, words ...string) {
		if rng.IntN(4) > 0 {
			return
		}
		var chosen []string
		for _, w := range words {
			if rng.IntN(2) == 0 {
				chosen = append(chosen, w)
			}
		}
		if len(chosen) > 0 {
			q.Set(name, strings.Join(chosen, ","))
		}
	}
	one := func(name string, words ...string) {
		if rng.IntN(5) == 0 {
			q.Set(name, words[rng.IntN(len(words))])
		}
	}
	some("verdict", "inside", "possible", "outside")
	some("wellbeing", "unknown", "safe", "needs_help", "injured")
	some("level", "0", "1", "2", "3", "4")
	some("stay", "unknown", "resident")
	some("intention", "unknown", "stays")
	some("contact", "untried", "reached")
	one("freshness", "fresh", "stale")
	one("country", "AE", "QA", "BH")
	one("placed", "true", "false")
	one("stranded", "true", "false")
	if rng.IntN(4) == 0 {
		q.Set("zone", zones[rng.IntN(len(zones))].Id.String())
	}
	if rng.IntN(3) == 0 {
		w, s := 50+rng.Float64()*5, 23+rng.Float64()*2
		q.Set("bbox", fmt.Sprintf("%.4f,%.4f,%.4f,%.4f", w, s, w+rng.Float64()*3, s+rng.Float64()*2))
	}
	return q
}

// TestNumbersAgree: for generated filters, and for accounts of every scope, the
// list (over all its pages), the cells, the counts and the export say the same.
func TestNumbersAgree(t *testing.T) {
	h := newHarness(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	var zones []openapi.Zone
	for i := range 5 {
		lon, lat := [2]float64{54.4, 51.2}[i%2], [2]float64{23.8, 25.3}[i%2]
		zones = append(zones, analyst.activeZone(zoneInput(1+i%4, lon+rng.Float64()*0.1, lat+rng.Float64()*0.1, 0.02+rng.Float64()*0.08)))
	}
	h.population(analyst, rng, 300)
	for _, c := range []caller{analyst, h.key(auth.RoleEmbassy, h.abuDhabi), h.key(auth.RoleEmbassy, h.doha)} {
		for range 40 {
			q := generatedFilter(rng, zones)
			var total openapi.Count
			var list openapi.PersonList
			ids := map[tracker.ID]bool{}
			for cursor := ""; ; cursor = *list.Next {
				p := url.Values{"limit": {"37"}}
				if cursor != "" {
					p.Set("cursor", cursor)
				}
				list = openapi.PersonList{}
				c.want(200, "GET", "/api/v1/people?"+q.Encode()+"&"+p.Encode(), nil).into(t, &list)
				for _, row := range list.Items {
					if ids[row.Id] {
						t.Fatalf("%s: %s stands on two pages", q.Encode(), row.Id)
					}
					ids[row.Id] = true
					total.Records++
					total.Persons += int64(row.Persons)
				}
				if list.Next == nil {
					break
				}
			}
			if list.Total != total {
				t.Errorf("%s: the list says %+v and has %+v", q.Encode(), list.Total, total)
			}
			var cells openapi.CellList
			c.want(200, "GET", "/api/v1/cells?zoom="+strconv.Itoa(rng.IntN(19))+"&"+q.Encode(), nil).into(t, &cells)
			sum := openapi.Count{}
			for _, cell := range cells.Cells {
				sum.Records += cell.Records
				sum.Persons += cell.Persons
			}
			if !q.Has("bbox") { // with a box, those without a place are told of, and not in the total
				sum.Records += cells.Unplaced.Records
				sum.Persons += cells.Unplaced.Persons
			}
			if cells.Total != total || sum != total {
				t.Errorf("%s: list %+v, cells say %+v and add up to %+v", q.Encode(), total, cells.Total, sum)
			}
			for _, by := range []string{"wellbeing", "level", "freshness", "verdict", "mission"} { // each person in one group
				var counts openapi.CountList
				c.want(200, "GET", "/api/v1/counts?by="+by+"&"+q.Encode(), nil).into(t, &counts)
				sum := openapi.Count{}
				for _, g := range counts.Groups {
					sum.Records += g.Records
					sum.Persons += g.Persons
				}
				if counts.Total != total || sum != total {
					t.Errorf("%s: list %+v, counts by %s say %+v and add up to %+v", q.Encode(), total, by, counts.Total, sum)
				}
			}
			file := c.want(200, "GET", "/api/v1/people/export?"+q.Encode(), nil)
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(file.body), "\uFEFF"))).ReadAll()
			must(t, err)
			if int64(len(rows)-1) != total.Records {
				t.Errorf("%s: list %+v, export has %d", q.Encode(), total, len(rows)-1)
			}
		}
	}
}
