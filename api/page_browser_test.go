package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aman/api/auth"
	"aman/geo/tracker"
)

// browserTools finds what the test needs: Chromium, Node, the front end's packages
// and its built script. With CI=true none may be missing.
func browserTools(t *testing.T) (chromium, script string) {
	t.Helper()
	missing := func(what string) {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is missing", what)
		}
		t.Skipf("%s is missing: `make test` gets it", what)
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
			break
		}
	}
	if chromium == "" {
		missing("Chromium")
	}
	if _, err := exec.LookPath("node"); err != nil {
		missing("Node")
	}
	if _, err := os.Stat("../web/node_modules/playwright-core"); err != nil {
		missing("playwright-core")
	}
	b, err := os.ReadFile("../web/dist/citizen/page.js")
	if err != nil {
		missing("the built page (npm run build:citizen)")
	}
	return chromium, string(b)
}

// TestPageInBrowser has a phone's browser do what people do, with the network and
// the phone failing in all ways, and looks at what was stored.
func TestPageInBrowser(t *testing.T) {
	chromium, script := browserTools(t)
	h := citizenHarness(t, script)

	// Oracle: what each scenario of browser.mjs taps; sorted, for a fix may be older than a tap.
	const safe, help, leaving = "safe", "needs_help", "leaving"
	want := map[string][]string{
		"withoutScript":       {help + " at DXB 5 Ә Ғ Қ Ң Ө Ұ Ү Һ І", safe},
		"mistakes":            {safe + " Hotel <X> & Y"},
		"granted":             {help, help + " gnss"},
		"denied":              {"place"},
		"hanging":             {"place"},
		"nothing":             nil,
		"offline":             {safe},
		"closedAndReopened":   {leaving},
		"storageBlocked":      {safe},
		"answerLost":          {safe},
		"signInPage":          {safe},
		"languageKeepsSecret": {"gnss"},
		"needs":               {help, help + " medicine 2 days family"},
		"group":               {safe + " 5"},
		"enterKey":            {"Hostel", "Hotel"},
		"mapTap":              {"pin on the map"},
		"mapWithoutScript":    {safe + " pin 2"},
		"hide":                {"gnss", "hide"},
		"unavailableTwice":    {safe},
		"noGeolocation":       {"at DXB"},
		"leaves":              nil,

		"expiredSendsWhatWaited": {help},
	}
	links, people := map[string]string{}, map[string]tracker.ID{}
	for name := range want {
		people[name] = h.somebody()
		l := auth.Link{Person: people[name], Mission: h.abuDhabi}
		if strings.HasPrefix(name, "expired") {
			l.ExpiresAt = time.Now().Add(-time.Minute)
		}
		l, secret := h.link(l)
		links[name] = "/s/" + l.Code + "#" + secret
	}
	looks, _ := h.link(auth.Link{Country: "AE"})
	poster, _ := h.link(auth.Link{Airport: "DXB"})
	expired, _ := h.link(auth.Link{Country: "AE", ExpiresAt: time.Now().Add(-time.Minute)})
	links["expired"] = "/s/" + expired.Code
	links["looks"], links["gone"], links["campaign"] = "/s/"+looks.Code, "/s/0000000000", "/s/"+poster.Code

	settings, err := json.Marshal(object{"chromium": chromium, "base": h.http.URL, "links": links, "shots": os.Getenv("AMAN_TEST_SHOTS")})
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", filepath.Join("src", "citizen", "browser.mjs"), string(settings))
	cmd.Dir = filepath.Join("..", "web")
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("browser: %v", err)
	}

	h.people()
	for name, want := range want {
		var got []string
		for _, r := range h.reports(people[name]) {
			if r.Channel == tracker.ChannelLink {
				got = append(got, told(&r))
			}
			if p := r.Position; p != nil && p.Method == tracker.GNSS && p.Flags != 0 {
				t.Errorf("%s: flags %v", name, p.Flags.Words())
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: stored %q, want %q", name, got, want)
		}
	}
	var guests []string
	for _, row := range h.people() {
		if slices.Contains(slices.Collect(maps.Values(people)), row.ID) {
			continue
		}
		var said []string
		reports := h.reports(row.ID)
		slices.Reverse(reports)
		for _, r := range reports {
			said = append(said, told(&r))
		}
		guests = append(guests, strings.Join(said, ", "))
	}
	slices.Sort(guests)
	// The last is the child of "needs".
	if want := []string{"needs_help at DXB, leaving", "safe at DXB, safe place", safe + " medicine 2 days family"}; !slices.Equal(guests, want) {
		t.Errorf("guests told %q, want %q", guests, want)
	}
	var asked []string
	for _, c := range h.rung() {
		asked = append(asked, c.Kind.String())
	}
	slices.Sort(asked)
	if want := []string{"erase", "help", "help"}; !slices.Equal(asked, want) {
		t.Errorf("asked to be rung for %q, want %q", asked, want)
	}
	if p := h.reports(people["mapTap"])[0].Position; p == nil || p.Flags != 0 || p.RadiusM < 1000 || p.RadiusM > 5000 {
		t.Errorf("the place of the map: %+v", p)
	}
}

// told sums a report up.
func told(r *tracker.Report) string {
	var words []string
	if r.Wellbeing != 0 {
		words = append(words, r.Wellbeing.String())
	}
	if r.Intention != 0 {
		words = append(words, r.Intention.String())
	}
	if p := r.Position; p != nil {
		if p.Airport != "" {
			words = append(words, "at "+p.Airport)
		} else {
			words = append(words, p.Method.String())
		}
	}
	if r.Persons != 0 {
		words = append(words, string(rune('0'+r.Persons)))
	}
	if r.HasNeeds {
		words = append(words, r.Needs.Words()...)
	}
	if r.MedicineDays != nil {
		words = append(words, fmt.Sprint(*r.MedicineDays), "days")
	}
	if r.Tell != 0 {
		words = append(words, r.Tell.String())
	}
	if r.Flags&tracker.FlagHide != 0 {
		words = append(words, "hide")
	}
	for _, text := range []string{r.Address, r.Note} {
		if text != "" {
			words = append(words, text)
		}
	}
	return strings.Join(words, " ")
}
