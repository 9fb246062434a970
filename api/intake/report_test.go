package intake

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"aman/data/seed"
	"aman/geo/tracker"
)

var earth = sync.OnceValues(seed.World)

func testDefaults(t testing.TB) Defaults {
	t.Helper()
	w, err := earth()
	if err != nil {
		t.Fatal(err)
	}
	return Defaults{
		Crisis: tracker.NewID(), Channel: tracker.ChannelAPI, World: w, Now: time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC),
		Allowed: []tracker.Channel{tracker.ChannelAPI, tracker.ChannelStaff, tracker.ChannelHotline, tracker.ChannelPartner},
	}
}

// TestReport reads everything that a report can say.
func TestReport(t *testing.T) {
	d := testDefaults(t)
	f, err := Report([]byte(`{
		"person": {"name": "Әсел Ғабитқызы Ңұрлан Өтеген Ұлы Үміт Һіб", "latin": "ASSEL", "birth_date": "1990-02-28", "sex": "female",
			"iin": "900101300017", "passport": "N12345678", "passport_expiry": "2030-01-01", "phones": ["8 (701) 234-56-78", "+971 50 123 4567"],
			"handles": ["@assel"], "category": "citizen", "stay": "tourist", "persons": 3, "needs": ["medicine", "with_child"],
			"country": "AE", "tour_code": "T1", "note": "n", "party": "01900000-0000-7000-8000-000000000001"},
		"channel": "hotline", "fixed_at": "2026-03-01T12:00:00+03:30", "sent_at": "2026-03-01T08:31:00.123456789Z",
		"wellbeing": "needs_help", "intention": "wants_out", "contact": "reached", "persons": 4, "needs": [],
		"position": {"lon": -0, "lat": 25.2048, "radius_m": 12.5, "method": "gnss"},
		"onward_until": "2026-03-02T00:00:00Z", "note": "\u04d8\ud83d\ude00\n", "phone": "+77012345678", "address": "a", "reason": "r"
	}`), d)
	if err != nil {
		t.Fatal(err)
	}
	p, r := f.Person, f.Report
	if p.Details.Name != "Әсел Ғабитқызы Ңұрлан Өтеген Ұлы Үміт Һіб" || p.Details.Phones[0] != "+77012345678" || p.Details.Phones[1] != "+971501234567" {
		t.Errorf("details: %+v", p.Details)
	}
	if p.Persons != 3 || p.Stay != tracker.Tourist || p.Needs != tracker.NeedMedicine|tracker.HasChild || p.Country != "AE" || p.Party.IsZero() {
		t.Errorf("person: %+v", p)
	}
	if !r.FixedAt.Equal(time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC)) || r.SentAt.Nanosecond() != 123456000 {
		t.Errorf("times: %v %v", r.FixedAt, r.SentAt)
	}
	if r.Channel != tracker.ChannelHotline || r.Wellbeing != tracker.NeedsHelp || r.Persons != 4 || !r.HasNeeds || r.Needs != 0 || r.Note != "Ә😀\n" {
		t.Errorf("report: %+v", r)
	}
	if math.Signbit(r.Position.Point[0]) || r.Position.RadiusM != 12.5 || r.Position.Method != tracker.GNSS {
		t.Errorf("position: %+v", r.Position)
	}
}

// TestDefaultRadius: a radius that isn't said is the method's, and never finer
// than the digits given. Half of the last digit, on the meridian:
// 0.1° → 5,560 m, 0.01° → 556 m, 1° → 55,600 m.
func TestDefaultRadius(t *testing.T) {
	d := testDefaults(t)
	for _, c := range []struct {
		name, position string
		want, slack    float64
	}{
		{"pin", `{"lon":55.12345,"lat":25.12345,"method":"pin"}`, 1000, 0},
		{"pin, zero", `{"lon":55.12345,"lat":25.12345,"radius_m":0,"method":"pin"}`, 1000, 0},
		{"pin, negative", `{"lon":55.12345,"lat":25.12345,"radius_m":-5,"method":"pin"}`, 1000, 0},
		{"gnss", `{"lon":55.12345,"lat":25.12345,"method":"gnss"}`, 100, 0},
		{"network", `{"lon":55.12345,"lat":25.12345,"method":"network"}`, 2000, 0},
		{"one digit", `{"lon":55.3,"lat":25.2,"method":"pin"}`, 5560, 10},
		{"two digits", `{"lon":55.31,"lat":25.27,"method":"gnss"}`, 556, 1},
		{"no digit", `{"lon":55,"lat":25,"method":"gnss"}`, 55600, 100},
		{"a trailing zero was lost", `{"lon":55.3,"lat":25.20481,"method":"gnss"}`, 100, 0},
		{"exponent", `{"lon":5.53e1,"lat":2.52e1,"method":"gnss"}`, 5560, 1},
		{"a radius that was said", `{"lon":55.3,"lat":25.2,"radius_m":20,"method":"gnss"}`, 20, 0},
	} {
		f, err := Report([]byte(`{"position":`+c.position+`}`), d)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := f.Report.Position.RadiusM; math.Abs(got-c.want) > c.slack {
			t.Errorf("%s: radius %v m, want %v ± %v", c.name, got, c.want, c.slack)
		}
	}
	for _, c := range []struct{ body, airport string }{
		{`{"airport":"DXB"}`, "DXB"}, {`{"airport":"OMDB"}`, "DXB"}, {`{"city":{"name":"Doha","country":"QA"}}`, ""},
	} {
		f, err := Report([]byte(c.body), d)
		if err != nil {
			t.Errorf("%s: %v", c.body, err)
			continue
		}
		if p := f.Report.Position; p == nil || !(p.RadiusM > 500) || p.Airport != c.airport {
			t.Errorf("%s: position %+v", c.body, p)
		}
	}
	f, err := Report([]byte(`{"country":"AE"}`), d)
	if err != nil || f.Report.Country != "AE" || f.Report.Position != nil || f.Person == nil || !f.Person.Details.Unidentified() {
		t.Errorf("a country alone: %+v, %v", f, err)
	}
}

// TestIIN: the checksum by the published rule, worked out by hand for two numbers.
//
//	900101300017: 9·1+0+0+1·4+0+1·6+3·7+0+0+0+1·11 = 51 → 51 mod 11 = 7
func TestIIN(t *testing.T) {
	for s, good := range map[string]bool{
		"900101300017": true, "900101300018": false, "90010130001": false, "9001013000177": false, "90010130001x": false, "000000000000": true,
	} {
		if err := iin(s); (err == nil) != good {
			t.Errorf("iin(%q) = %v", s, err)
		}
		if tracker.ValidIIN(s) != good {
			t.Errorf("the core disagrees about %q", s)
		}
	}
}

// contractSchema is the contract's ReportInput as a Schema: the oracle for what
// the direct decoder must refuse. It is read from the contract by its own small
// reader, so that neither leans on the other.
func contractSchema(t testing.TB, name string) *Schema {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var read func(s *openapi3.Schema) *Schema
	read = func(s *openapi3.Schema) *Schema {
		sc := &Schema{MinLength: int(s.MinLength), Format: s.Format, Min: math.Inf(-1), Max: math.Inf(1), Required: s.Required, MinProperties: int(s.MinProps)}
		if s.Type != nil {
			sc.Type = (*s.Type)[0]
		}
		if s.Min != nil {
			sc.Min = *s.Min
		}
		if s.Max != nil {
			sc.Max = *s.Max
		}
		if s.MaxLength != nil {
			sc.MaxLength = int(*s.MaxLength)
		}
		if s.MaxItems != nil {
			sc.MaxItems = int(*s.MaxItems)
		}
		for _, e := range s.Enum {
			sc.Enum = append(sc.Enum, e.(string))
		}
		if s.Items != nil {
			sc.Items = read(s.Items.Value)
		}
		for n, p := range s.Properties {
			sc.Names = append(sc.Names, n)
			sc.Members = append(sc.Members, read(p.Value))
		}
		return sc
	}
	return read(doc.Components.Schemas[name].Value)
}

// FuzzReport: the direct decoder accepts nothing that the contract's schema or
// encoding/json refuses, never panics, and says where and why.
func FuzzReport(f *testing.F) {
	for _, s := range []string{
		`{"wellbeing":"safe"}`, `{"position":{"lon":1,"lat":2,"method":"pin"}}`, `{"person":{"name":"x"},"note":"y"}`, `{"airport":"DXB"}`,
		`{"city":{"name":"Doha","country":"QA"}}`, `{"wellbeing":null}`, `{"needs":["medicine"],"needs":[]}`, `{"note":"\ud83d\ude00"}`,
		`{"position":{"lon":1e400,"lat":-0,"method":"gnss"}}`, `{"fixed_at":"2026-03-01T00:00:00Z","note":""}`, `{"phone":"8 701 234 56 78","note":"a"}`,
		`[]`, `{`, ``, `{"a":`, "{\"note\":\"\xff\"}", `{"Note":"x"}`, `{"note":"\u0000"}`,
	} {
		f.Add([]byte(s))
	}
	d := testDefaults(f)
	schema := contractSchema(f, "ReportInput")
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 4096 {
			return
		}
		filing, err := Report(b, d)
		if err != nil {
			var sy *SyntaxError
			var fe *tracker.FieldError
			if !errors.As(err, &sy) && (!errors.As(err, &fe) || fe.Code == "" || fe.Detail == "") {
				t.Fatalf("%q: an error that says neither where nor why: %#v", b, err)
			}
			if errors.As(err, &sy) && json.Valid(b) && sy.Code == "malformed_json" {
				t.Fatalf("%q: valid JSON is called malformed: %v", b, err)
			}
			return
		}
		if !json.Valid(b) {
			t.Fatalf("%q: taken, but is not JSON", b)
		}
		if err := schema.Check(b); err != nil {
			t.Fatalf("%q: taken, but the contract refuses it: %v", b, err)
		}
		if p := filing.Report.Position; p != nil && !(p.RadiusM > 0 && math.Abs(p.Point[0]) <= 180 && math.Abs(p.Point[1]) <= 90) {
			t.Fatalf("%q: position %+v", b, p)
		}
		if filing.Person == nil == filing.Report.Person.IsZero() {
			t.Fatalf("%q: about nobody, or about two", b)
		}
	})
}

// FuzzScan: what the scanner takes as JSON is what encoding/json takes, but for
// duplicate names, depth, NUL and numbers that no double holds, which it refuses.
func FuzzScan(f *testing.F) {
	for _, s := range []string{`{"a":[1,-0,2.5e-3,true,false,null,"x\n\u00e9"]}`, `01`, `1.`, `"\x"`, `{"a":1,"a":2}`, ` `, `nul`, `[1,]`, `{"a" 1}`, strings.Repeat("[", 70)} {
		f.Add([]byte(s))
	}
	var anything Schema
	f.Fuzz(func(t *testing.T, b []byte) {
		err := anything.Check(b)
		if err == nil && !json.Valid(b) {
			t.Fatalf("%q is taken, but is not JSON", b)
		}
		var sy *SyntaxError
		if errors.As(err, &sy) && json.Valid(b) && sy.Code != "too_deep" && sy.Code != "invalid_utf8" {
			t.Fatalf("%q is JSON, but: %v", b, err)
		}
		if err == nil {
			// Strings decode as encoding/json decodes them.
			var want any
			if json.Unmarshal(b, &want) == nil {
				if text, ok := want.(string); ok {
					var got string
					if err := whole(b, func(s *scanner) (err error) { got, err = s.text(); return err }); err != nil || got != text {
						t.Fatalf("%q decodes to %q (%v), want %q", b, got, err, text)
					}
				}
			}
		}
	})
}

func BenchmarkReport(b *testing.B) {
	d := testDefaults(b)
	body := []byte(`{"person":{"name":"Айгүл Әбенова","country":"AE"},"wellbeing":"safe","position":{"lon":55.30012,"lat":25.20123,"radius_m":35,"method":"gnss"},"fixed_at":"2026-03-01T12:00:00Z"}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Report(body, d); err != nil {
			b.Fatal(err)
		}
	}
}

func TestLines(t *testing.T) {
	var got []string
	Lines([]byte("a\n\n b\r\n\t\nc"), func(n int, text []byte) { got = append(got, string(rune('0'+n))+string(text)) })
	if strings.Join(got, "|") != "1a|3 b|5c" {
		t.Errorf("lines: %q", got)
	}
}
