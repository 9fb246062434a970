package api_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"aman/api/auth"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// TestExports: a file has the list's people and numbers, no cell that runs, no
// document and no exact place.
func TestExports(t *testing.T) {
	h := newHarness(t)
	const seed = 3
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	h.population(analyst, rand.New(rand.NewPCG(seed, 1)), 40)
	evil := []string{`=HYPERLINK("http://x")`, "+1", "-1", "@SUM(A1)", "\tx", "\rx", `"quoted", with comma`, "Ә Ғ Қ Ң Ө Ұ Ү Һ І"}
	for _, name := range evil {
		r := at(name, 54.43217, 23.81234)
		r["person"] = object{"name": name, "passport": "N" + strconv.Itoa(1000000+len(name)), "iin": "900101300017", "tour_code": name}
		if name != evil[0] {
			delete(r["person"].(object), "iin")
			delete(r["person"].(object), "passport")
		}
		if strings.ContainsAny(name, "\t\r") { // the API takes no such name; another way in may
			p := tracker.Person{Details: tracker.Details{Name: name, TourCode: name}}
			done, err := h.tracker.Submit(t.Context(), tracker.Submission{
				Crisis: h.crisis, Filings: []tracker.Filing{{Person: &p, Report: tracker.Report{Channel: tracker.ChannelImport, Wellbeing: tracker.Safe}}},
			})
			must(t, err)
			must(t, done.Errors[0])
			must(t, h.tracker.Wait(t.Context(), done.Seq))
			continue
		}
		analyst.file(r)
	}
	var list openapi.PersonList
	analyst.want(200, "GET", "/api/v1/people?limit=1000", nil).into(t, &list)

	a := analyst.want(200, "GET", "/api/v1/people/export?format=csv", nil)
	if !bytes.HasPrefix(a.body, []byte("\xef\xbb\xbf")) || !strings.Contains(a.Header.Get("Content-Disposition"), ".csv") {
		t.Errorf("file %v begins %q", a.Header, a.body[:10])
	}
	rows, err := csv.NewReader(bytes.NewReader(a.body[3:])).ReadAll()
	must(t, err)
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	persons := 0
	for i, row := range rows[1:] {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("cell %q runs", cell)
			}
		}
		if row[column["id"]] != list.Items[i].Id.String() {
			t.Errorf("row %d is %s, the list has %s", i, row[column["id"]], list.Items[i].Id)
		}
		n, err := strconv.Atoi(row[column["persons"]])
		must(t, err)
		persons += n
	}
	if int64(len(rows)-1) != list.Total.Records || int64(persons) != list.Total.Persons {
		t.Errorf("file: %d records, %d persons; list: %+v", len(rows)-1, persons, list.Total)
	}

	b := analyst.want(200, "GET", "/api/v1/people/export?format=geojson", nil)
	var fc struct {
		Type     string
		Features []struct {
			ID         string
			Geometry   *struct{ Coordinates [2]float64 }
			Properties struct{ Persons int }
		}
	}
	must(t, json.Unmarshal(b.body, &fc))
	persons = 0
	for i, f := range fc.Features {
		persons += f.Properties.Persons
		row := list.Items[i]
		if (f.Geometry == nil) != (row.Position == nil) {
			t.Errorf("feature %d: a place in one of file and list", i)
		}
		if f.Geometry != nil {
			for _, x := range f.Geometry.Coordinates {
				if math.Abs(x*100-math.Round(x*100)) > 1e-9 {
					t.Errorf("an exact place: %v", f.Geometry.Coordinates)
				}
			}
		}
	}
	if fc.Type != "FeatureCollection" || int64(len(fc.Features)) != list.Total.Records || int64(persons) != list.Total.Persons {
		t.Errorf("file: %d features, %d persons; list: %+v", len(fc.Features), persons, list.Total)
	}
	for _, file := range [][]byte{a.body, b.body} {
		for _, canary := range []string{"900101300017", "N1000", "54.432", "23.812"} {
			if bytes.Contains(file, []byte(canary)) {
				t.Errorf("a file holds %s", canary)
			}
		}
	}
	for _, name := range []string{"Ә Ғ Қ Ң Ө Ұ Ү Һ І"} {
		if !bytes.Contains(a.body, []byte(name)) {
			t.Errorf("the CSV lacks %s", name)
		}
	}
}
