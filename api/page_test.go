package api_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"aman/api"
	"aman/api/auth"
	"aman/api/openapi"
	"aman/geo/tracker"
	"aman/web"
)

// citizenHarness serves pages with the real texts. script stands for the built
// one; empty: the front end was not built.
func citizenHarness(t *testing.T, script string, more ...func(*api.Options)) *harness {
	return newHarness(t, append(more, func(o *api.Options) {
		o.Catalogue = web.Catalogue
		o.Dist = fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}}
		if script != "" {
			o.Dist = fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "citizen/page.js": {Data: []byte(script)}}
		}
	})...)
}

// link makes a link; the zero times are "now" and "in a day".
func (h *harness) link(l auth.Link) (made auth.Link, secret string) {
	h.t.Helper()
	l.ID, l.Crisis, l.Code, l.CreatedAt = tracker.NewID(), h.crisis, auth.NewLinkCode(), time.Now().UTC().Truncate(time.Microsecond)
	if l.ExpiresAt.IsZero() {
		l.ExpiresAt = l.CreatedAt.Add(24 * time.Hour)
	}
	if !l.Person.IsZero() {
		secret, l.SecretHash = auth.NewToken()
		l.HasSecret = true
	}
	must(h.t, h.db.CreateLink(h.t.Context(), l, tracker.Audit{Role: "system", Action: "link.create"}))
	return l, secret
}

// visit sends what a browser sends that doesn't follow redirects.
func (h *harness) visit(method, path, media, body string, hs ...header) answer {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), method, h.http.URL+path, strings.NewReader(body))
	must(h.t, err)
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	for _, x := range hs {
		req.Header.Set(x.name, x.value)
	}
	client := *h.http.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	must(h.t, err)
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	must(h.t, err)
	a := answer{res, got}
	h.hold(req, a)
	return a
}

const formMedia = "application/x-www-form-urlencoded"

// fromPage are the headers that a browser adds to a form of a page with no-referrer.
var fromPage = []header{{"Origin", "null"}, {"Sec-Fetch-Site", "same-origin"}, {"Accept", "text/html"}, {"Accept-Language", "ru"}}

func (h *harness) form(l auth.Link, v url.Values) answer {
	h.t.Helper()
	return h.visit("POST", "/s/"+l.Code, formMedia, v.Encode(), fromPage...)
}

type receipt struct {
	ReceivedAt time.Time `json:"received_at"`
	Code       string    `json:"code"`
}

// send posts a report as the page's script does.
func (h *harness) send(l auth.Link, report object) (answer, receipt) {
	h.t.Helper()
	body, err := json.Marshal(report)
	must(h.t, err)
	a := h.visit("POST", "/s/"+l.Code, "application/json", string(body), header{"Origin", "null"})
	var r receipt
	if a.StatusCode == http.StatusOK {
		a.into(h.t, &r)
	}
	return a, r
}

// people waits until the picture holds all commits and lists everybody.
func (h *harness) people() []tracker.Row {
	h.t.Helper()
	v := h.settled()
	page, err := v.People(tracker.Filter{Crisis: h.crisis}, 1000, "")
	must(h.t, err)
	return page.Rows
}

// settled is the whole picture, once it holds every commit.
func (h *harness) settled() tracker.View {
	h.t.Helper()
	_, last, err := h.db.Changes(h.t.Context(), 0, math.MaxInt32)
	must(h.t, err)
	if len(last) > 0 {
		must(h.t, h.tracker.Wait(h.t.Context(), last[len(last)-1].Seq))
	}
	return h.tracker.Snapshot().View(tracker.Scope{All: true, Casualty: true}, time.Now())
}

// reports are all of a person's reports, newest first.
func (h *harness) reports(person tracker.ID) []tracker.Report {
	h.t.Helper()
	rs, _, err := h.db.ReportsOf(h.t.Context(), person, 0)
	must(h.t, err)
	return rs
}

// somebody registers a person.
func (h *harness) somebody() tracker.ID {
	h.t.Helper()
	return h.key(auth.RoleAnalyst, tracker.ID{}).file(object{"person": object{"name": "Үсенов Ғани"}, "wellbeing": "unknown"}).PersonId
}

func TestPageIsSmallAndSealed(t *testing.T) {
	// The script that was built last where there is one, so that the size is the real one.
	script := "document.title=1 < 2 && '<b>'"
	if b, err := os.ReadFile("../web/dist/citizen/page.js"); err == nil {
		script = string(b)
	}
	h := citizenHarness(t, script, func(o *api.Options) { o.SMSNumber = "+7 701 000 00 01" })
	must(t, h.db.SetHotlines(t.Context(), tracker.ID{}, []tracker.Hotline{
		{ID: tracker.NewID(), Phone: "+77172000001", Public: true, Names: tracker.Names{KK: "Министрліктің тәулік бойғы желісі", RU: "Круглосуточная линия министерства", EN: "The ministry, day and night"}},
		{ID: tracker.NewID(), Phone: "+77172000002", Public: true, Names: tracker.Names{KK: "Консулдық қызмет", RU: "Консульская служба", EN: "Consular service"}},
	}, tracker.Audit{Role: "system", Action: "test"}))
	l, _ := h.link(auth.Link{Country: "TR"})
	all, _ := h.link(auth.Link{Person: h.somebody()}) // lists the places of every mission's country
	for _, code := range []string{l.Code, all.Code} {
		for _, lang := range []string{"kk", "ru", "en"} {
			req, err := http.NewRequest("GET", h.http.URL+"/s/"+code+"?l="+lang, nil)
			must(t, err)
			req.Header.Set("Accept-Encoding", "gzip") // by hand, so that it isn't undone
			res, err := h.http.Client().Do(req)
			must(t, err)
			packed, err := io.ReadAll(res.Body)
			must(t, err)
			must(t, res.Body.Close())
			if len(packed) > 8<<10 || res.Header.Get("Content-Encoding") != "gzip" {
				t.Errorf("%s: %d bytes, %s", lang, len(packed), res.Header.Get("Content-Encoding"))
			}
			z, err := gzip.NewReader(bytes.NewReader(packed))
			must(t, err)
			page, err := io.ReadAll(z)
			must(t, err)
			t.Logf("%s: %d bytes, %d as sent", lang, len(page), len(packed))
			checkPolicy(t, res.Header.Get("Content-Security-Policy"), page)
			for name, want := range map[string]string{
				"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex",
				"X-Content-Type-Options": "nosniff", "Content-Language": lang, "Content-Type": "text/html; charset=UTF-8",
			} {
				if got := res.Header.Get(name); got != want {
					t.Errorf("%s: %s is %q", lang, name, got)
				}
			}
			if c := res.Header.Values("Set-Cookie"); len(c) > 0 {
				t.Errorf("a cookie: %v", c)
			}
			// One request: nothing of the page is fetched from anywhere.
			page = bytes.ReplaceAll(page, []byte(`<a id="exit" href="https://www.google.com/" rel="noreferrer">`), nil) // where who leaves in haste goes
			if m := regexp.MustCompile(`(?i)(src|href|action|url)\s*[=(]\s*["']?(https?:|//)`).Find(page); m != nil {
				t.Errorf("%s: the page points elsewhere: %s", lang, m)
			}
			if bytes.Contains(page, []byte("citizen.")) || bytes.Contains(page, []byte("ZgotmplZ")) {
				t.Errorf("%s: a text is missing:\n%s", lang, page)
			}
		}
	}
}

// checkPolicy holds a page against its policy: every inline script and style is
// there by its hash, and nothing else is let in. The oracle is CSP level 3.
func checkPolicy(t *testing.T, policy string, page []byte) {
	t.Helper()
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy lacks %s: %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("policy: %s", policy)
	}
	inline := regexp.MustCompile(`(?s)<(script|style)([^>]*)>(.*?)</(?:script|style)>`)
	for _, m := range inline.FindAllSubmatch(page, -1) {
		if strings.Contains(string(m[2]), "application/json") {
			continue // data, never run
		}
		sum := sha256.Sum256(m[3])
		if hash := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, hash) {
			t.Errorf("a %s of %d bytes isn't in the policy", m[1], len(m[3]))
		}
	}
	if m := regexp.MustCompile(`(?i)\son[a-z]+=|\sstyle=|javascript:`).Find(page); m != nil {
		t.Errorf("inline code that no hash can allow: %s", m)
	}
}

// Every text of the page is there in every language, and none is left over.
func TestPageTexts(t *testing.T) {
	used := map[string]bool{}
	for pattern, file := range map[string]string{
		`\.T "([a-z_]+)"`:   "../web/src/citizen/*.html",
		`words\.([a-z_]+)`:  "../web/src/citizen/page.ts",
		`[^a-z]"([a-z_]+)"`: "page_*.go",
	} {
		paths, err := filepath.Glob(file)
		must(t, err)
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			source, err := os.ReadFile(path)
			must(t, err)
			for _, m := range regexp.MustCompile(pattern).FindAllSubmatch(source, -1) {
				if key := string(m[1]); !strings.HasSuffix(file, ".go") || web.Catalogue("en")["citizen."+key] != "" {
					used[key] = true
				}
			}
		}
	}
	used["place_other"] = true // made of "place" and Other
	for _, lang := range web.Languages {
		words := web.Catalogue(lang)
		for key := range used {
			if words["citizen."+key] == "" {
				t.Errorf("%s: no text for %s", lang, key)
			}
		}
		for key := range words {
			if name, ok := strings.CutPrefix(key, "citizen."); ok && !used[name] {
				t.Errorf("%s: %s is used nowhere", lang, key)
			}
		}
	}
}

func TestPageWithoutBuiltScript(t *testing.T) {
	h := citizenHarness(t, "")
	l, _ := h.link(auth.Link{Country: "AE"})
	a := h.visit("GET", "/s/"+l.Code, "", "")
	if a.StatusCode != http.StatusOK || bytes.Contains(a.body, []byte("<script")) || bytes.Contains(a.body, []byte(`id="locate"`)) {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	checkPolicy(t, a.Header.Get("Content-Security-Policy"), a.body)
	for _, want := range []string{`value="DXB"`, `value="Dubai, AE"`, `value="help"`} {
		if !bytes.Contains(a.body, []byte(want)) {
			t.Errorf("no %s", want)
		}
	}
}

func TestPageLanguage(t *testing.T) {
	h := citizenHarness(t, "")
	l, _ := h.link(auth.Link{})
	for _, c := range []struct{ query, accept, want string }{
		{"", "", "kk"},
		{"", "ru-RU,ru;q=0.9,en;q=0.8", "ru"},
		{"", "en;q=0.5, kk;q=0.9", "kk"},
		{"", "ar-AE, de;q=0.9, en-GB;q=0.1", "en"},
		{"", "tr", "kk"},
		{"", "\x00;;q=", "kk"},
		{"?l=en", "ru", "en"},
		{"?l=de", "ru", "ru"},
		{"?l=ru&fbclid=x&utm_source=y", "", "ru"}, // what messengers add changes nothing
	} {
		var hs []header
		if c.accept != "" && !strings.Contains(c.accept, "\x00") {
			hs = append(hs, header{"Accept-Language", c.accept})
		}
		a := h.visit("GET", "/s/"+l.Code+c.query, "", "", hs...)
		if !strings.Contains(string(a.body), `<html lang="`+c.want+`">`) {
			t.Errorf("%q %q: not in %s", c.query, c.accept, c.want)
		}
	}
}

func TestLookingChangesNothing(t *testing.T) {
	h := citizenHarness(t, "1")
	l, _ := h.link(auth.Link{Person: h.somebody()})
	_, before, err := h.db.Changes(t.Context(), 0, 1000)
	must(t, err)
	for _, method := range []string{"GET", "HEAD", "GET", "HEAD"} {
		a := h.visit(method, "/s/"+l.Code+"?status=help", "", "")
		if a.StatusCode != http.StatusOK || (method == "HEAD") != (len(a.body) == 0) {
			t.Errorf("%s: %d, %d bytes", method, a.StatusCode, len(a.body))
		}
	}
	_, after, err := h.db.Changes(t.Context(), 0, 1000)
	must(t, err)
	if len(after) != len(before) {
		t.Errorf("%d commits by looking", len(after)-len(before))
	}
	for _, method := range []string{"PUT", "DELETE", "PATCH"} {
		if a := h.visit(method, "/s/"+l.Code, "", ""); a.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, a.StatusCode)
		}
	}
}

func TestLinkReportJSON(t *testing.T) {
	h := citizenHarness(t, "1")
	person := h.somebody()
	l, secret := h.link(auth.Link{Person: person})
	id := tracker.NewID().String()
	report := object{
		"id": id, "secret": secret, "status": "help", "lon": 55.3001, "lat": 25.2001, "accuracy_m": 15,
		"fixed_at": time.Now().UTC(), "sent_at": time.Now().UTC(), "persons": 5, "phone": "050 123 4567", "note": "Ә Ғ Қ Ң Ө Ұ Ү Һ І", "lang": "kk",
	}
	a, first := h.send(l, report)
	if a.StatusCode != http.StatusOK || first.Code == "" || first.ReceivedAt.IsZero() {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	// A retry, later and with other times of sending, is the same report.
	report["sent_at"] = time.Now().Add(time.Minute).UTC()
	if _, again := h.send(l, report); again != first {
		t.Errorf("retry: %+v, first %+v", again, first)
	}
	// The same id with something else in it is a mistake.
	report["status"] = "safe"
	if a, _ := h.send(l, report); a.StatusCode != http.StatusUnprocessableEntity || a.code(t) != "idempotency_key_reused" {
		t.Errorf("reuse: %d %s", a.StatusCode, a.body)
	}
	rows, reports := h.people(), h.reports(person)
	if len(rows) != 1 || len(reports) != 2 { // one from the registration
		t.Fatalf("%d people, %d reports", len(rows), len(reports))
	}
	r := reports[0]
	if r.Wellbeing != tracker.NeedsHelp || r.Persons != 5 || r.Phone != "+971501234567" && r.Phone != "050 123 4567" || r.Note != "Ә Ғ Қ Ң Ө Ұ Ү Һ І" ||
		r.Source != l.ID || r.Channel != tracker.ChannelLink || r.Position.Flags != 0 || r.Position.Method != tracker.GNSS {
		t.Errorf("%+v %+v", r, r.Position)
	}
	// By the code alone it is about the same person, at lower trust.
	delete(report, "secret")
	delete(report, "fixed_at")
	report["id"] = tracker.NewID().String()
	if a, _ := h.send(l, report); a.StatusCode != http.StatusOK {
		t.Errorf("code alone: %s", a.body)
	}
	if r := h.reports(person)[0]; r.Position.Flags != tracker.FlagLowTrust {
		t.Errorf("flags %v", r.Position.Flags.Words())
	}
	h.people()
	var list openapi.PersonList
	h.key(auth.RoleEmbassy, h.doha).want(http.StatusOK, "GET", "/api/v1/people", nil).into(t, &list)
	if list.Total.Records != 0 {
		t.Error("the wrong embassy sees it")
	}
}

func TestLinkReportForm(t *testing.T) {
	h := citizenHarness(t, "1")
	person := h.somebody()
	l, _ := h.link(auth.Link{Person: person, Country: "AE"})
	v := url.Values{"id": {tracker.NewID().String()}, "lang": {"ru"}, "status": {"safe"}, "place": {"Dubai, AE", ""}, "address": {"Отель"}, "persons": {"5"}, "phone": {""}, "note": {""}}
	a := h.form(l, v)
	where := a.Header.Get("Location")
	if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(where, "/s/"+l.Code+"?l=ru&r=") {
		t.Fatalf("%d %s %s", a.StatusCode, where, a.body)
	}
	for _, word := range []string{"safe", "Dubai", "%D0"} {
		if strings.Contains(where, word) {
			t.Errorf("the address says %s: %s", word, where)
		}
	}
	page := html.UnescapeString(string(h.visit("GET", where, "", "").body))
	// Dubai is at UTC+4 all year.
	if !regexp.MustCompile(`✓ Получено \d\d:\d\d \(UTC\+4\), код [0-9A-Z]{4}\.`).MatchString(page) || strings.Contains(page, "Отель") {
		t.Errorf("receipt:\n%s", page)
	}
	if again := h.form(l, v); again.StatusCode != http.StatusSeeOther {
		t.Errorf("sent twice: %d", again.StatusCode)
	}
	if n := len(h.reports(person)); n != 2 {
		t.Errorf("%d reports, not 2", n)
	}
	// By the Back button the same form may say something else; it must not be lost.
	v.Set("status", "help")
	if a := h.form(l, v); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d", a.StatusCode)
	}
	if r := h.reports(person)[0]; r.Wellbeing != tracker.NeedsHelp || r.Position == nil || r.Position.Method != tracker.Place || r.Address != "Отель" {
		t.Errorf("%+v", r)
	}
	// A receipt can't be made up, nor carried to another link.
	other, _ := h.link(auth.Link{Country: "AE"})
	for _, r := range []string{"x", "", "AAAA", strings.Split(where, "r=")[1]} {
		if page := string(h.visit("GET", "/s/"+other.Code+"?r="+r, "", "").body); strings.Contains(page, `class="received"`) {
			t.Errorf("a receipt from %q", r)
		}
	}
}

func TestLinkFormMistakes(t *testing.T) {
	h := citizenHarness(t, "1")
	l, _ := h.link(auth.Link{Country: "AE"})
	a := h.form(l, url.Values{"status": {"safe"}, "place": {"DXB", "<b>Qala"}, "persons": {"0"}, "phone": {"x"}, "note": {"\"Не\" <забудьте>"}, "address": {"A&B"}})
	page := string(a.body)
	if a.StatusCode != http.StatusUnprocessableEntity {
		t.Fatalf("%d", a.StatusCode)
	}
	for _, want := range []string{
		`id="e-persons"`, `aria-describedby="e-persons"`, `id="e-phone"`, `class="warn"`, `name="status" value="safe">`, `value="safe" aria-pressed="true"`,
		`value="&lt;b&gt;Qala"`, `&#34;Не&#34; &lt;забудьте&gt;`, `value="A&amp;B"`, `<option value="DXB" selected>`, `value="0"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(page, `id="e-note"`) || len(h.people()) != 0 {
		t.Error("a field that is right is marked, or something was stored")
	}
	if a := h.form(l, url.Values{"phone": {"87012345678"}}); !strings.Contains(string(a.body), `id="e-status"`) || !strings.Contains(string(a.body), `value="87012345678"`) {
		t.Errorf("nothing said: %s", a.body)
	}
	for _, c := range []struct {
		media, body string
		status      int
		code        string
	}{
		{"application/json", `{"status":"safe","persons":0}`, 422, "out_of_range"},
		{"application/json", `{"status":"safe"`, 400, "malformed_json"},
		{"application/json", `{"note":"` + strings.Repeat("x", 20<<10) + `"}`, 413, "body_too_large"},
		{"text/plain", `status=safe`, 415, "unsupported_media_type"},
	} {
		if a := h.visit("POST", "/s/"+l.Code, c.media, c.body); a.StatusCode != c.status || a.code(t) != c.code {
			t.Errorf("%s %.40s: %d %s", c.media, c.body, a.StatusCode, a.body)
		}
	}
	if a := h.visit("POST", "/s/"+l.Code, formMedia, "note="+strings.Repeat("x", 20<<10)); a.StatusCode != 413 || !strings.Contains(string(a.body), "<form") {
		t.Errorf("a long form: %d", a.StatusCode)
	}
}

func TestLinkClosed(t *testing.T) {
	now := time.Now()
	h := citizenHarness(t, "1")
	expired, _ := h.link(auth.Link{ExpiresAt: now.Add(-time.Second)})
	revoked, _ := h.link(auth.Link{Country: "AE"})
	must(t, h.db.RevokeLink(t.Context(), revoked.ID, now, tracker.Audit{Role: "system", Action: "link.revoke"}))
	for _, c := range []struct {
		code   string
		status int
		word   string
		phone  string
	}{
		{"0000000000", 404, "closed_unknown", "+97400000002"},
		{"nonsense", 404, "closed_unknown", "+97100000001"},
		{"%2e%2e%00%ff", 404, "closed_unknown", "+97100000001"},
		{expired.Code, 410, "closed_expired", "+97100000001"},
		{revoked.Code, 410, "closed_revoked", "+97100000001"},
	} {
		for _, lang := range []string{"kk", "ru", "en"} {
			for _, a := range []answer{h.visit("GET", "/s/"+c.code+"?l="+lang, "", ""), h.visit("POST", "/s/"+c.code+"?l="+lang, formMedia, "status=safe")} {
				page := string(a.body)
				words := web.Catalogue(lang)
				if a.StatusCode != c.status || !strings.Contains(page, words["citizen."+c.word]) || !strings.Contains(page, words["citizen.closed_turn"]) ||
					!strings.Contains(html.UnescapeString(page), `href="tel:`+c.phone+`"`) ||
					strings.Contains(page, "<form") != (c.status == 410) || strings.Contains(page, "<script") != (c.status == 410) || strings.Contains(page, `value="safe"`) {
					t.Errorf("%s %s: %d\n%s", c.code, lang, a.StatusCode, page)
				}
			}
		}
		a := h.visit("POST", "/s/"+c.code, "application/json", `{"status":"help"}`)
		if a.StatusCode != c.status || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s: %d %s", c.code, a.StatusCode, a.body)
		}
	}
	// A code is read out and typed: case, dashes, O for 0 don't matter.
	open, _ := h.link(auth.Link{})
	spoken := strings.ToLower(open.Code[:5]) + "-" + strings.ReplaceAll(open.Code[5:], "0", "o")
	if a := h.visit("GET", "/s/"+spoken, "", ""); a.StatusCode != 200 {
		t.Errorf("%s for %s: %d", spoken, open.Code, a.StatusCode)
	}
}

func TestCampaignGuests(t *testing.T) {
	h := citizenHarness(t, "1")
	l, _ := h.link(auth.Link{Airport: "DXB"})
	phone := func(n int) string { return strings.Repeat(fmt.Sprint(n), 60) }
	id := tracker.NewID().String()
	// Many at once from one phone, with retries: one person, and no report twice.
	var wg sync.WaitGroup
	codes := make([]string, 6)
	for i := range codes {
		wg.Go(func() {
			report := object{"id": id, "secret": phone(1), "status": "safe", "persons": 2}
			if i%2 == 1 {
				report = object{"id": tracker.NewID().String(), "secret": phone(1), "status": "leaving"}
			}
			a, r := h.send(l, report)
			if a.StatusCode != http.StatusOK {
				t.Errorf("%d %s", a.StatusCode, a.body)
			}
			codes[i] = r.Code
		})
	}
	wg.Wait()
	if codes[0] != codes[2] || codes[0] != codes[4] {
		t.Errorf("one report, several receipts: %v", codes)
	}
	rows := h.people()
	if len(rows) != 1 {
		t.Fatalf("%d people of one phone", len(rows))
	}
	if n := len(h.reports(rows[0].ID)); n != 4 {
		t.Errorf("%d reports, not 4", n)
	}
	if p := h.reports(rows[0].ID); p[len(p)-1].Position == nil || p[len(p)-1].Position.Airport != "DXB" || p[0].Position != nil {
		t.Error("the first report is at the poster's airport, later ones say nothing of a place")
	}
	// Another phone is another person; without a secret everybody is.
	h.send(l, object{"id": tracker.NewID().String(), "secret": phone(2), "status": "help", "phone": "+77012345678"})
	h.send(l, object{"id": tracker.NewID().String(), "status": "safe"})
	h.send(l, object{"id": tracker.NewID().String(), "status": "safe"})
	rows = h.people()
	persons := 0
	for _, r := range rows {
		persons += r.Persons
	}
	if len(rows) != 4 {
		t.Errorf("%d people", len(rows))
	}
	// Without scripts the page itself says who goes on.
	hidden := regexp.MustCompile(`name="secret" value="([^"]+)"`)
	page := h.visit("GET", "/s/"+l.Code, "", "").body
	token := string(hidden.FindSubmatch(page)[1])
	a := h.form(l, url.Values{"secret": {token}, "status": {"help"}})
	cookies := a.Cookies()
	if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode || cookies[0].Path != "/s/"+l.Code {
		t.Fatalf("%v", cookies)
	}
	page = h.visit("GET", a.Header.Get("Location"), "", "", header{"Cookie", cookies[0].Name + "=" + cookies[0].Value}).body
	if m := hidden.FindSubmatch(page); m == nil || string(m[1]) != token {
		t.Error("the page after a report speaks of somebody else")
	}
	// Whoever is handed its address reads what it says, and is somebody else.
	if page = h.visit("GET", a.Header.Get("Location"), "", "").body; bytes.Contains(page, []byte(token)) || !bytes.Contains(page, []byte(`class="received"`)) {
		t.Error("the address of the page after a report gives its sender away")
	}
	h.form(l, url.Values{"secret": {token}, "place": {"Muscat, OM"}})
	if n := len(h.people()); n != 5 {
		t.Errorf("%d people, not 5", n)
	}
	if page := h.visit("GET", "/s/"+l.Code, "", "").body; bytes.Contains(page, []byte(token)) {
		t.Error("two visitors got one token")
	}
}

func TestLinkLimits(t *testing.T) {
	h := citizenHarness(t, "1")
	l, secret := h.link(auth.Link{Person: h.somebody()})
	var a answer
	n := 0
	for ; n < 100; n++ {
		if a, _ = h.send(l, object{"status": "safe"}); a.StatusCode != http.StatusOK {
			break
		}
	}
	if a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" || n < 60 || n > 65 {
		t.Errorf("after %d reports: %d", n, a.StatusCode)
	}
	f := h.form(l, url.Values{"status": {"help"}, "note": {"мама"}})
	if page := string(f.body); f.StatusCode != http.StatusTooManyRequests || f.Header.Get("Retry-After") == "" || !strings.Contains(page, "через 1 мин") {
		t.Errorf("%d %s", f.StatusCode, page)
	}
	// Whoever has the link itself isn't held up by those who have its code, whatever they do with it.
	for range 70 {
		h.visit("POST", "/s/"+l.Code+"/map", formMedia, "back=1")
		h.visit("POST", "/s/"+l.Code+"/data", formMedia, "lang=ru")
	}
	if a, _ := h.send(l, object{"status": "help", "secret": secret}); a.StatusCode != http.StatusOK {
		t.Errorf("with the secret: %d", a.StatusCode)
	}
	// Somebody else's link is not held up.
	other, _ := h.link(auth.Link{})
	if a, _ := h.send(other, object{"status": "safe"}); a.StatusCode != http.StatusOK {
		t.Errorf("another link: %d", a.StatusCode)
	}
}

// TestAddressCeiling: where too many come from one address, a page gets a page
// that keeps what was typed, a program gets a problem, and neither learns whether
// there is such a link.
func TestAddressCeiling(t *testing.T) {
	h := citizenHarness(t, "1", func(o *api.Options) { o.Limits.PerAddress = 0.001 }) // nothing passes
	l, _ := h.link(auth.Link{})
	id := tracker.NewID().String()
	f := h.form(l, url.Values{"status": {"help"}, "note": {"мама <b>"}, "id": {id}, "secret": {"s3cret"}, "lang": {"kk"}})
	page := string(f.body)
	for _, want := range []string{`lang="kk"`, "мама &lt;b&gt;", id, "s3cret", `data-kind="campaign"`, `action="/s/` + l.Code + `"`, " мин"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if f.StatusCode != http.StatusTooManyRequests || f.Header.Get("Retry-After") == "" || !strings.HasPrefix(f.Header.Get("Content-Type"), "text/html") {
		t.Errorf("form: %d %v", f.StatusCode, f.Header)
	}
	known, unknown := h.visit("GET", "/s/"+l.Code, "", ""), h.visit("GET", "/s/"+auth.NewLinkCode(), "", "")
	for _, a := range []answer{known, unknown} {
		if a.StatusCode != http.StatusTooManyRequests || !bytes.Contains(a.body, []byte(`data-kind="personal"`)) {
			t.Errorf("page: %d %s", a.StatusCode, a.body)
		}
	}
	if a, _ := h.send(l, object{"status": "help"}); a.StatusCode != http.StatusTooManyRequests || a.code(t) != "too_many_requests" {
		t.Errorf("program: %d %s", a.StatusCode, a.body)
	}
}
