package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"aman/data/seed"
)

const testMissions = "code,name_en,name_ru,countries,duty_phone\n" +
	"AE-TEST,Test mission AE,Тест ОАЭ,AE,+7 000 000 00 01\n" +
	"QA-TEST,Test mission QA,Тест Катар,QA;BH,+7 000 000 00 02\n" +
	"SA-TEST,Test mission SA,,SA,+7 000 000 00 03\n"

const testZones = `{"type":"FeatureCollection","features":[
 {"type":"Feature","id":"dubai","properties":{"level":2,"kind":"ground","action":"avoid","state":"active","name":"Dubai","reason":"test"},
  "geometry":{"type":"Polygon","coordinates":[[[55.05,25.0],[55.35,25.0],[55.35,25.3],[55.05,25.3],[55.05,25.0]],[[55.2,25.15],[55.2,25.2],[55.25,25.2],[55.25,25.15],[55.2,25.15]]]}},
 {"type":"Feature","id":"doha","properties":{"level":3,"kind":"ground","action":"evacuate","state":"active","name":"Doha","reason":"test"},
  "geometry":{"type":"MultiPolygon","coordinates":[[[[51.4,25.2],[51.56,25.2],[51.56,25.3],[51.4,25.3],[51.4,25.2]]],[[[51.5,25.41],[51.6,25.41],[51.6,25.5],[51.5,25.41]]]]}},
 {"type":"Feature","id":"jordan","properties":{"level":1,"country":"JO","state":"active","name":"Jordan","reason":"test"},
  "geometry":{"type":"Polygon","coordinates":[[[35,30],[36,30],[36,31],[35,30]]]}},
 {"type":"Feature","id":"idea","properties":{"level":4,"name":"Only an idea","reason":"test"},
  "geometry":{"type":"Polygon","coordinates":[[[39,21],[40,21],[40,22],[39,21]]]}}]}`

// syntheticPeople are n people as CSV.
func syntheticPeople(t testing.TB, n int, seedNumber uint64) string {
	t.Helper()
	var b bytes.Buffer
	if err := seed.Synthetic(&b, n, time.Now(), seedNumber); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// without positions and without anything: rows that a map can't show.
const unplacedPeople = "name,country,persons,wellbeing\nҒани Өмірзақұлы,AE,5,needs_help\nІңкәр Һамитқызы,QA,1,unknown\nҮміт,,2,\n"

// filled is a site with missions, zones and n people.
func filled(t *testing.T, s *site, n int) {
	t.Helper()
	s.must(t, testMissions, "import", "missions", "-")
	s.must(t, testZones, "import", "zones", "-")
	s.must(t, syntheticPeople(t, n, 11), "import", "people", "-")
	s.must(t, unplacedPeople, "import", "people", "-", "--format", "csv")
}

func TestServiceShowsOnePicture(t *testing.T) {
	for name, open := range sites {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			filled(t, s, 3000)
			keys := map[string]string{"analyst": s.key(t, "analyst", ""), "ae": s.key(t, "embassy", "AE-TEST"), "qa": s.key(t, "embassy", "QA-TEST")}
			s.must(t, "correct horse battery staple\n", "user", "add", "ana", "--role", "analyst", "--password-stdin")
			v := s.start(t)
			t.Run("signs in", func(t *testing.T) { signsIn(t, s, v) })
			for who, key := range keys {
				t.Run("numbers agree for "+who, func(t *testing.T) { numbersAgree(t, v.as(key)) })
			}
			t.Run("a zone's life", func(t *testing.T) { zoneLife(t, v.as(keys["analyst"]), v.as(keys["ae"]), v.as(keys["qa"])) })
			t.Run("the wrong embassy", func(t *testing.T) {
				wrongEmbassy(t, v.as(keys["analyst"]), v.as(keys["ae"]), v.as(keys["qa"]))
			})
			t.Run("export", func(t *testing.T) { exportsTheSame(t, s, v.as(keys["analyst"])) })
		})
	}
}

func signsIn(t *testing.T, s *site, v *service) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &caller{v: v, http: &http.Client{Jar: jar}}
	login := func(password string) string { return `{"login":"ana","password":"` + password + `"}` }
	ask[struct{}](t, c, http.StatusUnauthorized, http.MethodGet, "/api/v1/me", "")
	ask[struct{}](t, c, http.StatusUnauthorized, http.MethodPost, "/api/v1/login", login("correct horse battery stable"))
	ask[struct{}](t, c, http.StatusOK, http.MethodPost, "/api/v1/login", login("correct horse battery staple"))
	me := get[struct{ Login, Role string }](t, c, "/api/v1/me", nil)
	if me.Login != "ana" || me.Role != "analyst" {
		t.Errorf("signed in as %+v", me)
	}
	if out := s.must(t, "", "user", "list"); !strings.Contains(out, "ana") || strings.Contains(out, "argon2") {
		t.Errorf("user list:\n%s", out)
	}
	s.must(t, "", "user", "disable", "ana")
	ask[struct{}](t, c, http.StatusUnauthorized, http.MethodGet, "/api/v1/me", "")
}

// anyFilter draws a filter.
func anyFilter(r *rand.Rand, zones []zoneJSON) url.Values {
	q := url.Values{}
	maybe := func(name string, values ...string) {
		if r.IntN(4) == 0 {
			q.Set(name, values[r.IntN(len(values))])
		}
	}
	maybe("country", "AE", "QA", "SA", "BH", "JO", "KZ")
	maybe("airport", "DXB", "DOH")
	maybe("verdict", "inside", "possible", "outside", "inside,possible")
	maybe("level", "0", "1,2", "3", "4,3,2")
	maybe("freshness", "fresh", "stale")
	maybe("wellbeing", "safe", "needs_help,injured", "unknown")
	maybe("intention", "wants_out", "stays,unknown")
	maybe("stay", "tourist", "resident,pilgrim")
	maybe("placed", "true", "false")
	maybe("stranded", "true", "false")
	maybe("bbox", "50,24,56,27", "55.1,25.05,55.3,25.25", "170,-10,-170,10")
	if len(zones) > 0 && r.IntN(4) == 0 {
		q.Set("zone", zones[r.IntN(len(zones))].ID)
	}
	return q
}

// Oracle: each other, and the rows themselves: list, cells, counts and export of a
// filter are made by different code and must count the same.
func numbersAgree(t *testing.T, c *caller) {
	seedNumber := rand.Uint64()
	t.Logf("seed %d", seedNumber)
	r := rand.New(rand.NewPCG(seedNumber, 2))
	zones := get[struct{ Items []zoneJSON }](t, c, "/api/v1/zones", nil).Items
	some := 0
	for i := range 40 {
		q := anyFilter(r, zones)
		if i == 0 {
			q = url.Values{}
		}
		var rows []personRowJSON
		list := peopleJSON{}
		for next := ""; ; {
			p := url.Values{"limit": {strconv.Itoa(50 + r.IntN(900))}}
			for k, v := range q {
				p[k] = v
			}
			if next != "" {
				p.Set("cursor", next)
			}
			page := get[peopleJSON](t, c, "/api/v1/people", p)
			if next == "" {
				list = page
			} else if page.Total != list.Total {
				t.Errorf("%v: pages count %+v and %+v", q, list.Total, page.Total)
			}
			rows = append(rows, page.Items...)
			if next = page.Next; next == "" {
				break
			}
		}
		got := count{Records: int64(len(rows))}
		for _, x := range rows {
			got.Persons += x.Persons
		}
		some += len(rows)
		check := func(what string, n count) {
			if n != list.Total {
				t.Errorf("%v: %s says %+v, the list %+v", q, what, n, list.Total)
			}
		}
		check("counting the rows", got)

		z := url.Values{"zoom": {strconv.Itoa(r.IntN(19))}}
		by := []string{"level", "freshness", "wellbeing", "intention", "contact", "verdict", "mission"}
		b := url.Values{"by": {by[r.IntN(len(by))]}}
		for k, v := range q {
			z[k], b[k] = v, v
		}
		cells := get[cellsJSON](t, c, "/api/v1/cells", z)
		check("cells", cells.Total)
		sum := count{}
		if !q.Has("bbox") { // a box leaves the unplaced out of the total
			sum = cells.Unplaced
		}
		for _, x := range cells.Cells {
			sum.Records += x.Records
			sum.Persons += x.Persons
		}
		check("adding the cells", sum)

		counts := get[countsJSON](t, c, "/api/v1/counts", b)
		check("counts", counts.Total)
		sum = count{}
		for _, g := range counts.Groups {
			sum.Records += g.Records
			sum.Persons += g.Persons
		}
		check("adding the groups by "+b.Get("by"), sum)

		path := "/api/v1/people/export?format=csv&" + q.Encode()
		a, err := c.send(http.MethodGet, path, "")
		if err != nil || a.status != http.StatusOK {
			t.Fatalf("%s: %d, %v\n%s", path, a.status, err, a.body)
		}
		ids := csvColumn(t, a.body, "id")
		listed := make([]string, len(rows))
		for i, x := range rows {
			listed[i] = x.ID
		}
		if !slices.Equal(ids, listed) {
			t.Errorf("%v: the export holds %d other rows than the list's %d, or in another order", q, len(ids), len(listed))
		}
	}
	if some < 1000 {
		t.Errorf("the filters found %d people in all: they show nothing", some)
	}
}

func csvColumn(t testing.TB, text []byte, name string) []string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\uFEFF")))).ReadAll()
	if err != nil || len(rows) == 0 {
		t.Fatalf("not CSV: %v", err)
	}
	i := slices.Index(rows[0], name)
	if i < 0 {
		t.Fatalf("no column %q in %v", name, rows[0])
	}
	out := make([]string, 0, len(rows)-1)
	for _, r := range rows[1:] {
		out = append(out, r[i])
	}
	return out
}

// zoneLife draws a zone round Lusail: what the preview says must come true.
func zoneLife(t *testing.T, analyst, ae, qa *caller) {
	body := fmt.Sprintf(`{"level":3,"kind":"ground","action":"evacuate","names":{"kk":"Лусаил","ru":"Лусаил","en":"Lusail"},"source":"test","reason":"test",
		"valid_from":%q,"geometry":{"type":"Polygon","coordinates":[[[51.44,25.36],[51.58,25.36],[51.58,25.48],[51.44,25.48],[51.44,25.36]]]}}`,
		time.Now().Add(-time.Hour).UTC().Format(time.RFC3339))
	ask[struct{}](t, ae, http.StatusForbidden, http.MethodPost, "/api/v1/zones", body)
	z, a := ask[zoneJSON](t, analyst, http.StatusCreated, http.MethodPost, "/api/v1/zones", body)
	if z.State != "draft" {
		t.Fatalf("a new zone is %q", z.State)
	}
	before := get[peopleJSON](t, analyst, "/api/v1/people", url.Values{"zone": {z.ID}})
	if before.Total.Records != 0 {
		t.Errorf("a draft has %+v people", before.Total)
	}
	impact, _ := ask[struct{ Enters, Inside, Possible count }](t, analyst, http.StatusOK, http.MethodPost, "/api/v1/zones/"+z.ID+"/preview", "")
	if impact.Enters.Records == 0 {
		t.Fatal("nobody would come in: the test shows nothing")
	}
	z, _ = ask[zoneJSON](t, analyst, http.StatusOK, http.MethodPost, "/api/v1/zones/"+z.ID+"/publish", "", "If-Match", a.header.Get("ETag"))
	if z.State != "active" {
		t.Fatalf("the published zone is %q", z.State)
	}
	// Those whose last word is old may be in it by now; that is worked out a moment later.
	want := count{impact.Inside.Records + impact.Possible.Records, impact.Inside.Persons + impact.Possible.Persons}
	in := get[peopleJSON](t, analyst, "/api/v1/zones/"+z.ID+"/people", nil)
	for until := time.Now().Add(10 * time.Second); in.Total != want && time.Now().Before(until); {
		time.Sleep(50 * time.Millisecond)
		in = get[peopleJSON](t, analyst, "/api/v1/zones/"+z.ID+"/people", nil)
	}
	if in.Total != want || in.Total.Records < impact.Enters.Records {
		t.Errorf("the preview said %+v, in the zone are %+v", impact, in.Total)
	}
	counts := get[zoneJSON](t, analyst, "/api/v1/zones/"+z.ID+"/counts", nil)
	if sum := (count{counts.Inside.Records + counts.Possible.Records, counts.Inside.Persons + counts.Possible.Persons}); sum != in.Total {
		t.Errorf("the zone counts %+v, lists %+v", sum, in.Total)
	}
	if got := get[peopleJSON](t, ae, "/api/v1/zones/"+z.ID+"/people", nil); got.Total.Records != 0 {
		t.Errorf("the embassy in the Emirates sees %+v people in Lusail", got.Total)
	}
	if got := get[peopleJSON](t, qa, "/api/v1/zones/"+z.ID+"/people", nil); got.Total != in.Total {
		t.Errorf("the embassy in Doha sees %+v of %+v", got.Total, in.Total)
	}
	// The event says the same; it is stored by whoever holds the lease, a moment later.
	type events struct {
		Items []struct {
			Kind, Zone string
			Enters     count
		}
	}
	var last events
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		last = get[events](t, analyst, "/api/v1/events", nil)
		for _, e := range last.Items {
			if e.Zone == z.ID && e.Kind == "zone_activated" {
				if e.Enters != impact.Enters {
					t.Errorf("the event tells of %+v, the preview of %+v", e.Enters, impact.Enters)
				}
				return
			}
		}
	}
	t.Errorf("no event tells of the zone: %+v", last)
}

// wrongEmbassy: what Doha's embassy is told of somebody, Abu Dhabi's must not be.
func wrongEmbassy(t *testing.T, analyst, ae, qa *caller) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stream := func(c *caller) <-chan string {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.v.url+"/api/v1/events/stream", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+c.key)
		res, err := http.DefaultClient.Do(req)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("stream: %v, %v", res, err)
		}
		lines := make(chan string, 4096)
		go func() {
			defer res.Body.Close()
			defer close(lines)
			for sc := bufio.NewScanner(res.Body); sc.Scan(); {
				select {
				case lines <- sc.Text():
				case <-ctx.Done():
					return
				}
			}
		}()
		return lines
	}
	hears := map[*caller]<-chan string{ae: stream(ae), qa: stream(qa)}

	aeBefore := get[countsJSON](t, ae, "/api/v1/counts", url.Values{"by": {"country"}})
	name := "Ізгі Құпияқызы"
	report := `{"person":{"name":"` + name + `"},"wellbeing":"needs_help","position":{"lon":51.5,"lat":25.25,"radius_m":20,"method":"gnss"}}`
	r, _ := ask[struct {
		PersonID string `json:"person_id"`
	}](t, analyst, http.StatusCreated, http.MethodPost, "/api/v1/reports", report, "Idempotency-Key", "0191d1a0-0000-7000-8000-000000000001")
	card := "/api/v1/people/" + r.PersonID

	ask[struct{}](t, qa, http.StatusOK, http.MethodGet, card, "")
	nobody := "/api/v1/people/0191d1a0-0000-7000-8000-00000000ffff"
	_, hidden := ask[struct{ Code string }](t, ae, http.StatusNotFound, http.MethodGet, card, "")
	_, missing := ask[struct{ Code string }](t, ae, http.StatusNotFound, http.MethodGet, nobody, "")
	if a, b := strings.ReplaceAll(string(hidden.body), r.PersonID, "ID"), strings.ReplaceAll(string(missing.body), nobody[len("/api/v1/people/"):], "ID"); a != b {
		// A difference (but for what names the request itself) would tell that there is somebody.
		a, b = withoutInstance(a), withoutInstance(b)
		if a != b {
			t.Errorf("out of scope is answered %s\nnobody is answered  %s", a, b)
		}
	}
	search := `{"text":"Құпияқызы"}`
	if got, _ := ask[peopleJSON](t, qa, http.StatusOK, http.MethodPost, "/api/v1/people/search", search); got.Total.Records != 1 {
		t.Errorf("the right embassy finds %+v", got.Total)
	}
	if got, a := ask[peopleJSON](t, ae, http.StatusOK, http.MethodPost, "/api/v1/people/search", search); got.Total.Records != 0 || bytes.Contains(a.body, []byte(r.PersonID)) {
		t.Errorf("the wrong embassy finds %+v", got.Total)
	}
	if after := get[countsJSON](t, ae, "/api/v1/counts", url.Values{"by": {"country"}}); fmt.Sprint(after) != fmt.Sprint(aeBefore) {
		t.Errorf("the wrong embassy's counts changed from %+v to %+v", aeBefore, after)
	}
	for _, path := range []string{"/api/v1/people?limit=1000", "/api/v1/people/export", "/api/v1/events", "/api/v1/cells?zoom=18&country=QA"} {
		a, err := ae.send(http.MethodGet, path, "")
		if err != nil || a.status != http.StatusOK {
			t.Fatalf("%s: %d %v", path, a.status, err)
		}
		if bytes.Contains(a.body, []byte(r.PersonID)) || bytes.Contains(a.body, []byte(name)) || strings.Contains(path, "cells") && bytes.Contains(a.body, []byte(`"persons":1,`)) && bytes.Contains(a.body, []byte(`"lon":51.5`)) {
			t.Errorf("%s shows the wrong embassy %s", path, a.body)
		}
	}
	ask[struct{}](t, ae, http.StatusNotFound, http.MethodPost, "/api/v1/reports",
		`{"person_id":"`+r.PersonID+`","wellbeing":"safe"}`, "Idempotency-Key", "0191d1a0-0000-7000-8000-000000000002")

	// The right one hears of it; by then the wrong one's stream has had its chance too.
	timeout := time.After(20 * time.Second)
	for heard := false; !heard; {
		select {
		case line, ok := <-hears[qa]:
			if !ok {
				t.Fatal("the stream ended")
			}
			heard = strings.Contains(line, r.PersonID)
		case <-timeout:
			t.Fatal("the right embassy's stream says nothing")
		}
	}
	quiet := time.After(300 * time.Millisecond)
	for {
		select {
		case line := <-hears[ae]:
			if strings.Contains(line, r.PersonID) || strings.Contains(line, "needs_help") {
				t.Errorf("the wrong embassy's stream says %s", line)
			}
			continue
		case <-quiet:
		}
		break
	}
}

// withoutInstance drops what a problem says of the request.
func withoutInstance(problem string) string {
	var kept []string
	for _, part := range strings.Split(problem, ",") {
		if !strings.Contains(part, `"instance"`) && !strings.Contains(part, `"request_id"`) {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, ",")
}

// exportsTheSame: the command and the service write the same people.
func exportsTheSame(t *testing.T, s *site, analyst *caller) {
	s.must(t, "a password of some length\n", "user", "add", "boss", "--role", "analyst", "--password-stdin")
	s.must(t, "a password of some length\n", "user", "add", "doha", "--role", "embassy", "--mission", "QA-TEST", "--password-stdin")
	a, err := analyst.send(http.MethodGet, "/api/v1/people/export?format=csv&verdict=inside,possible", "")
	if err != nil || a.status != http.StatusOK {
		t.Fatalf("export: %d, %v", a.status, err)
	}
	want := csvColumn(t, a.body, "id")
	out := s.must(t, "", "export", "people", "--account", "boss", "--verdict", "inside,possible")
	if got := csvColumn(t, []byte(out), "id"); !slices.Equal(got, want) || len(got) == 0 {
		t.Errorf("the command exports %d people, the service %d", len(got), len(want))
	}
	mine := csvColumn(t, []byte(s.must(t, "", "export", "people", "--account", "doha")), "countries")
	for _, countries := range mine {
		if !strings.Contains(countries, "QA") && !strings.Contains(countries, "BH") {
			t.Errorf("Doha's embassy exports somebody in %q", countries)
		}
	}
	if len(mine) == 0 {
		t.Error("Doha's embassy exports nobody")
	}
	if _, errs, code := s.command(t, "", "export", "people", "--account", "nobody"); code != 2 {
		t.Errorf("exit %d: %s", code, errs)
	}
	if out := s.must(t, "", "export", "zones", "--account", "boss", "--format", "geojson"); !strings.Contains(out, "Dubai") {
		t.Errorf("zones: %.200s", out)
	}
}

// Two services on one database show the same, whichever was told.
func TestTwoServicesOnOnePostgres(t *testing.T) {
	s := sites["postgres"](t)
	filled(t, s, 500)
	key := s.key(t, "analyst", "")
	a, b := s.start(t).as(key), s.start(t).as(key)
	for i := range 30 {
		teller, other := a, b
		if i%2 == 1 {
			teller, other = b, a
		}
		body := fmt.Sprintf(`{"person":{"name":"Person %d","persons":%d},"wellbeing":"needs_help","position":{"lon":55.3,"lat":25.2,"radius_m":%d,"method":"gnss"}}`, i, 1+i%3, 10+i)
		ask[struct{}](t, teller, http.StatusCreated, http.MethodPost, "/api/v1/reports", body, "Idempotency-Key", fmt.Sprintf("0191d1a0-0000-7000-8000-%012d", i))
		want := get[peopleJSON](t, teller, "/api/v1/people", nil)
		var got peopleJSON
		for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
			if got = get[peopleJSON](t, other, "/api/v1/people", nil); got.AsOf.Seq >= want.AsOf.Seq {
				break
			}
		}
		if got.Total != want.Total {
			t.Fatalf("one says %+v, the other %+v", want.Total, got.Total)
		}
	}
	// All rows of both, at the same place of the feed.
	var pages [2]answer
	same := func() bool {
		for i, c := range []*caller{a, b} {
			var err error
			if pages[i], err = c.send(http.MethodGet, "/api/v1/people/export", ""); err != nil || pages[i].status != http.StatusOK {
				t.Fatalf("export: %d, %v", pages[i].status, err)
			}
		}
		return bytes.Equal(pages[0].body, pages[1].body)
	}
	for deadline := time.Now().Add(20 * time.Second); !same(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the pictures differ:\n%.2000s\n%.2000s", pages[0].body, pages[1].body)
		}
	}
}
