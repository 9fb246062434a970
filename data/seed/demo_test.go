package seed_test

import (
	"bytes"
	"encoding/csv"
	"reflect"
	"strings"
	"testing"
	"time"

	"aman/data/seed"
	"aman/geo"
	"aman/geo/tracker"
)

var demoNow = time.Date(2026, 3, 11, 9, 30, 0, 0, time.UTC)

func demo(t *testing.T, s uint64) seed.DemoData {
	t.Helper()
	d, err := seed.Demo(world(t), seed.DemoOptions{Now: demoNow, Seed: s, Analyst: tracker.ID{1}, Second: tracker.ID{2}})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Oracle: the figures published in March 2026.
func TestDemoHoldsThePublishedFigures(t *testing.T) {
	published := map[string]int{"AE": 3500, "SA": 3000, "QA": 1500, "BH": 168, "KW": 134, "JO": 134, "IL": 100, "IR": 82}
	d := demo(t, 1)
	persons := map[string]int{}
	placed := map[tracker.ID]bool{}
	var airport, tours, parties, minors, groups, pilgrims int
	for _, r := range d.Base.Reports {
		if r.Position != nil {
			placed[r.Person] = true
			if r.Position.Airport != "" {
				airport++
			}
		}
	}
	unplaced := 0
	for _, p := range d.Base.People {
		persons[p.Country] += p.Persons
		if !placed[p.ID] {
			unplaced++
		}
		if p.Details.TourCode != "" {
			tours++
		}
		if !p.Party.IsZero() {
			parties++
		}
		if !p.Guardian.IsZero() {
			minors++
			if p.Needs&tracker.IsMinor == 0 {
				t.Errorf("%s has a guardian and is no minor", p.ID)
			}
		}
		if p.Persons > 1 {
			groups++
		}
		if p.Stay == tracker.Pilgrim && p.Country == "SA" {
			pilgrims++
		}
	}
	for c, want := range published {
		if persons[c] != want {
			t.Errorf("%d people in %s, want %d", persons[c], c, want)
		}
	}
	for _, c := range []string{"TR", "AZ", "OM", "GE"} {
		if persons[c] == 0 {
			t.Errorf("nobody is in transit through %s", c)
		}
	}
	if share := float64(unplaced) / float64(len(d.Base.People)); share < 0.015 || share > 0.045 {
		t.Errorf("%.1f %% have no position", 100*share)
	}
	for what, n := range map[string]int{"at airports": airport, "with a tour code": tours, "in parties": parties, "minors": minors, "groups": groups, "pilgrims": pilgrims} {
		if n < 10 {
			t.Errorf("only %d %s", n, what)
		}
	}
	t.Logf("%d records, %d reports, %d unplaced, %d at airports, %d groups", len(d.Base.People), len(d.Base.Reports), unplaced, airport, groups)
}

func TestDemoPeopleAreWellFormedAndNobody(t *testing.T) {
	d := demo(t, 2)
	w := world(t)
	seen := map[string]bool{}
	letters := ""
	for _, p := range d.Base.People {
		if err := tracker.CheckPerson(&p); err != nil {
			t.Fatalf("%+v: %v", p.Details, err)
		}
		for _, number := range []string{p.Details.IIN, p.Details.Passport} {
			if number != "" && seen[number] {
				t.Errorf("%s is given twice", number)
			}
			seen[number] = true
		}
		// Oracle: the seventh digit of an IIN is 0 to 6; area codes of +7 don't start with 0.
		if p.Details.IIN != "" && p.Details.IIN[6] != '9' {
			t.Errorf("IIN %s could be somebody's", p.Details.IIN)
		}
		for _, phone := range p.Details.Phones {
			if !strings.HasPrefix(phone, "+7000") {
				t.Errorf("phone %s could be somebody's", phone)
			}
		}
		for _, r := range p.Details.Latin {
			if r != ' ' && (r < 'A' || r > 'Z') {
				t.Errorf("%q is not spelled in Latin", p.Details.Latin)
				break
			}
		}
		letters += p.Details.Name
	}
	for _, l := range "ӘәҒғҚқңӨөұүһіІҮҰҺ" {
		if !strings.ContainsRune(strings.ToUpper(letters), []rune(strings.ToUpper(string(l)))[0]) {
			t.Errorf("no name has the letter %c", l)
		}
	}
	elsewhere := 0
	country := map[tracker.ID]string{}
	for _, p := range d.Base.People {
		country[p.ID] = p.Country
	}
	for _, r := range d.Base.Reports {
		if r.ReceivedAt.After(demoNow) || r.EffectiveAt.After(r.ReceivedAt) || r.ReceivedAt.IsZero() {
			t.Fatalf("report is dated %v, %v", r.ReceivedAt, r.EffectiveAt)
		}
		if r.Position == nil {
			continue
		}
		if !(r.Position.RadiusM > 0) {
			t.Fatal("position without a radius")
		}
		if hits := w.Countries(r.Position.Point, 0); len(hits) == 0 || hits[0].Code != country[r.Person] {
			elsewhere++
		}
	}
	if n := len(d.Base.Reports) / 500; elsewhere > n {
		t.Errorf("%d positions are not in the country that their people are counted in", elsewhere)
	}
	for _, m := range d.Base.Missions {
		if !strings.HasPrefix(m.DutyPhone, "+7 000 ") || !strings.Contains(m.Names.EN, "demo") || !strings.Contains(m.Code, "DEMO") {
			t.Errorf("mission %+v could be taken for a real one", m)
		}
	}
}

func TestDemoZonesAreOfAllKinds(t *testing.T) {
	d := demo(t, 3)
	latest := map[tracker.ID]tracker.Zone{}
	levels, kinds, states := map[int]bool{}, map[tracker.ZoneKind]bool{}, map[tracker.ZoneState]bool{}
	holes, multi, countries, planned, confirmed := 0, 0, 0, 0, 0
	for _, z := range d.Zones {
		if old := latest[z.ID]; z.Version != old.Version+1 {
			t.Errorf("zone %q: version %d after %d", z.Names.EN, z.Version, old.Version)
		}
		latest[z.ID] = z
		if z.Country == "" {
			if err := geo.Validate(z.Shape); err != nil {
				t.Errorf("zone %q: %v", z.Names.EN, err)
			}
			if n, err := geo.Normalize(z.Shape); err != nil || !n.Equal(z.Shape) && !reflect.DeepEqual(geo.NewArea(n).Bound(), geo.NewArea(z.Shape).Bound()) {
				t.Errorf("zone %q is not normal: %v", z.Names.EN, err)
			}
		} else {
			countries++
		}
	}
	for _, z := range latest {
		levels[z.Level], kinds[z.Kind], states[z.State] = true, true, true
		for _, p := range z.Shape {
			holes += len(p) - 1
		}
		if len(z.Shape) > 1 {
			multi++
		}
		if z.ValidFrom.After(demoNow) {
			planned++
		}
		if z.Level == 4 && !z.Confirmer.IsZero() && z.Confirmer != z.Author {
			confirmed++
		}
		if z.Names.KK == "" || z.Names.RU == "" || z.Names.EN == "" {
			t.Errorf("zone %+v lacks a name", z.Names)
		}
	}
	if len(latest) < 8 || len(levels) != 4 || len(kinds) != 3 || holes < 3 || multi < 2 || countries < 1 || planned < 1 || confirmed < 1 ||
		!states[tracker.Draft] || !states[tracker.Active] || !states[tracker.Proposed] {
		t.Errorf("%d zones, levels %v, kinds %v, states %v, %d holes, %d multipolygons, %d countries, %d planned, %d confirmed",
			len(latest), levels, kinds, states, holes, multi, countries, planned, confirmed)
	}
}

func TestDemoIsTheSameForASeed(t *testing.T) {
	if a, b := demo(t, 7), demo(t, 7); !reflect.DeepEqual(a, b) {
		t.Error("the same seed made two demos")
	}
	if a, b := demo(t, 7), demo(t, 8); reflect.DeepEqual(a, b) {
		t.Error("two seeds made one demo")
	}
}

func TestSyntheticRowsAreWholeAndDistinct(t *testing.T) {
	const n = 60_000 // beyond 25,000 dates: serials come into play
	var a, b bytes.Buffer
	for _, out := range []*bytes.Buffer{&a, &b} {
		if err := seed.Synthetic(out, n, demoNow, 5); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same seed wrote two files")
	}
	rows, err := csv.NewReader(&a).ReadAll()
	if err != nil || len(rows) != n+1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	seen := map[string]bool{}
	for _, r := range rows[1:] {
		iin := r[column["iin"]]
		if iin == "" {
			continue
		}
		if seen[iin] || !tracker.ValidIIN(iin) {
			t.Fatalf("IIN %s is wrong or given twice", iin)
		}
		seen[iin] = true
	}
	if share := float64(len(seen)) / n; share < 0.85 || share > 0.95 {
		t.Errorf("%.0f %% have an IIN", 100*share)
	}
}
