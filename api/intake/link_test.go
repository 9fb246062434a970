package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"aman/api/auth"
	"aman/geo"
	"aman/geo/tracker"
)

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json; charset=utf-8"
)

func TestDecodeLinkJSON(t *testing.T) {
	// Oracle: the contract's LinkReport.
	body := `{"id":"0190a0b1-0000-7000-8000-000000000001","secret":"s","status":"help","lon":55.3,"lat":25.25,
		"accuracy_m":12.5,"fixed_at":"2026-03-01T10:00:00.5Z","sent_at":"2026-03-01T14:00:01+04:00","place":" Dubai, AE ",
		"address":"Gate 5\r\nhall","persons":5,"phone":"+971 50 123 4567","note":"Үсенов Ә\u0000Ғ","lang":"kk"}`
	if _, _, err := DecodeLink(jsonType, []byte(body)); err == nil || FieldErrors(err)[0].Field != "note" {
		t.Errorf("a NUL in the note: %v", err)
	}
	r, typed, err := DecodeLink(jsonType, []byte(strings.ReplaceAll(body, `\u0000`, " ")))
	if err != nil || typed != nil {
		t.Fatal(err, typed)
	}
	id, _ := tracker.ParseID("0190a0b1-0000-7000-8000-000000000001")
	want := LinkReport{
		ID: id, Secret: "s", Wellbeing: tracker.NeedsHelp, Point: orb.Point{55.3, 25.25}, HasPoint: true, RadiusM: 12.5,
		FixedAt: time.Date(2026, 3, 1, 10, 0, 0, 500e6, time.UTC), SentAt: time.Date(2026, 3, 1, 10, 0, 1, 0, time.UTC),
		Place: "Dubai, AE", Address: "Gate 5\nhall", Persons: 5, Phone: "+971 50 123 4567", Note: "Үсенов Ә Ғ", Lang: "kk",
		given: 3, literal: [2]string{"55.3", "25.25"},
	}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("got  %+v\nwant %+v", r, want)
	}
}

func TestDecodeLinkStatus(t *testing.T) {
	// Oracle: the handbook's four buttons.
	for status, want := range map[string]LinkReport{
		"safe":    {Wellbeing: tracker.Safe},
		"help":    {Wellbeing: tracker.NeedsHelp},
		"leaving": {Intention: tracker.Leaving},
		"away":    {Intention: tracker.Left},
	} {
		for media, body := range map[string]string{jsonType: `{"status":"` + status + `"}`, formType: "status=" + status} {
			r, _, err := DecodeLink(media, []byte(body))
			if err != nil || !reflect.DeepEqual(r, want) {
				t.Errorf("%s: %+v %v", body, r, err)
			}
		}
	}
}

func TestDecodeLinkRefuses(t *testing.T) {
	long := strings.Repeat("Ұ", 501)
	for _, c := range []struct{ name, media, body, field, code string }{
		{"nothing said", jsonType, `{}`, "status", "required"},
		{"only a phone", jsonType, `{"phone":"12345"}`, "status", "required"},
		{"unknown member", jsonType, `{"status":"safe","stat":1}`, "stat", "unknown_member"},
		{"wrong case", jsonType, `{"Status":"safe"}`, "Status", "wrong_case"},
		{"twice", jsonType, `{"status":"safe","status":"help"}`, "status", "duplicate_key"},
		{"null", jsonType, `{"status":null}`, "status", "null"},
		{"number for text", jsonType, `{"note":5}`, "note", "wrong_type"},
		{"text for number", jsonType, `{"lon":"55","lat":25}`, "lon", "wrong_type"},
		{"array", jsonType, `{"place":["DXB"]}`, "place", "wrong_type"},
		{"other status", jsonType, `{"status":"deceased"}`, "status", "not_one_of"},
		{"half a place", jsonType, `{"lon":55}`, "lat", "required"},
		{"other half", jsonType, `{"lat":25}`, "lon", "required"},
		{"off the earth", jsonType, `{"lon":181,"lat":0}`, "lon", "out_of_range"},
		{"over the pole", jsonType, `{"lon":0,"lat":-90.0001}`, "lat", "out_of_range"},
		{"infinite", jsonType, `{"lon":1e999,"lat":0}`, "lon", "out_of_range"},
		{"accuracy", jsonType, `{"lon":1,"lat":1,"accuracy_m":-1}`, "accuracy_m", "out_of_range"},
		{"nobody", jsonType, `{"status":"safe","persons":0}`, "persons", "out_of_range"},
		{"a thousand", jsonType, `{"status":"safe","persons":1000}`, "persons", "out_of_range"},
		{"half a person", jsonType, `{"status":"safe","persons":1.5}`, "persons", "wrong_type"},
		{"id", jsonType, `{"status":"safe","id":"1"}`, "id", "wrong_form"},
		{"zero id", jsonType, `{"status":"safe","id":"00000000-0000-0000-0000-000000000000"}`, "id", "wrong_form"},
		{"time", jsonType, `{"status":"safe","fixed_at":"yesterday"}`, "fixed_at", "wrong_form"},
		{"note", jsonType, `{"note":"` + long + `"}`, "note", "too_long"},
		{"lang", jsonType, `{"status":"safe","lang":"de"}`, "lang", "not_one_of"},
		{"phone", jsonType, `{"status":"safe","phone":"call me"}`, "phone", "not_a_phone"},
		{"short phone", jsonType, `{"status":"safe","phone":"1234"}`, "phone", "not_a_phone"},

		{"form: nothing", formType, "", "status", "required"},
		{"form: blanks", formType, "note=+++&status=", "status", "required"},
		{"form: unknown", formType, "status=safe&x=", "x", "unknown_member"},
		{"form: twice", formType, "note=a&note=b", "note", "duplicate_key"},
		{"form: three places", formType, "place=a&place=b&place=c", "place", "duplicate_key"},
		{"form: persons", formType, "status=safe&persons=five", "persons", "wrong_type"},
		{"form: hex", formType, "lon=0x10&lat=1", "lon", "wrong_type"},
		{"form: nan", formType, "lon=NaN&lat=1", "lon", "wrong_type"},
		{"form: bytes", formType, "note=%ff%fe", "note", "invalid_utf8"},
	} {
		_, _, err := DecodeLink(c.media, []byte(c.body))
		fes := FieldErrors(err)
		if len(fes) == 0 || fes[0].Field != c.field || fes[0].Code != c.code || !errors.Is(err, tracker.ErrInvalid) {
			t.Errorf("%s: got %v, want %s %s", c.name, err, c.field, c.code)
		}
	}
	for _, c := range []struct{ media, body, code string }{
		{jsonType, ``, "empty_body"},
		{jsonType, `{"status":"safe"} {}`, "trailing_data"},
		{jsonType, `{"status":"safe"`, "malformed_json"},
		{jsonType, "{\"note\":\"\xff\"}", "invalid_utf8"},
		{formType, "note=\xff", "invalid_utf8"},
		{formType, "note=%zz", "malformed_form"},
		{formType, "note=a;b", "malformed_form"},
	} {
		var sy *SyntaxError
		if _, _, err := DecodeLink(c.media, []byte(c.body)); !errors.As(err, &sy) || sy.Code != c.code {
			t.Errorf("%q: got %v, want %s", c.body, err, c.code)
		}
	}
	for _, media := range []string{"", "text/plain", "multipart/form-data; boundary=x", "application/json; charset"} {
		if _, _, err := DecodeLink(media, []byte(`{"status":"safe"}`)); !errors.Is(err, ErrMediaType) {
			t.Errorf("%q: %v", media, err)
		}
	}
}

func TestDecodeLinkForm(t *testing.T) {
	body := "id=0190a0b1-0000-7000-8000-000000000001&status=safe&place=DXB&place=&address=&persons=999&note=a%0D%0Ab%09c&lang=en&secret="
	r, typed, err := DecodeLink(formType, []byte(body))
	if err != nil || r.Place != "DXB" || r.Note != "a\nb c" || r.Persons != 999 || typed.Get("note") != "a\r\nb\tc" {
		t.Errorf("%+v %v %v", r, typed, err)
	}
	if r, _, err = DecodeLink(formType, []byte("place=DXB&place=Al+Ain")); err != nil || r.Place != "Al Ain" {
		t.Errorf("what is typed must win over the list: %+v %v", r, err)
	}
	if r, _, err = DecodeLink(formType, []byte("status=leaving&status=help")); err != nil || r.Wellbeing != tracker.NeedsHelp || r.Intention != 0 {
		t.Errorf("the button pressed now must win: %+v %v", r, err)
	}
	// All mistakes are named at once, and what was typed is there to be shown again.
	_, typed, err = DecodeLink(formType, []byte("status=safe&persons=0&phone=x&note=hello"))
	fields := ""
	for _, fe := range FieldErrors(err) {
		fields += fe.Field + " "
	}
	if fields != "persons phone " || typed.Get("note") != "hello" {
		t.Errorf("%q %v", fields, typed)
	}
}

// A report says the same as a form and as JSON; and its hash, which tells retries
// from other reports, changes with everything that it says and with nothing else.
func TestLinkHash(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	pick := func(s ...string) string { return s[rnd.IntN(len(s))] }
	seen := map[[32]byte]string{}
	for range 2000 {
		said := map[string]any{"status": pick("safe", "help", "leaving", "away")}
		if rnd.IntN(2) == 0 {
			said["lon"], said["lat"] = float64(rnd.IntN(360)-180), float64(rnd.IntN(180)-90)
			said["accuracy_m"] = rnd.IntN(1000)
		}
		for _, f := range []string{"place", "address", "note"} {
			if rnd.IntN(2) == 0 {
				said[f] = pick("a", "b", "ab", "Қ", "a, b")
			}
		}
		if rnd.IntN(2) == 0 {
			said["persons"] = 1 + rnd.IntN(999)
		}
		if rnd.IntN(2) == 0 {
			said["phone"] = fmt.Sprint(100000 + rnd.IntN(5))
		}
		if rnd.IntN(4) == 0 {
			said["medicine_days"] = rnd.IntN(4)
		}
		if rnd.IntN(4) == 0 {
			said["child"] = pick("Айша", "Али")
		}
		if rnd.IntN(4) == 0 {
			said["tell_names"] = pick("a", "b")
		}
		if rnd.IntN(2) == 0 {
			said["fixed_at"] = time.Unix(rnd.Int64N(1e9), 0).UTC().Format(time.RFC3339)
		}
		what, _ := json.Marshal(said)
		form := url.Values{}
		for k, v := range said {
			form.Set(k, fmt.Sprint(v))
		}
		said["sent_at"], said["secret"], said["lang"] = "2026-03-01T10:00:00Z", pick("x", "y"), pick("kk", "en")
		said["id"] = tracker.NewID().String()
		body, _ := json.Marshal(said)
		a, _, errA := DecodeLink(jsonType, body)
		b, _, errB := DecodeLink(formType, []byte(form.Encode()))
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if a.Hash() != b.Hash() {
			t.Fatalf("as JSON and as a form: %s", what)
		}
		if other, ok := seen[a.Hash()]; ok && other != string(what) {
			t.Fatalf("one hash for %s and %s", what, other)
		}
		seen[a.Hash()] = string(what)
	}
}

func linkWorld(t testing.TB) *tracker.World {
	t.Helper()
	square := func(w, s, e, n float64) orb.MultiPolygon {
		return orb.MultiPolygon{{{{w, s}, {e, s}, {e, n}, {w, n}, {w, s}}}}
	}
	w, err := tracker.NewWorld([]tracker.Country{
		{Code: "AE", Names: tracker.Names{KK: "Біріккен Араб Әмірліктері", RU: "ОАЭ", EN: "United Arab Emirates"}, Shape: square(50, 20, 56, 26)},
		{Code: "OM", Names: tracker.Names{KK: "Оман", RU: "Оман", EN: "Oman"}, Shape: square(56, 16, 60, 26)},
	}, []tracker.Airport{
		{IATA: "DXB", ICAO: "OMDB", Country: "AE", Point: orb.Point{55.36, 25.25}, FenceRadiusM: 3000, TimeZone: "Asia/Dubai", Size: tracker.LargeAirport},
		{IATA: "MCT", ICAO: "OOMS", Country: "OM", Point: orb.Point{58.28, 23.59}, FenceRadiusM: 3000, TimeZone: "Asia/Muscat", Size: tracker.LargeAirport},
	}, []tracker.City{
		{Name: "Dubai", Country: "AE", Point: orb.Point{55.3, 25.26}, RadiusM: 20000, Population: 3e6},
		{Name: "Al Ain", Country: "AE", Point: orb.Point{55.7, 24.2}, RadiusM: 9000, Population: 6e5},
		{Name: "Al Ain", Country: "OM", Point: orb.Point{57, 23}, RadiusM: 900, Population: 100},
		{Name: "Muscat", Country: "OM", Point: orb.Point{58.4, 23.6}, RadiusM: 15000, Population: 1e6},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestLinkFilingPlaces(t *testing.T) {
	// Oracle: mission.md, Position: missing radius is 1 km for a pin and the extent of the city or fence named.
	w := linkWorld(t)
	dubai, dxb, mct := orb.Point{55.3, 25.26}, orb.Point{55.36, 25.25}, orb.Point{58.28, 23.59}
	for _, c := range []struct {
		name, near, body string
		point            orb.Point
		radiusM          float64
		method           tracker.Method
		airport          string
		country, address string
	}{
		{"fix", "AE", `{"lon":55.123456,"lat":25.1,"accuracy_m":20}`, orb.Point{55.123456, 25.1}, 20, tracker.GNSS, "", "", ""},
		{"coarse fix", "AE", `{"lon":55.1,"lat":25.1,"accuracy_m":1500}`, orb.Point{55.1, 25.1}, 1500, tracker.Network, "", "", ""},
		{"no accuracy", "AE", `{"lon":55.123,"lat":25.1,"accuracy_m":0}`, orb.Point{55.123, 25.1}, 1000, tracker.Pin, "", "", ""},
		{"few digits", "AE", `{"lon":55.1,"lat":25.2}`, orb.Point{55.1, 25.2}, quantumM("55.1", "25.2"), tracker.Pin, "", "", ""},
		{"airport", "", `{"place":"DXB"}`, dxb, 3000, tracker.AtAirport, "DXB", "", ""},
		{"airport by ICAO", "OM", `{"place":"OMDB"}`, dxb, 3000, tracker.AtAirport, "DXB", "", ""},
		{"airport in small letters", "OM", `{"place":"dxb"}`, dxb, 3000, tracker.AtAirport, "DXB", "", ""},
		{"city of the list", "AE", `{"place":"Dubai, AE"}`, dubai, 20000, tracker.Place, "", "", ""},
		{"city with a country's name", "", `{"place":"dubai, оаэ"}`, dubai, 20000, tracker.Place, "", "", ""},
		{"city of the link's country", "OM", `{"place":"Al Ain"}`, orb.Point{57, 23}, 900, tracker.Place, "", "", ""},
		{"the only city of that name", "AE", `{"place":"Muscat"}`, orb.Point{58.4, 23.6}, 15000, tracker.Place, "", "", ""},
		{"in one of two countries", "AE OM", `{"place":"Dubai"}`, dubai, 20000, tracker.Place, "", "", ""},
		{"in both of two countries", "AE OM", `{"place":"Al Ain"}`, orb.Point{}, 0, 0, "", "", "Al Ain"},
		{"two cities of that name", "", `{"place":"Al Ain"}`, orb.Point{}, 0, 0, "", "", "Al Ain"},
		{"another country's city", "AE", `{"place":"Muscat, AE"}`, orb.Point{}, 0, 0, "", "AE", "Muscat, AE"},
		{"unknown, and an address", "AE", `{"place":"Nowhere","address":"Hotel X"}`, orb.Point{}, 0, 0, "", "", "Nowhere\nHotel X"},
		{"address alone", "AE", `{"address":"Hotel X"}`, orb.Point{}, 0, 0, "", "", "Hotel X"},
		{"fix near the airport named", "", `{"lon":55.4,"lat":25.26,"accuracy_m":900,"place":"DXB"}`, orb.Point{55.4, 25.26}, 900, tracker.Network, "DXB", "", ""},
		{"fix far from the airport named", "", `{"lon":58.28,"lat":23.59,"accuracy_m":900,"place":"DXB"}`, mct, 900, tracker.Network, "", "", "DXB"},
	} {
		r, _, err := DecodeLink(jsonType, []byte(c.body))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		f := r.Filing(auth.Link{Person: tracker.NewID()}, tracker.ID{}, strings.Fields(c.near), w)
		rep := f.Report
		if f.Person != nil || rep.Country != c.country || rep.Address != c.address || (rep.Position == nil) != (c.method == 0) {
			t.Errorf("%s: %+v %+v", c.name, rep, rep.Position)
			continue
		}
		if p := rep.Position; p != nil {
			want := tracker.Position{Point: c.point, RadiusM: c.radiusM, Method: c.method, Airport: c.airport}
			if *p != want {
				t.Errorf("%s: got %+v, want %+v", c.name, *p, want)
			}
		}
	}
}

func TestLinkFilingTrust(t *testing.T) {
	w := linkWorld(t)
	token, hash := auth.NewToken()
	other, _ := auth.NewToken()
	link := auth.Link{ID: tracker.NewID(), Crisis: tracker.NewID(), Person: tracker.NewID(), HasSecret: true, SecretHash: hash}
	for secret, want := range map[string]tracker.Flags{token: 0, other: tracker.FlagLowTrust, "": tracker.FlagLowTrust, token[:42]: tracker.FlagLowTrust} {
		r := LinkReport{Secret: secret, Place: "DXB", Wellbeing: tracker.Safe}
		f := r.Filing(link, tracker.ID{}, nil, w)
		if f.Report.Flags != want {
			t.Errorf("secret %q: flags %v", secret, f.Report.Flags.Words())
		}
		if f.Person != nil || f.Report.Person != link.Person || f.Report.Source != link.ID || f.Report.Channel != tracker.ChannelLink || f.Report.Crisis != link.Crisis {
			t.Errorf("%+v", f)
		}
		if _, ok := r.Guest(link); ok {
			t.Error("a personal link has no guests")
		}
	}
}

func TestLinkFilingCampaign(t *testing.T) {
	w := linkWorld(t)
	link := auth.Link{ID: tracker.NewID(), Crisis: tracker.NewID(), Airport: "DXB"}
	at := func(r LinkReport) tracker.Filing { return r.Filing(link, tracker.ID{}, []string{"AE"}, w) }

	f := at(LinkReport{Wellbeing: tracker.Safe, Persons: 5, Phone: "050 123 4567"})
	p := f.Person
	if p == nil || !p.Details.Unidentified() || p.Persons != 5 || p.Country != "AE" || len(p.Details.Phones) != 1 || p.Details.Phones[0] != "+971501234567" {
		t.Fatalf("somebody new: %+v", p)
	}
	if q := f.Report.Position; q == nil || q.Airport != "DXB" || q.Method != tracker.AtAirport || f.Report.Flags != tracker.FlagLowTrust {
		t.Errorf("nothing said of a place: at the airport, not %+v", q)
	}
	if f := at(LinkReport{Intention: tracker.Left}); f.Report.Position != nil || f.Person.Country != "" {
		t.Errorf("not in this country: %+v", f)
	}
	if f := at(LinkReport{Wellbeing: tracker.Safe, Address: "Hotel"}); f.Report.Position != nil {
		t.Errorf("an address is said: not at the airport, %+v", f.Report.Position)
	}
	if f := at(LinkReport{Place: "Muscat, OM"}); f.Report.Position.Method != tracker.Place {
		t.Errorf("a place is said: %+v", f.Report.Position)
	}
	// A later report of the same person is not at the poster any more.
	person := tracker.NewID()
	if f := (&LinkReport{Wellbeing: tracker.Safe}).Filing(link, person, nil, w); f.Person != nil || f.Report.Person != person || f.Report.Position != nil {
		t.Errorf("later: %+v", f)
	}

	a, okA := (&LinkReport{Secret: strings.Repeat("a", 60)}).Guest(link)
	b, okB := (&LinkReport{Secret: strings.Repeat("b", 60)}).Guest(link)
	if !okA || !okB || a == b {
		t.Error("two phones are two guests")
	}
	if _, ok := (&LinkReport{Secret: "short"}).Guest(link); ok {
		t.Error("a secret that can be guessed names nobody")
	}
}

func TestLinkPhone(t *testing.T) {
	// Oracle: the numbering plans of Kazakhstan (+7, trunk 8) and the Emirates (+971, trunk 0).
	for _, c := range []struct{ text, near, want string }{
		{"8 701 234 56 78", "AE", "+77012345678"},
		{"+7 (701) 234-56-78", "", "+77012345678"},
		{"050 123 4567", "AE", "+971501234567"},
		{"050 123 4567", "", "050 123 4567"},
		{"050 123 4567", "AE SA", "050 123 4567"},
		{"12345", "AE", "12345"},
		{"", "AE", ""},
	} {
		if got, _ := linkPhone(c.text, strings.Fields(c.near)); got != c.want {
			t.Errorf("%q in %q: %q, want %q", c.text, c.near, got, c.want)
		}
	}
}

// Whatever arrives is refused or fits what the contract says, and can be filed.
func FuzzDecodeLink(f *testing.F) {
	for _, s := range []string{
		`{"status":"safe"}`, `{"lon":55.3,"lat":25.2,"accuracy_m":0,"place":"DXB"}`, `{"note":"\ud83d\ude00","phone":"87012345678"}`,
		`{"place":"Al Ain, OM","persons":3,"fixed_at":"2026-03-01T10:00:00Z"}`,
		`{"needs":["money","shelter"],"medicine_days":3,"tell":"named","tell_names":"Ы","child":" A  B ","lon":1,"lat":2,"pin_m":3}`,
	} {
		f.Add(true, []byte(s))
	}
	for _, s := range []string{"status=help&place=&place=Dubai%2C+AE&persons=5", "lon=1e-3&lat=-0&note=%D2%B0", "place=,&address=%00", "note=+%0d%0a+x"} {
		f.Add(false, []byte(s))
	}
	w := linkWorld(f)
	f.Fuzz(func(t *testing.T, asJSON bool, body []byte) {
		if len(body) > MaxLinkBody {
			return
		}
		media := formType
		if asJSON {
			media = jsonType
		}
		r, _, err := DecodeLink(media, body)
		if err != nil {
			if !errors.Is(err, tracker.ErrInvalid) {
				t.Fatalf("not ErrInvalid: %v", err)
			}
			return
		}
		for text, most := range map[string]int{r.Note: 500, r.Address: 300, r.Place: 100, r.Phone: 40, r.Secret: 64} {
			if !utf8.ValidString(text) || utf8.RuneCountInString(text) > most && text != r.Secret {
				t.Fatalf("text %q", text)
			}
		}
		if r.Persons < 0 || r.Persons > 999 || r.Wellbeing != 0 && r.Intention != 0 {
			t.Fatalf("%+v", r)
		}
		for _, l := range []auth.Link{{Person: tracker.NewID(), Country: "AE"}, {Airport: "MCT"}, {}} {
			filing := r.Filing(l, tracker.ID{}, []string{"AE", "OM"}, w)
			if !filing.Report.Says() {
				t.Fatalf("an empty report from %q", body)
			}
			p := filing.Report.Position
			if p != nil && !(math.Abs(p.Point[0]) <= 180 && math.Abs(p.Point[1]) <= 90 && p.RadiusM > 0 && p.RadiusM <= 1e7 && p.Method != 0) {
				t.Fatalf("position %+v from %q", p, body)
			}
			if p != nil && r.HasPoint && geo.Distance(p.Point, r.Point) != 0 {
				t.Fatalf("moved: %+v", p)
			}
		}
		if a, b := r.Hash(), r.Hash(); a != b {
			t.Fatal("hash")
		}
	})
}

// TestLinkTexts: what a citizen writes is cleaned of what nobody sees, never
// refused for it.
func TestLinkTexts(t *testing.T) {
	r, _, err := DecodeLink("application/json; charset=UTF-8",
		[]byte(`{"status":"help","phone":"\u202a+7 701 234 56 78\u202c","note":"a\u202eb\u0007c\nmi\u200ckh"}`))
	if err != nil || r.Phone != "+7 701 234 56 78" || r.Note != "ab c\nmi\u200ckh" {
		t.Errorf("phone %q, note %q: %v", r.Phone, r.Note, err)
	}
	for _, media := range []string{"application/json; charset=utf-16", "application/x-www-form-urlencoded; charset=koi8-r"} {
		if _, _, err := DecodeLink(media, []byte(`status=help`)); !errors.Is(err, ErrMediaType) {
			t.Errorf("%s: %v", media, err)
		}
	}
}

// What is asked on the page of what is held is refused or whole, whatever comes.
func FuzzDecodeAsk(f *testing.F) {
	for _, s := range []string{"do=hide&secret=x", "do=erase&phone=87012345678&note=%D2%B0", "do=see", "do=&status=safe&place=a&place=b", "do=x", "%zz", "phone=\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a, _, err := DecodeAsk(formType, body)
		if err != nil {
			if !errors.Is(err, tracker.ErrInvalid) {
				t.Fatalf("not ErrInvalid: %v", err)
			}
			return
		}
		if a.Hide && a.Kind != 0 || a.Kind != 0 && dialled(a.Phone) != nil || utf8.RuneCountInString(a.Note) > 500 || !utf8.ValidString(a.Note) {
			t.Fatalf("%+v", a)
		}
		if a.Kind == tracker.CallbackHelp || a.Kind == tracker.CallbackUnreadable {
			t.Fatalf("asks for %v", a.Kind)
		}
		if sealed, err := DecodeReceipt("application/json", body); err == nil && utf8.RuneCountInString(sealed) > 400 {
			t.Fatalf("a receipt of %d", len(sealed))
		}
	})
}
