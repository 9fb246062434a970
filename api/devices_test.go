package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"aman/api"
	"aman/api/auth"
	"aman/api/openapi"
	"aman/geo/tracker"
)

func tracking(o *api.Options) { o.Tracking = true }

type setup struct{ App, URL, ID, Password, Setup string }

// device makes a device by a link, as a program does.
func (h *harness) device(l auth.Link, secret, app string) setup {
	h.t.Helper()
	a := h.visit("POST", "/s/"+l.Code+"/device", "application/json", fmt.Sprintf(`{"secret":%q,"app":%q}`, secret, app))
	if a.StatusCode != http.StatusCreated {
		h.t.Fatalf("device: %d %s", a.StatusCode, a.body)
	}
	var d setup
	a.into(h.t, &d)
	return d
}

func basic(d setup) header {
	req := http.Request{Header: http.Header{}}
	req.SetBasicAuth(d.ID, d.Password)
	return header{"Authorization", req.Header.Get("Authorization")}
}

func (h *harness) ownTracks(d setup, body string, hs ...header) answer {
	h.t.Helper()
	return h.visit("POST", "/in/owntracks", "application/json", body, append([]header{basic(d)}, hs...)...)
}

// placed lists where a person's reports of a channel say that they were.
func (h *harness) placed(person tracker.ID, ch tracker.Channel) []tracker.Report {
	h.t.Helper()
	var rs []tracker.Report
	for _, r := range h.reports(person) {
		if r.Channel == ch {
			rs = append(rs, r)
		}
	}
	return rs
}

// Who comes back to a place without saying when is there again; a cry for help is one
// with a place and without.
func TestOsmAndBackAndForthAndSOS(t *testing.T) {
	h := citizenHarness(t, "", tracking)
	person := h.somebody()
	l, secret := h.link(auth.Link{Person: person, Mission: h.abuDhabi})
	m := h.device(l, secret, "osmand")
	send := func(q string) {
		t.Helper()
		if a := h.visit("GET", "/in/osmand?"+q+"&id="+m.ID, "", ""); a.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s", q, a.StatusCode, a.body)
		}
	}
	for _, lat := range []string{"25.2048", "25.3048", "25.2048"} {
		send("lat=" + lat + "&lon=55.2708")
	}
	rs := h.placed(person, tracker.ChannelOsmAnd)
	if len(rs) != 3 || rs[0].Position.Point[1] != 25.2048 { // the latest is first
		t.Fatalf("%d reports: %+v", len(rs), rs)
	}
	sos := fmt.Sprintf("alarm=sos&timestamp=%d", time.Now().UnixMilli())
	send(sos)
	send(sos)
	rs = h.placed(person, tracker.ChannelOsmAnd)
	if p, _ := h.settled().Person(person); len(rs) != 4 || rs[0].Wellbeing != tracker.NeedsHelp || rs[0].Position != nil || p.Wellbeing != tracker.NeedsHelp {
		t.Errorf("without a place: %+v, %v", rs, p.Wellbeing)
	}
	send("alarm=sos&lat=25.2048&lon=55.2708")
	if rs = h.placed(person, tracker.ChannelOsmAnd); len(rs) != 5 || rs[0].Wellbeing != tracker.NeedsHelp || rs[0].Position == nil {
		t.Errorf("with one: %+v", rs)
	}
}

func TestDeviceLives(t *testing.T) {
	h := citizenHarness(t, "", tracking)
	person := h.somebody()
	l, secret := h.link(auth.Link{Person: person, Mission: h.abuDhabi})

	// Only the link's own secret makes a device.
	other, otherSecret := h.link(auth.Link{Person: h.somebody()})
	_ = other
	for _, wrong := range []string{"", otherSecret, strings.ToLower(secret)} {
		if a := h.visit("POST", "/s/"+l.Code+"/device", "application/json", fmt.Sprintf(`{"secret":%q,"app":"owntracks"}`, wrong)); a.StatusCode != http.StatusForbidden {
			t.Errorf("secret %q: %d %s", wrong, a.StatusCode, a.body)
		}
	}
	d, m := h.device(l, secret, "owntracks"), h.device(l, secret, "osmand")
	if !strings.HasPrefix(d.Setup, "owntracks:///config?inline=") || d.URL != "http://127.0.0.1/in/owntracks" || m.Password != "" || !strings.Contains(m.Setup, "?id=") {
		t.Errorf("%+v %+v", d, m)
	}

	now := time.Now().Truncate(time.Second)
	fix := fmt.Sprintf(`{"_type":"location","lat":25.2048,"lon":55.2708,"acc":10,"tst":%d}`, now.Add(-time.Minute).Unix())
	for range 3 { // a retry is harmless
		if a := h.ownTracks(d, fix); a.StatusCode != http.StatusOK || string(a.body) != "[]" {
			t.Fatalf("location: %d %s", a.StatusCode, a.body)
		}
	}
	if a := h.visit("POST", "/in/owntracks", "application/json", fmt.Sprintf(`{"_type":"location","lat":25.3,"lon":55.3,"acc":10,"tst":%d}`, now.Add(-time.Hour).Unix()),
		header{"X-Limit-U", d.ID}, header{"X-Limit-D", d.Password}); a.StatusCode != http.StatusOK {
		t.Errorf("by headers: %d %s", a.StatusCode, a.body)
	}
	for _, nothing := range []string{"", `{"_type":"waypoint","lat":1,"lon":1,"tst":5,"desc":"x"}`, `{"_type":"lwt"}`, `{"_type":"tomorrow"}`, `{"_type":"encrypted","data":"x"}`} {
		if a := h.ownTracks(d, nothing); a.StatusCode != http.StatusOK || string(a.body) != "[]" {
			t.Errorf("%s: %d %s", nothing, a.StatusCode, a.body)
		}
	}
	rs := h.placed(person, tracker.ChannelOwnTracks)
	if len(rs) != 2 || rs[0].Position.Point[1] != 25.2048 || rs[0].Position.RadiusM < 16 || rs[0].Position.RadiusM > 17 || rs[0].Position.Flags != 0 {
		t.Fatalf("stored %d: %+v", len(rs), rs)
	}
	// The older fix came later and takes nothing away.
	row, _ := h.settled().Person(person)
	if row.Position == nil || row.Position.Point[1] != 25.2048 {
		t.Errorf("they are at %+v", row.Position)
	}

	// OsmAnd: a query, a form, JSON; the same fix is one.
	q := fmt.Sprintf("lat=25.2100&lon=55.2700&accuracy=9&timestamp=%d", now.Add(-30*time.Second).Unix())
	for _, a := range []answer{
		h.visit("GET", "/in/osmand?"+q+"&id="+m.ID, "", ""),
		h.visit("POST", "/in/osmand?"+q+"&id="+m.ID, "", ""),
		h.visit("POST", "/in/osmand", formMedia, q+"&id="+m.ID),
	} {
		if a.StatusCode != http.StatusOK || len(a.body) > 0 {
			t.Errorf("osmand: %d %s", a.StatusCode, a.body)
		}
	}
	body := fmt.Sprintf(`{"device_id":%q,"location":{"timestamp":%q,"mock":true,"coords":{"latitude":24.4,"longitude":54.4,"accuracy":5}}}`, m.ID, now.UTC().Format(time.RFC3339))
	if a := h.visit("POST", "/in/osmand", "application/json", body); a.StatusCode != http.StatusOK {
		t.Errorf("osmand: %d %s", a.StatusCode, a.body)
	}
	if rs = h.placed(person, tracker.ChannelOsmAnd); len(rs) != 2 || rs[0].Position.Flags&tracker.FlagMock == 0 || rs[1].Position.Point[1] != 25.21 {
		t.Errorf("osmand stored %d: %+v", len(rs), rs)
	}

	// Staff see them and end them; out of scope there is nobody.
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	path := "/api/v1/people/" + person.String() + "/devices"
	var list openapi.DeviceList
	analyst.want(200, "GET", path, nil).into(t, &list)
	if len(list.Items) != 2 || list.Items[0].EndedAt != nil || list.Items[0].App == list.Items[1].App {
		t.Errorf("devices: %+v", list)
	}
	h.key(auth.RoleEmbassy, h.doha).want(404, "GET", path, nil)
	h.key(auth.RoleEmbassy, h.doha).want(404, "DELETE", path, nil)
	analyst.want(204, "DELETE", path, nil)
	analyst.want(204, "DELETE", path, nil)
	analyst.want(200, "GET", path, nil).into(t, &list)
	if len(list.Items) != 2 || list.Items[0].EndedAt == nil || list.Items[1].EndedAt == nil {
		t.Errorf("ended devices: %+v", list)
	}
	if a := h.ownTracks(d, fix); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("ended: %d %s", a.StatusCode, a.body)
	}
	if a := h.visit("GET", "/in/osmand?"+q+"&id="+m.ID, "", ""); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("ended: %d %s", a.StatusCode, a.body)
	}
}

func TestDevicesRefuse(t *testing.T) {
	var logged bytes.Buffer
	var mu sync.Mutex
	h := citizenHarness(t, "", tracking, func(o *api.Options) {
		o.Logger = slog.New(slog.NewJSONHandler(lockedWriter{&mu, &logged}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	person := h.somebody()
	l, secret := h.link(auth.Link{Person: person})
	d, m := h.device(l, secret, "owntracks"), h.device(l, secret, "osmand")
	strange := setup{ID: strings.Repeat("0", 32), Password: d.Password}
	wrong := setup{ID: d.ID, Password: strings.Repeat("A", 43)}
	// A wrong secret is refused before the body is looked at, and as an unknown device is.
	for _, x := range []setup{strange, wrong, {}, {ID: d.ID}} {
		if a := h.ownTracks(x, `not even JSON`); a.StatusCode != http.StatusUnauthorized || a.code(t) != "unauthorized" {
			t.Errorf("%+v: %d %s", x, a.StatusCode, a.body)
		}
	}
	for _, token := range []string{"", "x", d.ID + "." + d.Password, strings.Split(m.ID, ".")[0], strings.Split(m.ID, ".")[0] + "." + d.Password} {
		if a := h.visit("GET", "/in/osmand?lat=x&id="+token, "", ""); a.StatusCode != http.StatusUnauthorized {
			t.Errorf("token %q: %d %s", token, a.StatusCode, a.body)
		}
	}
	for _, c := range []struct {
		a      answer
		status int
	}{
		{h.ownTracks(d, `{`), 400},
		{h.ownTracks(d, `{"_type":"location","lat":95.1234,"lon":1}`), 422},
		{h.ownTracks(d, `{"_type":"location","lon":1}`), 422},
		{h.ownTracks(d, `{"_type":"location","note":"`+strings.Repeat("x", 64<<10)+`"}`), 413},
		{h.visit("GET", "/in/osmand?lat=95.1234&lon=55.4321&id="+m.ID, "", ""), 422},
		{h.visit("GET", "/in/osmand?lat=25.1234&lon=55.4321&timestamp=x&id="+m.ID, "", ""), 422},
		{h.visit("GET", "/in/osmand?lat=25.1234&lon=55.4321&valid=false&id="+m.ID, "", ""), 200},
		{h.visit("POST", "/in/osmand?id="+m.ID, "application/xml", "<lat>25.1234</lat>"), 415},
		{h.visit("POST", "/in/osmand?id="+m.ID, "application/json", `{"location":`), 400},
		{h.visit("POST", "/in/osmand", formMedia, strings.Repeat("x", 65<<10)), 413},
	} {
		if c.a.StatusCode != c.status {
			t.Errorf("%s: %d, want %d: %s", c.a.Request.URL.Path, c.a.StatusCode, c.status, c.a.body)
		}
	}
	if n := len(h.placed(person, tracker.ChannelOwnTracks)) + len(h.placed(person, tracker.ChannelOsmAnd)); n != 0 {
		t.Errorf("%d were stored", n)
	}
	// Neither a place nor a secret is in the logs or the metrics.
	mu.Lock()
	text := logged.String()
	mu.Unlock()
	rec := httptest.NewRecorder()
	h.server.Admin().ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	text += rec.Body.String()
	for _, secret := range []string{"25.1234", "55.4321", "95.1234", m.ID, strings.Split(m.ID, ".")[1], d.Password, d.ID, secret} {
		if strings.Contains(text, secret) {
			t.Errorf("the logs or metrics hold %q", secret)
		}
	}
	if !strings.Contains(text, "/in/osmand") {
		t.Error("the requests aren't logged at all")
	}
}

type lockedWriter struct {
	mu *sync.Mutex
	b  *bytes.Buffer
}

func (w lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func TestTrackingIsOffByDefault(t *testing.T) {
	h := citizenHarness(t, "")
	person := h.somebody()
	l, secret := h.link(auth.Link{Person: person})
	for _, a := range []answer{
		h.visit("GET", "/s/"+l.Code+"/device", "", ""),
		h.visit("POST", "/s/"+l.Code+"/device", "application/json", fmt.Sprintf(`{"secret":%q,"app":"owntracks"}`, secret)),
		h.visit("POST", "/in/owntracks", "application/json", "{}"),
		h.visit("GET", "/in/osmand?id=x", "", ""),
		h.visit("POST", "/in/osmand", formMedia, "id=x"),
		h.visit("POST", "/in/sms/phone", "application/json", "{}"),
	} {
		if a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d %s", a.Request.URL.Path, a.StatusCode, a.body)
		}
	}
	h.key(auth.RoleAnalyst, tracker.ID{}).want(404, "GET", "/api/v1/people/"+person.String()+"/devices", nil)
}

func TestGuestsAndDevices(t *testing.T) {
	h := citizenHarness(t, "", tracking)
	l, _ := h.link(auth.Link{Airport: "DXB"})
	guest, _ := auth.NewToken()
	before := len(h.people())
	d := h.device(l, guest, "owntracks")
	people := h.people()
	if len(people) != before+1 {
		t.Fatalf("people: %+v", people)
	}
	if a := h.ownTracks(d, fmt.Sprintf(`{"_type":"location","lat":25.2,"lon":55.3,"acc":5,"tst":%d}`, time.Now().Unix())); a.StatusCode != http.StatusOK {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	// What the guest reports on the page is about the same person.
	if a, _ := h.send(l, object{"status": "safe", "secret": guest}); a.StatusCode != http.StatusOK {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if people = h.people(); len(people) != before+1 || len(h.reports(people[0].ID)) != 2 {
		t.Errorf("%d people, %d reports", len(people), len(h.reports(people[0].ID)))
	}
	for range 4 {
		h.device(l, guest, "osmand")
	}
	a := h.visit("POST", "/s/"+l.Code+"/device", "application/json", fmt.Sprintf(`{"secret":%q,"app":"osmand"}`, guest))
	if a.StatusCode != http.StatusConflict || a.code(t) != "too_many_devices" {
		t.Errorf("a sixth: %d %s", a.StatusCode, a.body)
	}
}

func TestDevicePage(t *testing.T) {
	h := citizenHarness(t, "", tracking)
	l, secret := h.link(auth.Link{Person: h.somebody()})
	path := "/s/" + l.Code + "/device"
	for _, lang := range []string{"kk", "ru", "en"} {
		a := h.visit("GET", path+"?l="+lang, "", "")
		checkPolicy(t, a.Header.Get("Content-Security-Policy"), a.body)
		if a.StatusCode != http.StatusOK || !bytes.Contains(a.body, []byte(`value="owntracks"`)) || !bytes.Contains(a.body, []byte(`lang="`+lang+`"`)) {
			t.Errorf("%s: %d %s", lang, a.StatusCode, a.body)
		}
		v := url.Values{"secret": {secret}, "app": {"owntracks"}, "lang": {lang}}
		if lang == "en" {
			v.Set("app", "osmand")
		}
		a = h.visit("POST", path, formMedia, v.Encode(), fromPage...)
		checkPolicy(t, a.Header.Get("Content-Security-Policy"), a.body)
		if a.StatusCode != http.StatusCreated || !bytes.Contains(a.body, []byte("<svg")) || bytes.Contains(a.body, []byte("ZgotmplZ")) || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %d %s", lang, a.StatusCode, a.body)
		}
		found := regexp.MustCompile(`href="(owntracks:///config\?inline=[^"]+|http://127\.0\.0\.1/in/osmand\?id=[^"]+)"`).FindSubmatch(a.body)
		if found == nil {
			t.Errorf("%s: no set-up link: %s", lang, a.body)
		}
	}
	a := h.visit("POST", path, formMedia, url.Values{"app": {"owntracks"}}.Encode(), fromPage...)
	if a.StatusCode != http.StatusForbidden || !bytes.Contains(a.body, []byte("<form")) || !bytes.Contains(a.body, []byte(`role="alert"`)) {
		t.Errorf("without a secret: %d %s", a.StatusCode, a.body)
	}
	for _, c := range []struct {
		media, body string
		status      int
	}{
		{"application/json", `{"secret":"x"}`, 422},
		{"application/json", `{"app":"windows","secret":"x"}`, 422},
		{"application/json", `{`, 400},
		{"text/plain", `x`, 415},
		{"application/json", `{"app":"osmand","secret":"x","more":1}`, 422},
		{formMedia, "app=windows", 422},
	} {
		if a := h.visit("POST", path, c.media, c.body); a.StatusCode != c.status {
			t.Errorf("%s: %d, want %d: %s", c.body, a.StatusCode, c.status, a.body)
		}
	}
	if a := h.visit("GET", "/s/0000000000/device", "", ""); a.StatusCode != http.StatusNotFound {
		t.Errorf("no such link: %d", a.StatusCode)
	}
}

// Whatever order fixes come in, and however often, the newest stands, and each is
// stored once.
func TestFixesOutOfOrder(t *testing.T) {
	h := citizenHarness(t, "", tracking)
	person := h.somebody()
	l, secret := h.link(auth.Link{Person: person})
	d := h.device(l, secret, "owntracks")
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	const n = 20
	var bodies []string
	start := time.Now().Add(-n * time.Minute)
	for i := range n {
		text, err := json.Marshal(object{"_type": "location", "lat": 25.2 + float64(i)/10_000, "lon": 55.3, "acc": 8, "tst": start.Add(time.Duration(i) * time.Minute).Unix()})
		must(t, err)
		bodies = append(bodies, string(text), string(text))
	}
	r.Shuffle(len(bodies), func(i, j int) { bodies[i], bodies[j] = bodies[j], bodies[i] })
	var wg sync.WaitGroup
	for k := range 4 {
		wg.Go(func() {
			for i := k; i < len(bodies); i += 4 {
				if a := h.ownTracks(d, bodies[i]); a.StatusCode != http.StatusOK {
					t.Errorf("%d %s", a.StatusCode, a.body)
				}
			}
		})
	}
	wg.Wait()
	if rs := h.placed(person, tracker.ChannelOwnTracks); len(rs) != n {
		t.Errorf("%d are stored, want %d", len(rs), n)
	}
	row, _ := h.settled().Person(person)
	if want := 25.2 + float64(n-1)/10_000; row.Position == nil || row.Position.Point[1] != want {
		t.Errorf("they are at %+v, want %v", row.Position, want)
	}
}
