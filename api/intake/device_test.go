package intake

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"aman/geo/tracker"
)

// noon is the time of all recorded payloads: 1772366400 s.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const testDevice = "0123456789abcdef0123456789abcdef"

func recorded(t testing.TB, name ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{"testdata"}, name...)...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDevices(t *testing.T) {
	id, secret, state := NewDevice(noon)
	other, _, _ := NewDevice(noon)
	if !DeviceID(id) || id == other || len(secret) != 43 {
		t.Errorf("id %q, secret of %d characters", id, len(secret))
	}
	if strings.Contains(string(state.Encode()), secret) {
		t.Error("the secret is kept")
	}
	back := ReadDevice(state.Encode())
	if !reflect.DeepEqual(back, state) || !back.Verify(secret) {
		t.Errorf("state %+v is read as %+v", state, back)
	}
	gotID, gotSecret, ok := CutToken(Token(id, secret))
	if gotID != id || gotSecret != secret || !ok {
		t.Errorf("token: %q %q %v", gotID, gotSecret, ok)
	}
	for _, wrong := range []string{"", "x", secret[1:], secret + "a", strings.ToUpper(secret)} {
		if state.Verify(wrong) {
			t.Errorf("%q is let in", wrong)
		}
	}
	state.Ended = noon
	if state.Verify(secret) || ReadDevice(nil).Verify("") || ReadDevice([]byte("{}")).Verify("") || ReadDevice([]byte(`{"hash":"zz"}`)).Verify("x") {
		t.Error("a device that was ended, or none, is let in")
	}
	for _, token := range []string{"", ".", id, id + secret, "x." + secret, strings.ToUpper(id) + "." + secret} {
		if _, _, ok := CutToken(token); ok && !strings.HasPrefix(token, id+".") {
			t.Errorf("%q passes for a token", token)
		}
	}
}

// Oracle: the platforms' documentation, as accuracy.go cites it.
func TestAccuracy95(t *testing.T) {
	for _, c := range []struct {
		ch   tracker.Channel
		in   float64
		want float64
		ok   bool
	}{
		{tracker.ChannelLink, 12, 12, true},
		{tracker.ChannelLink, 0.2, 1, true},
		{tracker.ChannelPartner, 50, 50, true},
		{tracker.ChannelOwnTracks, 100, 162, true},
		{tracker.ChannelOsmAnd, 10, 16.2, true},
		{tracker.ChannelOsmAnd, 1e9, maxRadiusM, true},
		{tracker.ChannelTelegram, 10, 16.2, true},
		{tracker.ChannelTelegram, 9999, 1500 * 1.62, true},
		{tracker.ChannelWhatsApp, 10, 0, false},
		{tracker.ChannelSMS, 10, 0, false},
		{tracker.ChannelLink, 0, 0, false},
		{tracker.ChannelLink, -1, 0, false},
		{tracker.ChannelTelegram, math.NaN(), 0, false},
		{tracker.ChannelLink, math.Inf(1), 0, false},
	} {
		got, ok := Accuracy95(c.ch, c.in)
		if math.Abs(got-c.want) > 1e-9 || ok != c.ok {
			t.Errorf("%v, %v m: %v %v, want %v %v", c.ch, c.in, got, ok, c.want, c.ok)
		}
	}
	// Rayleigh's distribution: the radius of 95 % over that of 68 %.
	if want := math.Sqrt(math.Log(0.05) / math.Log(0.32)); math.Abs(want-to95) > 0.005 {
		t.Errorf("the factor is %v, and should be %v", to95, want)
	}
}

func TestDecodeOwnTracksRecorded(t *testing.T) {
	for _, c := range []struct {
		file   string
		point  orb.Point
		radius float64
		method tracker.Method
		event  string
	}{
		{"location_android.json", orb.Point{55.2707828, 25.2048493}, 22 * 1.62, tracker.GNSS, "location"},
		{"location_ios.json", orb.Point{51.520008, 25.276987}, 65 * 1.62, tracker.Network, "location"},
		{"location_old.json", orb.Point{51.520008, 25.276987}, 65 * 1.62, tracker.Network, "location"},
		{"transition.json", orb.Point{55.2707828, 25.2048493}, 18.5 * 1.62, tracker.GNSS, "transition"},
	} {
		in, ok, err := DecodeOwnTracks(recorded(t, "owntracks", c.file), testDevice)
		if err != nil || !ok {
			t.Errorf("%s: %v %v", c.file, ok, err)
			continue
		}
		p := in.Position
		if p.Point != c.point || math.Abs(p.RadiusM-c.radius) > 1e-9 || p.Method != c.method || p.Flags != 0 ||
			!in.FixedAt.Equal(noon) || !in.SentAt.IsZero() || in.Channel != tracker.ChannelOwnTracks || in.Thread != testDevice ||
			!in.Quiet || !strings.HasPrefix(in.ID, c.event+"/20260301T120000") {
			t.Errorf("%s: %+v at %+v", c.file, in, *p)
		}
		if strings.Contains(in.ID, "25.2") || strings.Contains(in.ID, testDevice) {
			t.Errorf("%s: the key %q tells too much", c.file, in.ID)
		}
	}
	for _, file := range []string{
		"transition_beacon.json", "waypoint.json", "waypoints.json", "lwt.json", "card.json", "cmd.json", "status.json", "encrypted.json",
		"steps.json", "beacon.json", "unknown.json", "no_type.json", "empty.json",
	} {
		if in, ok, err := DecodeOwnTracks(recorded(t, "owntracks", file), testDevice); ok || err != nil {
			t.Errorf("%s: %+v %v %v", file, in, ok, err)
		}
	}
}

func TestDecodeOwnTracksRefuses(t *testing.T) {
	for _, c := range []struct{ body, field, code string }{
		{`{"_type":"location","lon":1}`, "lat", "required"},
		{`{"_type":"location","lat":1}`, "lon", "required"},
		{`{"_type":"location","lat":null,"lon":1}`, "lat", "required"},
		{`{"_type":"location","lat":91,"lon":1}`, "lat", "out_of_range"},
		{`{"_type":"location","lat":1,"lon":180.5}`, "lon", "out_of_range"},
		{`{"_type":"location","lat":1e400,"lon":1}`, "lat", "out_of_range"},
		{`{"_type":"location","lat":"x","lon":1}`, "lat", "wrong_type"},
		{`{"_type":"location","lat":[1],"lon":1}`, "lat", "wrong_type"},
		{`{"_type":"location","lat":1,"lon":1,"tst":-5}`, "tst", "out_of_range"},
		{`{"_type":"location","lat":1,"lon":1,"tst":99999999999999999999}`, "tst", "out_of_range"},
		{`{"_type":"location","lat":1,"lon":1,"lat":2}`, "lat", "duplicate_key"},
		{`{"_type":5,"lat":1,"lon":1}`, "_type", "wrong_type"},
	} {
		_, _, err := DecodeOwnTracks([]byte(c.body), testDevice)
		fes := FieldErrors(err)
		if len(fes) == 0 || fes[0].Field != c.field || fes[0].Code != c.code {
			t.Errorf("%s: %v, want %s %s", c.body, err, c.field, c.code)
		}
	}
	var se *SyntaxError
	for _, body := range []string{`{`, `{"_type"}`, `{"_type":"location"} {}`, "\xff"} {
		if _, _, err := DecodeOwnTracks([]byte(body), testDevice); !errors.As(err, &se) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// A second delivery of the same is the same; anything else is another.
func TestOwnTracksKeys(t *testing.T) {
	ids := map[string]string{}
	for _, body := range []string{
		`{"_type":"location","lat":1,"lon":2,"tst":1772366400}`,
		`{"_type":"location","lat":1,"lon":2,"tst":1772366401}`,
		`{"_type":"location","lat":1.5,"lon":2,"tst":1772366400}`,
		`{"_type":"location","lat":1,"lon":2}`,
		`{"_type":"transition","lat":1,"lon":2,"tst":1772366400,"event":"enter"}`,
		`{"_type":"transition","lat":1,"lon":2,"tst":1772366400,"event":"leave"}`,
	} {
		for _, device := range []string{testDevice, strings.Repeat("f", 32)} {
			in, ok, err := DecodeOwnTracks([]byte(body), device)
			again, _, _ := DecodeOwnTracks([]byte(strings.Replace(body, `{`, `{"created_at":5,"batt":3,`, 1)), device)
			if !ok || err != nil || again.ID != in.ID || again.Hash() != in.Hash() {
				t.Errorf("%s: %v %v, %q and %q", body, ok, err, in.ID, again.ID)
			}
			if (in.ID == "") != !strings.Contains(body, "tst") {
				t.Errorf("%s: key %q, for what has a time alone", body, in.ID)
			}
			if other, twice := ids[in.ID]; twice && in.ID != "" {
				t.Errorf("%s and %s have one key", body, other)
			}
			ids[in.ID] = body
		}
	}
}

func TestReadOsmAndRecorded(t *testing.T) {
	point := orb.Point{55.2707828, 25.2048493}
	for _, c := range []struct {
		file   string
		at     time.Time
		radius float64
		flags  tracker.Flags
	}{
		{"client8.query", noon, 12.5 * 1.62, 0},
		{"client8_mock.query", noon, 12.5 * 1.62, tracker.FlagMock},
		{"osmand.query", noon.Add(123 * time.Millisecond), 1.5 * hdopM * 1.62, 0},
		{"pair.query", noon, gnssRadiusM, 0},
		{"datetime.query", noon, gnssRadiusM, 0},
		{"zone.query", noon, gnssRadiusM, 0},
		{"nozone.query", noon, gnssRadiusM, 0},
		{"client9.json", noon, 12.5 * 1.62, 0},
		{"client9_mock.json", noon, gnssRadiusM, tracker.FlagMock},
	} {
		text := string(recorded(t, "osmand", c.file))
		token := Token(testDevice, "secret")
		type way struct{ query, media, body string }
		ways := []way{{"", "application/json; charset=utf-8", strings.Replace(text, "TOKEN", token, 1)}}
		if strings.HasSuffix(c.file, ".query") {
			ways = []way{
				{text + "&id=" + token, "", ""},
				{"deviceid=" + token + "&" + text, "", ""},
				{"", "application/x-www-form-urlencoded", text + "&id=" + token},
				{"", "", text + "&id=" + token + "\n"},
				{"id=" + token, "application/x-www-form-urlencoded; charset=UTF-8", text},
			}
		}
		var first string
		for _, w := range ways {
			o, err := ReadOsmAnd(w.query, w.media, []byte(w.body))
			if err != nil || o.Token != token {
				t.Errorf("%s: token %q, %v", c.file, o.Token, err)
				continue
			}
			ins, err := o.Inbounds(testDevice)
			if err != nil || len(ins) != 1 {
				t.Errorf("%s: %d, %v", c.file, len(ins), err)
				continue
			}
			in, p := ins[0], ins[0].Position
			if p.Point != point || math.Abs(p.RadiusM-c.radius) > 1e-9 || p.Flags != c.flags || !in.FixedAt.Equal(c.at) || in.Channel != tracker.ChannelOsmAnd {
				t.Errorf("%s: %+v at %+v", c.file, in, *p)
			}
			if first == "" {
				first = in.ID
			}
			if in.ID != first {
				t.Errorf("%s: the way that it came changes its key: %q, %q", c.file, first, in.ID)
			}
		}
	}
	for _, file := range []string{"invalid.query", "cell.query"} {
		o, err := ReadOsmAnd(string(recorded(t, "osmand", file)), "", nil)
		if ins, err2 := o.Inbounds(testDevice); err != nil || err2 != nil || len(ins) != 0 {
			t.Errorf("%s: %d %v %v", file, len(ins), err, err2)
		}
	}
	o, err := ReadOsmAnd("", "application/json", recorded(t, "osmand", "client9_batch.json"))
	if err != nil {
		t.Fatal(err)
	}
	if ins, err := o.Inbounds(testDevice); err != nil || len(ins) != 2 || ins[0].ID == ins[1].ID || ins[1].Position.Method != tracker.Network {
		t.Errorf("batch: %+v %v", ins, err)
	}
}

// Oracle: Traccar Client's button sends extras.alarm, other apps a parameter; a cry for
// help is worth more than what is wrong beside it.
func TestOsmAndCriesForHelp(t *testing.T) {
	sos := func(query, media, body string) []Inbound {
		t.Helper()
		o, err := ReadOsmAnd(query, media, []byte(body))
		if err != nil {
			t.Errorf("%s%s: %v", query, body, err)
		}
		ins, err := o.Inbounds(testDevice)
		if err != nil {
			t.Errorf("%s%s: %v", query, body, err)
		}
		return ins
	}
	for _, c := range []struct {
		query, body   string
		placed, timed bool
	}{
		{"alarm=sos", "", false, false},
		{"alarm=SOS&lat=25.2048&lon=55.2708&timestamp=1772366400", "", true, true},
		{"alarm=sos&timestamp=1772366400", "", false, true},
		{"alarm=sos&lat=95&lon=55&timestamp=1772366400", "", false, true},
		{"alarm=sos&lat=25.2048&lon=55.2708&timestamp=x", "", false, false},
		{"alarm=sos&lat=25.2048&lon=55.2708&valid=0&timestamp=1772366400", "", false, true},
		{"alarm=sos&location=25", "", false, false},
		{"alarm=sos&cell=1,2,3,4", "", false, false},
		{"", `{"location":{"timestamp":1772366400,"coords":{"latitude":25.2048,"longitude":55.2708},"extras":{"x":1,"alarm":"sos"}}}`, true, true},
		{"", `{"location":{"alarm":"sos"}}`, false, false},
	} {
		media := ""
		if c.body != "" {
			media = jsonType
		}
		ins := sos(c.query, media, c.body)
		if len(ins) != 1 || ins[0].Choice != ChoiceHelp || (ins[0].Position != nil) != c.placed || ins[0].FixedAt.Equal(noon) != c.timed || (ins[0].ID != "") != c.timed {
			t.Errorf("%s%s: %+v", c.query, c.body, ins)
		}
	}
	for _, query := range []string{"alarm=lowBattery&lat=25.2048&lon=55.2708&timestamp=1772366400", "lat=25.2048&lon=55.2708&timestamp=1772366400"} {
		if ins := sos(query, "", ""); len(ins) != 1 || ins[0].Choice != "" || ins[0].ID == sos("alarm=sos&"+query, "", "")[0].ID {
			t.Errorf("%s: %+v", query, ins)
		}
	}
	if ins := sos("", jsonType, `{"location":{"timestamp":1772366400,"coords":{"latitude":25.2048,"longitude":55.2708},"extras":[1]}}`); len(ins) != 1 || ins[0].Choice != "" {
		t.Errorf("other extras: %+v", ins)
	}
}

func TestReadOsmAndRefuses(t *testing.T) {
	for _, c := range []struct{ query, field, code string }{
		{"lat=1", "lon", "required"},
		{"lon=1&timestamp=5", "lat", "required"},
		{"lat=91&lon=1", "lat", "out_of_range"},
		{"lat=1&lon=181", "lon", "out_of_range"},
		{"lat=NaN&lon=1", "lat", "wrong_type"},
		{"lat=0x1&lon=1", "lat", "wrong_type"},
		{"location=25.2", "location", "wrong_form"},
		{"location=25.2,", "lon", "required"},
		{"lat=1&lon=1&timestamp=yesterday", "timestamp", "wrong_form"},
		{"lat=1&lon=1&timestamp=2026-13-01T00:00:00Z", "timestamp", "wrong_form"},
		{"lat=1&lon=1&timestamp=0", "timestamp", "out_of_range"},
		{"lat=1&lon=1&timestamp=1.2.3", "timestamp", "wrong_form"},
		{"lat=1&lon=1&timestamp=9999-01-01T00:00:00Z", "timestamp", "out_of_range"},
	} {
		o, err := ReadOsmAnd(c.query, "", nil)
		if err == nil {
			_, err = o.Inbounds(testDevice)
		}
		fes := FieldErrors(err)
		if len(fes) == 0 || fes[0].Field != c.field || fes[0].Code != c.code {
			t.Errorf("%s: %v, want %s %s", c.query, err, c.field, c.code)
		}
	}
	for _, c := range []struct{ query, media, body string }{
		{"lat=%zz", "", ""},
		{"", "application/x-www-form-urlencoded", "lat=%zz"},
		{"", "application/json", "{"},
		{"", "application/json", `{"location":[[]]}`},
		{"", "application/xml", "<a/>"},
		{"", "text/plain; charset=utf-16", "a"},
		{"", "application/x-www-form-urlencoded", "\xff"},
		{"", "no media", "x"},
	} {
		_, err := ReadOsmAnd(c.query, c.media, []byte(c.body))
		var se *SyntaxError
		if !errors.As(err, &se) && !errors.Is(err, ErrMediaType) && len(FieldErrors(err)) == 0 {
			t.Errorf("%+v: %v", c, err)
		}
		if err != nil && strings.Contains(err.Error(), "zz") {
			t.Errorf("%+v: the error tells what was sent: %v", c, err)
		}
	}
}

// Oracle: the time itself, in every form that the apps send.
func TestDeviceTimes(t *testing.T) {
	for _, s := range []string{
		"1772366400", "1772366400000", "1772366400.0", "1772366400000000", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00.000Z", "2026-03-01T16:00:00+04:00",
		"2026-03-01T16:00:00 04:00", "2026-03-01T15:30:00+0330", "2026-03-01T12:00:00", "2026-03-01T12:00:00.000", "2026-03-01 12:00:00", "2026-03-01T12:00Z", " 2026-03-01T12:00:00Z ",
	} {
		if got, err := deviceTime(s); err != nil || !got.Equal(noon) {
			t.Errorf("%q is read as %v, %v", s, got, err)
		}
	}
}

func TestNullIslandIsDoubted(t *testing.T) {
	in, ok, err := DecodeOwnTracks([]byte(`{"_type":"location","lat":0,"lon":0,"tst":1772366400}`), testDevice)
	if err != nil || !ok || in.Position.Flags&tracker.FlagImplausible == 0 {
		t.Errorf("%+v %v %v", in.Position, ok, err)
	}
}

func TestOwnTracksConfigIsJSON(t *testing.T) {
	var got struct {
		Type           string `json:"_type"`
		Mode           int
		URL            string
		Auth           bool
		Username, Word string
		Password       string
	}
	if err := json.Unmarshal([]byte(OwnTracksConfig("https://aman.example.org/in/owntracks", testDevice, "s-_")), &got); err != nil {
		t.Fatal(err)
	}
	if got.Type != "configuration" || got.Mode != 3 || got.URL != "https://aman.example.org/in/owntracks" || !got.Auth || got.Username != testDevice || got.Password != "s-_" {
		t.Errorf("%+v", got)
	}
}

// plausible holds what every decoder promises of what it lets through.
func plausible(t *testing.T, in *Inbound) {
	t.Helper()
	p := in.Position
	if p == nil && in.Choice == ChoiceHelp {
		return
	}
	if p == nil || !(math.Abs(p.Point[0]) <= 180 && math.Abs(p.Point[1]) <= 90) || !(p.RadiusM > 0 && p.RadiusM <= maxRadiusM) || (in.ID == "") != in.FixedAt.IsZero() || len(in.ID) > 100 {
		t.Fatalf("%+v at %+v", in, p)
	}
	if !in.FixedAt.IsZero() && (in.FixedAt.Year() < 1970 || in.FixedAt.Year() > 2200) {
		t.Fatalf("fixed at %v", in.FixedAt)
	}
	_ = in.Hash()
}

func FuzzDecodeOwnTracks(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "owntracks", "*.json"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		in, ok, err := DecodeOwnTracks(b, testDevice)
		if err != nil && (ok || !errors.Is(err, tracker.ErrInvalid) && !isSyntax(err)) {
			t.Fatalf("%q: %v %v", b, ok, err)
		}
		if ok {
			plausible(t, &in)
		}
	})
}

func isSyntax(err error) bool {
	var se *SyntaxError
	return errors.As(err, &se)
}

func FuzzReadOsmAnd(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "osmand", "*"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if strings.HasSuffix(file, ".json") {
			f.Add("", "application/json", b)
		} else {
			f.Add(string(b), "", []byte(nil))
			f.Add("", "application/x-www-form-urlencoded", b)
		}
	}
	f.Fuzz(func(t *testing.T, query, media string, b []byte) {
		o, err := ReadOsmAnd(query, media, b)
		var ins []Inbound
		if err == nil {
			ins, err = o.Inbounds(testDevice)
		}
		if err != nil && !errors.Is(err, tracker.ErrInvalid) && !isSyntax(err) {
			t.Fatalf("%q %q %q: %v", query, media, b, err)
		}
		for i := range ins {
			plausible(t, &ins[i])
		}
	})
}

func TestDecodeDeviceAsk(t *testing.T) {
	want := DeviceAsk{Secret: "s", App: tracker.ChannelOsmAnd, Lang: "kk"}
	for media, body := range map[string]string{jsonType: `{"app":"osmand","secret":"s","lang":"kk"}`, formType: "app=osmand&secret=s&lang=kk"} {
		a, form, err := DecodeDeviceAsk(media, []byte(body))
		if err != nil || a != want || form != (media == formType) {
			t.Errorf("%s: %+v %v %v", body, a, form, err)
		}
	}
}

func FuzzDecodeDeviceAsk(f *testing.F) {
	f.Add(jsonType, []byte(`{"app":"osmand","secret":"s","lang":"kk"}`))
	f.Add(formType, []byte("app=owntracks&secret=s"))
	f.Fuzz(func(t *testing.T, media string, b []byte) {
		a, _, err := DecodeDeviceAsk(media, b)
		switch {
		case err == nil && (a.App != tracker.ChannelOwnTracks && a.App != tracker.ChannelOsmAnd || utf8.RuneCountInString(a.Secret) > 64):
			t.Fatalf("%q %q: %+v", media, b, a)
		case err != nil && !errors.Is(err, tracker.ErrInvalid) && !isSyntax(err):
			t.Fatalf("%q %q: %v", media, b, err)
		}
	})
}
