package data

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"testing/quick"

	"aman/geo/tracker"
)

// FuzzDetails: what decodes must encode to something that decodes to the same;
// nothing may panic or ask for more memory than the input warrants.
func FuzzDetails(f *testing.F) {
	f.Add(appendDetails(nil, &tracker.Details{Name: "Ә", Phones: []string{"+7", ""}, Sex: tracker.Male}))
	f.Add([]byte{detailsFormat, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := decodeDetails(b)
		if err != nil {
			return
		}
		again, err := decodeDetails(appendDetails(nil, &d))
		if err != nil || !reflect.DeepEqual(d, again) {
			t.Errorf("%v: %+v became %+v", err, d, again)
		}
	})
}

func FuzzSayings(f *testing.F) {
	f.Add(appendSayings(nil, &tracker.Report{Note: "n", Position: &tracker.Position{Point: [2]float64{1, 2}, RadiusM: 3, Airport: "DXB"}}))
	f.Add(appendSayings(nil, &tracker.Report{Phone: "+7"}))
	days := 365
	f.Add(appendSayings(nil, &tracker.Report{MedicineDays: &days, Tell: tracker.TellNamed, TellNames: "a, b", Caller: &tracker.Caller{Name: "c", Person: tracker.NewID()}}))
	f.Add([]byte{widerSayings, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var r tracker.Report
		if err := decodeSayings(b, &r, 0, 0); err != nil {
			return
		}
		// Compared as bytes: a NaN isn't equal to itself.
		once := appendSayings(nil, &r)
		if once == nil {
			return
		}
		var again tracker.Report
		if err := decodeSayings(once, &again, 0, 0); err != nil || !bytes.Equal(appendSayings(nil, &again), once) {
			t.Errorf("%v: %+v became %+v", err, r, again)
		}
	})
}

// TestSayings: rows of the release before are read, and what it could say is still
// written as it would; the oracle is a blob put together by hand.
func TestSayings(t *testing.T) {
	none, days := 0, 365
	place := append(make([]byte, 22), 0x10, 0x40) // 0, 0 and a radius of 4
	for _, c := range []struct {
		name   string
		report tracker.Report
		want   []byte
	}{
		{"nothing", tracker.Report{}, nil},
		{"a note alone", tracker.Report{Note: "no"}, []byte("\x01\x02no\x00\x00\x00")},
		{
			"a place",
			tracker.Report{Phone: "7", Position: &tracker.Position{RadiusM: 4, Airport: "DXB"}},
			slices.Concat([]byte("\x01\x00\x017\x00\x00"), place, []byte("\x03DXB")),
		},
		{"no medicine left", tracker.Report{MedicineDays: &none}, []byte("\x02\x00\x00\x00\x00\x01\x00\x00\x00")},
		{
			"all that came later",
			tracker.Report{
				Reason: "r", MedicineDays: &days, Tell: tracker.TellNamed, TellNames: "wife",
				Caller: &tracker.Caller{Name: "n", Phone: "8", Relation: "son", Person: tracker.ID{15: 9}},
			},
			slices.Concat([]byte("\x02\x00\x00\x00\x01r\xee\x02\x03\x04wife\x01\x01n\x018\x03son"), make([]byte, 15), []byte{9}),
		},
	} {
		b := appendSayings(nil, &c.report)
		if !bytes.Equal(b, c.want) {
			t.Errorf("%s: written as %q, want %q", c.name, b, c.want)
		}
		var got tracker.Report
		if b == nil {
			continue
		}
		if err := decodeSayings(c.want, &got, 0, 0); err != nil || !reflect.DeepEqual(got, c.report) {
			t.Errorf("%s: %v, read as %+v", c.name, err, got)
		}
		for cut := range len(b) {
			if err := decodeSayings(b[:cut], new(tracker.Report), 0, 0); err == nil && b[0] == widerSayings {
				t.Errorf("%s: cut to %d bytes it is still read", c.name, cut)
			}
		}
	}
}

func FuzzTexts(f *testing.F) {
	f.Add(appendTexts(nil, "ә", "", "x\x00"))
	f.Add([]byte{sealedText, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, b []byte) {
		var x, y, z string
		if err := decodeTexts(b, &x, &y, &z); err != nil {
			return
		}
		var again [3]string
		if err := decodeTexts(appendTexts(nil, x, y, z), &again[0], &again[1], &again[2]); err != nil || again != [3]string{x, y, z} {
			t.Errorf("%v: %q %q %q became %q", err, x, y, z, again)
		}
	})
}

func FuzzMoves(f *testing.F) {
	f.Add(make([]byte, 2*moveSize))
	f.Fuzz(func(t *testing.T, b []byte) {
		if ms, err := decodeMoves(b); err == nil && !bytes.Equal(encodeMoves(ms), b) {
			t.Errorf("%x became %+v", b, ms)
		}
	})
}

// TestDetailsRoundTrip: the oracle is the value itself.
func TestDetailsRoundTrip(t *testing.T) {
	check := func(d tracker.Details) bool {
		for _, l := range []*[]string{&d.Phones, &d.Handles, &d.Sources} {
			*l = list(*l)
		}
		got, err := decodeDetails(appendDetails(nil, &d))
		return err == nil && reflect.DeepEqual(got, d)
	}
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
}

// TestSealedInPlace: a blob opens in its own row, for its own person, and
// nowhere else.
func TestSealedInPlace(t *testing.T) {
	b, err := newKeyFile()
	if err != nil {
		t.Fatal(err)
	}
	v, err := parseVault(b)
	if err != nil {
		t.Fatal(err)
	}
	p, q := tracker.NewID(), tracker.NewID()
	kp, kq := newPersonKey(tracker.ID{}), newPersonKey(tracker.ID{})
	wp, err := v.wrap(p, kp)
	if err != nil {
		t.Fatal(err)
	}
	wq, err := v.wrap(q, kq)
	if err != nil {
		t.Fatal(err)
	}
	sealed := kp.aead().Seal(nil, nil, []byte("secret"), rowAAD("people", p, 1))
	flipped := bytes.Clone(sealed)
	flipped[rand.IntN(len(flipped))] ^= 1
	for _, c := range []struct {
		name    string
		table   string
		person  tracker.ID
		wrapped []byte
		id      tracker.ID
		n       uint64
		sealed  []byte
		opens   bool
	}{
		{"its row", "people", p, wp, p, 1, sealed, true},
		{"another version", "people", p, wp, p, 2, sealed, false},
		{"another table", "reports", p, wp, p, 1, sealed, false},
		{"another row", "people", p, wp, q, 1, sealed, false},
		{"another person's key", "people", q, wq, p, 1, sealed, false},
		{"a key moved to another person", "people", q, wp, p, 1, sealed, false},
		{"a flipped bit", "people", p, wp, p, 1, flipped, false},
		{"cut short", "people", p, wp, p, 1, sealed[:5], false},
	} {
		o := opener{v: v}
		got, err := o.open(c.table, c.person, c.wrapped, c.id, c.n, c.sealed)
		if (err == nil) != c.opens || c.opens && string(got) != "secret" {
			t.Errorf("%s: %q %v", c.name, got, err)
		}
	}
}
