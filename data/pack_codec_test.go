package data

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"aman/geo/tracker"
)

// FuzzUnpack: nothing that stands in a pack's place may panic, or ask for more memory
// than a report for each 16 bytes; what is read must be written as it was.
func FuzzUnpack(f *testing.F) {
	e, people := new(encoded), tracker.NewID()
	if err := e.packs(2, func(i int) (tracker.ID, packing, error) {
		return people, packing{id: tracker.NewID(), crisis: people, country: "AE", sealed: []byte{1, 2}, times: [5]int64{1, -1, 0, 1 << 60, 5}}, nil
	}); err != nil {
		f.Fatal(err)
	}
	args := e[tPacks][0].args
	f.Add(args[0].([]byte), args[1].([]byte))
	f.Add([]byte("0123456789abcdef"), []byte{packFormat, packSealed, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, people, body []byte) {
		xs, err := unpack(people, body)
		if err != nil {
			return
		}
		again := new(encoded)
		if err := again.packs(len(xs), func(i int) (tracker.ID, packing, error) { return xs[i].Person, repacked(&xs[i]), nil }); err != nil {
			t.Fatal(err)
		}
		var ys []storedReport
		for _, r := range again[tPacks] {
			part, err := unpack(r.args[0].([]byte), r.args[1].([]byte))
			if err != nil {
				t.Fatal(err)
			}
			ys = append(ys, part...)
		}
		if len(xs) != len(ys) {
			t.Fatalf("%d reports became %d", len(xs), len(ys))
		}
		for i := range xs {
			if !reflect.DeepEqual(xs[i], ys[i]) {
				t.Errorf("%+v became %+v", xs[i], ys[i])
			}
		}
	})
}

// repacked is a report of a pack on its way into another.
func repacked(x *storedReport) packing {
	return packing{
		id: x.ID, crisis: x.Crisis, source: x.Source, channel: uint8(x.Channel), wellbeing: uint8(x.Wellbeing),
		intention: uint8(x.Intention), contact: uint8(x.Contact), method: uint8(x.method), persons: uint64(x.Persons),
		needs: uint64(x.Needs), flags: uint64(x.flags), hasNeeds: x.HasNeeds, country: x.Country, sealed: x.sealed,
		times: [...]int64{toMicros(x.ReceivedAt), toMicros(x.FixedAt), toMicros(x.SentAt), toMicros(x.EffectiveAt), toMicros(x.OnwardUntil)},
	}
}

// TestPackOfRows: reports that become a pack as rows of several writes, and those that
// are packed as one write, are read back as what they were. The oracle are the reports.
func TestPackOfRows(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 2))
	b, err := newKeyFile()
	if err != nil {
		t.Fatal(err)
	}
	v, err := parseVault(b)
	if err != nil {
		t.Fatal(err)
	}
	crises := []tracker.ID{tracker.NewID(), tracker.NewID()}
	s := &sealer{v: v, fresh: map[tracker.ID]personKey{}}
	var people []tracker.ID
	for i := range 20 {
		people = append(people, tracker.NewID())
		s.fresh[people[i]] = newPersonKey(crises[i%2])
	}
	var reports []tracker.Report
	for range 3*packSize + 5 {
		i := rng.IntN(len(people))
		r := tracker.Report{
			ID: tracker.NewID(), Person: people[i], Crisis: crises[i%2], Channel: tracker.Channel(rng.IntN(9)), Wellbeing: tracker.Wellbeing(rng.IntN(5)),
			Intention: tracker.Intention(rng.IntN(5)), Contact: tracker.Contact(rng.IntN(4)), Persons: rng.IntN(1000), Needs: tracker.Needs(rng.IntN(1 << 12)),
			HasNeeds: rng.IntN(2) == 0, Flags: tracker.FlagHide * tracker.Flags(rng.IntN(2)), ReceivedAt: fromMicros(rng.Int64N(1 << 52)),
			FixedAt: fromMicros(rng.Int64N(1 << 52)), EffectiveAt: fromMicros(rng.Int64N(1 << 52)),
		}
		if rng.IntN(2) == 0 {
			r.Source, r.Country, r.OnwardUntil = people[0], "AE", time.Unix(1, 0).UTC()
		}
		if rng.IntN(3) > 0 {
			r.Position = &tracker.Position{Point: [2]float64{rng.Float64(), -rng.Float64()}, RadiusM: 7, Method: tracker.GNSS, Flags: tracker.FlagSkew}
		} else if rng.IntN(2) == 0 {
			r.Note = "Әділет of some length"
		}
		reports = append(reports, r)
	}
	sortBy(reports, reportKey)
	asRows, asOne := new(encoded), new(encoded)
	for i := range reports {
		if err := s.report(asRows, &reports[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := asRows.pack(); err != nil {
		t.Fatal(err)
	}
	if err := s.packs(asOne, reports); err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]*encoded{"rows": asRows, "one write": asOne} {
		if len(e[tReports]) != 0 || len(e[tPacks]) != 4 {
			t.Fatalf("%s: %d rows and %d packs", name, len(e[tReports]), len(e[tPacks]))
		}
		var got []tracker.Report
		o := &opener{v: v}
		for _, r := range e[tPacks] {
			if bytes.Contains(r.args[1].([]byte), []byte("Әділет")) {
				t.Errorf("%s: a note can be read", name)
			}
			xs, err := unpack(r.args[0].([]byte), r.args[1].([]byte))
			if err != nil {
				t.Fatal(err)
			}
			for i := range xs {
				if err := o.fill(&xs[i], s.fresh[xs[i].Person]); err != nil {
					t.Fatal(err)
				}
				got = append(got, xs[i].Report)
			}
		}
		if !reflect.DeepEqual(got, reports) {
			t.Errorf("%s: reports came back otherwise", name)
		}
	}
}
