package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aman/api"
	"aman/api/auth"
	"aman/api/intake"
	"aman/geo/tracker"
)

// record is a person's latest version.
func (h *harness) record(id tracker.ID) tracker.Person {
	h.t.Helper()
	p, err := h.db.PersonVersion(h.t.Context(), id)
	must(h.t, err)
	return p
}

// others are the people of the picture but these.
func (h *harness) others(known ...tracker.ID) []tracker.ID {
	h.t.Helper()
	var ids []tracker.ID
	for _, row := range h.people() {
		if !slices.Contains(known, row.ID) {
			ids = append(ids, row.ID)
		}
	}
	return ids
}

func TestLinkReportSaysMore(t *testing.T) {
	h := citizenHarness(t, "1")
	person := h.somebody()
	l, secret := h.link(auth.Link{Person: person})
	a, _ := h.send(l, object{
		"id": tracker.NewID().String(), "secret": secret, "needs": []string{"medicine", "evacuation"}, "medicine_days": 3, "tell_names": "мать, Айгүл",
		"lon": 55.3, "lat": 25.2, "pin_m": 4200,
	})
	if a.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	r := h.reports(person)[0]
	if r.Needs != tracker.NeedMedicine|tracker.NeedEvacuation || !r.HasNeeds || r.MedicineDays == nil || *r.MedicineDays != 3 ||
		r.Tell != tracker.TellNamed || r.TellNames != "мать, Айгүл" {
		t.Errorf("%+v", r)
	}
	// Oracle: a pin has at least 1 km; one from a coarse map more.
	if p := r.Position; p == nil || p.Method != tracker.Pin || p.RadiusM != 4200 || p.Point[0] != 55.3 {
		t.Errorf("%+v", p)
	}
	// A form ticks each need by itself.
	f := h.form(l, url.Values{"needs": {"shelter", "money"}, "medicine_days": {""}, "tell": {"family"}, "status": {"help"}})
	if f.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d %s", f.StatusCode, f.body)
	}
	if r := h.reports(person)[0]; r.Needs != tracker.NeedShelter|tracker.NeedMoney || r.Tell != tracker.TellFamily || r.MedicineDays != nil {
		t.Errorf("%+v", r)
	}
	// What is wrong is marked, and what was ticked stays ticked.
	page := string(h.form(l, url.Values{"needs": {"money"}, "medicine_days": {"400"}, "tell": {"named"}, "child": {"Әлихан"}}).body)
	for _, want := range []string{`id="e-medicine_days"`, `<details id="more" open>`, `value="money" checked`, `value="named" selected`, `value="Әлихан"`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	for name, body := range map[string]string{
		"a need that staff set": `{"needs":["minor"]}`, "an unknown need": `{"needs":["food"]}`, "needs as text": `{"needs":"money"}`, "half a day": `{"medicine_days":0.5}`,
		"days": `{"medicine_days":-1}`, "tell": `{"tell":"police"}`, "pin": `{"status":"safe","pin_m":-5}`, "child alone": `{"child":"A"}`,
	} {
		if a := h.visit("POST", "/s/"+l.Code, "application/json", body); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
}

func TestGuardianAnswersForChild(t *testing.T) {
	h := citizenHarness(t, "1")
	mother := h.somebody()
	l, secret := h.link(auth.Link{Person: mother, Country: "AE"})
	child := func(name, status string) receipt {
		a, r := h.send(l, object{"id": tracker.NewID().String(), "secret": secret, "status": status, "child": name, "phone": "87012345678"})
		if a.StatusCode != http.StatusOK {
			t.Fatalf("%d %s", a.StatusCode, a.body)
		}
		return r
	}
	child("Әлихан  Серікұлы", "safe")
	child("ӘЛИХАН СЕРІКҰЛЫ", "help") // the same one, however it is typed
	child("Айша", "safe")
	got := h.others(mother)
	if len(got) != 2 {
		t.Fatalf("%d children", len(got))
	}
	for _, id := range got {
		p := h.record(id)
		if p.Guardian != mother || p.Needs != tracker.IsMinor || len(p.Details.Phones) != 0 || p.Persons != 1 {
			t.Errorf("%+v", p)
		}
		if want := map[string]int{"Әлихан Серікұлы": 2, "Айша": 1}[p.Details.Name]; len(h.reports(id)) != want {
			t.Errorf("%s: %d reports, not %d", p.Details.Name, len(h.reports(id)), want)
		}
	}
	if len(h.reports(mother)) != 1 {
		t.Error("a child's report is about the mother")
	}
	// Another family's child of that name is another child.
	father := h.somebody()
	other, s2 := h.link(auth.Link{Person: father})
	h.send(other, object{"id": tracker.NewID().String(), "secret": s2, "status": "safe", "child": "Айша"})
	if n := len(h.others(mother, father)); n != 3 {
		t.Errorf("%d children", n)
	}
	// A guest who answers for a child is registered too, once, with the number.
	hall, _ := h.link(auth.Link{Airport: "DXB"})
	guest := strings.Repeat("g", 60)
	before := h.others()
	for range 2 {
		h.send(hall, object{"id": tracker.NewID().String(), "secret": guest, "status": "safe", "child": "Дана", "phone": "87012345679"})
	}
	h.send(hall, object{"id": tracker.NewID().String(), "secret": guest, "status": "help"})
	added := h.others(before...)
	if len(added) != 2 {
		t.Fatalf("%d people of a guest with a child", len(added))
	}
	a, b := h.record(added[0]), h.record(added[1])
	if a.Details.Name != "" {
		a, b = b, a
	}
	if b.Details.Name != "Дана" || b.Guardian != a.ID || !slices.Equal(a.Details.Phones, []string{"+77012345679"}) || len(h.reports(a.ID)) != 1 || len(h.reports(b.ID)) != 2 {
		t.Errorf("guest %+v, child %+v", a, b)
	}
	// The page of a minor's own link asks of the child, and names nobody.
	minor, _ := h.link(auth.Link{Person: b.ID})
	page := string(h.visit("GET", "/s/"+minor.Code+"?l=en", "", "").body)
	if !strings.Contains(page, "How is the child for whom you answer?") || strings.Contains(page, "Дана") {
		t.Error("a minor's page does not ask of the child, or names them")
	}
}

// Many first reports of one phone at once, on children too: one guest, one child.
func TestGuestsAtOnce(t *testing.T) {
	h := citizenHarness(t, "1")
	l, _ := h.link(auth.Link{Airport: "DOH"})
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			r := object{"id": tracker.NewID().String(), "secret": strings.Repeat("z", 60), "status": "safe"}
			if i%2 == 1 {
				r["child"] = "Али"
			}
			if a, _ := h.send(l, r); a.StatusCode != http.StatusOK {
				t.Errorf("%d %s", a.StatusCode, a.body)
			}
		})
	}
	wg.Wait()
	reports := 0
	people := h.people()
	for _, row := range people {
		reports += len(h.reports(row.ID))
	}
	if len(people) != 2 || reports != 12 {
		t.Errorf("%d people, %d reports", len(people), reports)
	}
}

// A guest who was made before guests had threads goes on as the same person, and
// a retry of the report that made them stores nothing.
func TestGuestsFromBefore(t *testing.T) {
	h := citizenHarness(t, "1")
	l, _ := h.link(auth.Link{Airport: "DXB"})
	secret := strings.Repeat("o", 60)
	id := tracker.NewID().String()
	first := object{"id": id, "secret": secret, "status": "safe"}
	guest, key, hash := oldGuest(t, l, first)
	sub := tracker.Submission{
		Actor: tracker.Actor{Role: "link", Scope: tracker.Scope{All: true}}, Crisis: h.crisis,
		Filings: []tracker.Filing{{
			Person: &tracker.Person{Crisis: h.crisis, Category: tracker.CategoryUnknown, Stay: tracker.StayUnknown, Persons: 1},
			Report: tracker.Report{Channel: tracker.ChannelLink, Source: l.ID, Wellbeing: tracker.Safe},
		}},
		Idempotency: &tracker.Idempotency{Source: "link " + l.ID.String(), Key: "guest-" + guest, BodyHash: [32]byte{1}},
		Encode: func(rs []tracker.Receipt, _ []error) []byte {
			b, err := json.Marshal(object{"received_at": rs[0].ReceivedAt, "code": rs[0].Code, "person": rs[0].Person, "key": key, "hash": hash})
			must(t, err)
			return b
		},
	}
	_, err := h.tracker.Submit(t.Context(), sub)
	must(t, err)
	people := h.people()
	if len(people) != 1 {
		t.Fatalf("%d people", len(people))
	}
	if a, _ := h.send(l, first); a.StatusCode != http.StatusOK || len(h.reports(people[0].ID)) != 1 {
		t.Errorf("the retry: %d, %d reports", a.StatusCode, len(h.reports(people[0].ID)))
	}
	for range 2 {
		h.send(l, object{"id": tracker.NewID().String(), "secret": secret, "status": "help"})
	}
	if n := len(h.people()); n != 1 || len(h.reports(people[0].ID)) != 3 {
		t.Errorf("%d people, %d reports", n, len(h.reports(people[0].ID)))
	}
}

func TestReceiptIsRead(t *testing.T) {
	h := citizenHarness(t, "1")
	person := h.somebody()
	l, secret := h.link(auth.Link{Person: person, Country: "AE"})
	a, _ := h.send(l, object{"id": tracker.NewID().String(), "secret": secret, "status": "safe"})
	var rec struct{ Receipt string }
	a.into(t, &rec)
	ask := func(link auth.Link, sealed string) (answer, *time.Time) {
		body, err := json.Marshal(object{"receipt": sealed})
		must(t, err)
		a := h.visit("POST", "/s/"+link.Code+"/read", "application/json", string(body))
		var got struct {
			ReadAt *time.Time `json:"read_at"`
			Code   string
		}
		if a.StatusCode == http.StatusOK {
			a.into(t, &got)
		}
		return a, got.ReadAt
	}
	if a, at := ask(l, rec.Receipt); a.StatusCode != http.StatusOK || at != nil {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	seen := regexp.MustCompile(`Посольство прочитало в \d\d:\d\d`)
	form := h.form(l, url.Values{"status": {"safe"}, "id": {tracker.NewID().String()}})
	where := form.Header.Get("Location")
	if page := string(h.visit("GET", where, "", "").body); !strings.Contains(page, "Получено") || seen.MatchString(page) {
		t.Error("the receipt of a form")
	}
	h.people()
	// The embassy opens the card.
	h.key(auth.RoleEmbassy, h.abuDhabi).do("GET", "/api/v1/people/"+person.String(), nil)
	h.key(auth.RoleAnalyst, tracker.ID{}).want(200, "GET", "/api/v1/people/"+person.String(), nil)
	if a, at := ask(l, rec.Receipt); at == nil || time.Since(*at) > time.Minute {
		t.Errorf("not read: %d %s", a.StatusCode, a.body)
	}
	if page := string(h.visit("GET", where, "", "").body); !seen.MatchString(page) {
		t.Error("the receipt of a form isn't read")
	}
	// A receipt can't be made up, and says nothing at another link.
	other, _ := h.link(auth.Link{Person: h.somebody()})
	for _, c := range []struct {
		l    auth.Link
		text string
		want int
	}{{other, rec.Receipt, 404}, {l, "x", 404}, {l, "", 404}, {l, strings.Repeat("A", 401), 422}} {
		if a, _ := ask(c.l, c.text); a.StatusCode != c.want {
			t.Errorf("%.10q: %d", c.text, a.StatusCode)
		}
	}
	for body, want := range map[string]int{`{}`: 422, `{"receipt":1}`: 422, `{"receipt":"a","x":1}`: 422, `[`: 422, ``: 400} {
		if a := h.visit("POST", "/s/"+l.Code+"/read", "application/json", body); a.StatusCode/100 != 4 {
			t.Errorf("%s: %d, not like %d", body, a.StatusCode, want)
		}
	}
	if a := h.visit("POST", "/s/"+l.Code+"/read", formMedia, "receipt="+rec.Receipt); a.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("as a form: %d", a.StatusCode)
	}
}

// rung are all call-backs, oldest first.
func (h *harness) rung() []tracker.Callback {
	h.t.Helper()
	return h.queued(true)
}

func TestHideAndAsk(t *testing.T) {
	h := citizenHarness(t, "1")
	person := h.somebody()
	l, secret := h.link(auth.Link{Person: person, Mission: h.doha})
	h.send(l, object{"id": tracker.NewID().String(), "secret": secret, "lon": 54.4, "lat": 23.8, "accuracy_m": 20})
	placed := func() bool {
		for _, row := range h.people() {
			if row.ID == person {
				return row.Position != nil
			}
		}
		return false
	}
	if !placed() {
		t.Fatal("no place to hide")
	}
	data := func(l auth.Link, v url.Values) answer {
		return h.visit("POST", "/s/"+l.Code+"/data", formMedia, v.Encode(), fromPage...)
	}
	// By the code alone, or somebody else's secret, nothing is hidden.
	_, wrong := h.link(auth.Link{Person: h.somebody()})
	for _, s := range []string{"", wrong, "x"} {
		if a := data(l, url.Values{"do": {"hide"}, "secret": {s}}); a.StatusCode != http.StatusForbidden || !placed() {
			t.Errorf("with %q: %d, placed %v", s, a.StatusCode, placed())
		}
	}
	// The page offers it, once asked with the secret, and asks for confirmation.
	a := data(l, url.Values{"secret": {secret}, "note": {"typed before"}, "status": {""}, "place": {"", ""}})
	if page := string(a.body); a.StatusCode != 200 || !strings.Contains(page, `value="hide"`) || !strings.Contains(page, "<details>") || !placed() {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if page := string(h.visit("GET", "/s/"+l.Code+"/data", "", "").body); strings.Contains(page, `value="hide"`) {
		t.Error("whoever has the code alone is offered to hide")
	}
	checkPolicy(t, a.Header.Get("Content-Security-Policy"), a.body)
	if a := data(l, url.Values{"do": {"hide"}, "secret": {secret}}); a.StatusCode != 200 || placed() {
		t.Errorf("%d, placed %v", a.StatusCode, placed())
	}
	if r := h.reports(person)[0]; r.Flags&tracker.FlagHide == 0 || r.Flags&tracker.FlagLowTrust != 0 {
		t.Errorf("flags %v", r.Flags.Words())
	}

	// Correct and erase do nothing by themselves: somebody is rung.
	reports := len(h.reports(person))
	id := tracker.NewID().String()
	for range 2 { // sent twice, stored once
		a := data(l, url.Values{"do": {"erase"}, "secret": {secret}, "phone": {"8 701 234 56 78"}, "note": {"өшіріңіз"}, "id": {id}, "lang": {"kk"}})
		if a.StatusCode != 200 || !strings.Contains(string(a.body), "қоңырау шаламыз") {
			t.Fatalf("%d %s", a.StatusCode, a.body)
		}
	}
	data(l, url.Values{"do": {"see"}, "phone": {"87012345678"}}) // the code alone may ask
	cs := h.rung()
	if len(cs) != 2 || cs[0].Kind != tracker.CallbackErase || cs[0].Phone != "+77012345678" || cs[0].Text != "[kk] өшіріңіз" || cs[0].Person != person ||
		cs[0].Link != l.ID || cs[0].State != tracker.CallbackOpen || cs[0].Mission != h.record(person).Mission && cs[0].Mission != h.doha && cs[0].Mission != h.abuDhabi {
		t.Errorf("%+v", cs)
	}
	if len(h.reports(person)) != reports {
		t.Error("a wish to be rung is a report")
	}
	for _, v := range []url.Values{{"do": {"erase"}}, {"do": {"erase"}, "phone": {"ring me"}}, {"do": {"everything"}, "phone": {"87012345678"}}, {"do": {"see"}, "phone": {"87012345678"}, "note": {strings.Repeat("x", 501)}}} {
		if a := data(l, v); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), "<form") {
			t.Errorf("%v: %d", v, a.StatusCode)
		}
	}

	// A guest has a token of their own.
	hall, _ := h.link(auth.Link{Airport: "DXB"})
	guest := strings.Repeat("h", 60)
	if a := data(hall, url.Values{"do": {"hide"}, "secret": {guest}}); a.StatusCode != http.StatusForbidden {
		t.Errorf("nobody is hidden: %d", a.StatusCode)
	}
	before := h.others()
	h.send(hall, object{"id": tracker.NewID().String(), "secret": guest, "status": "safe"})
	made := h.others(before...)
	if a := data(hall, url.Values{"do": {"hide"}, "secret": {guest}}); a.StatusCode != 200 || len(made) != 1 {
		t.Fatalf("%d, %d guests", a.StatusCode, len(made))
	}
	for _, row := range h.people() {
		if row.ID == made[0] && row.Position != nil {
			t.Error("a guest's place is not hidden")
		}
	}
	if a := data(hall, url.Values{"do": {"correct"}, "secret": {guest}, "phone": {"87012345678"}}); a.StatusCode != 200 {
		t.Errorf("%d", a.StatusCode)
	}
	if cs := h.rung(); len(cs) != 3 || cs[2].Person != made[0] || cs[2].Kind != tracker.CallbackCorrect {
		t.Errorf("%+v", cs)
	}
}

func TestClosedLinkTakesHelp(t *testing.T) {
	now := time.Now()
	h := citizenHarness(t, "1")
	person := h.somebody()
	expired, _ := h.link(auth.Link{Person: person, Mission: h.doha, ExpiresAt: now.Add(-time.Second)})
	revoked, _ := h.link(auth.Link{Person: person, Country: "AE"})
	poster, _ := h.link(auth.Link{Airport: "DXB", Mission: h.abuDhabi, ExpiresAt: now.Add(-time.Second)})
	must(t, h.db.RevokeLink(t.Context(), revoked.ID, now, tracker.Audit{Role: "system", Action: "link.revoke"}))
	reports := len(h.reports(person))
	for i, l := range []auth.Link{expired, revoked, poster} {
		v := url.Values{"status": {"help"}, "phone": {"87012345678"}, "note": {"аэропорт"}, "id": {tracker.NewID().String()}, "lang": {"ru"}}
		for range 2 {
			a := h.form(l, v)
			if a.StatusCode != http.StatusSeeOther {
				t.Fatalf("%d: %d %s", i, a.StatusCode, a.body)
			}
			if page := string(h.visit("GET", a.Header.Get("Location"), "", "").body); !strings.Contains(page, `class="received"`) || !strings.Contains(page, "<form") {
				t.Errorf("%d: no receipt: %s", i, page)
			}
		}
		cs := h.rung()
		if len(cs) != i+1 {
			t.Fatalf("%d: %d call-backs", i, len(cs))
		}
		c := cs[i]
		if c.Kind != tracker.CallbackHelp || c.Phone != "+77012345678" || c.Text != "[ru] аэропорт" || c.Link != l.ID || c.Person != l.Person {
			t.Errorf("%d: %+v", i, c)
		}
		// A program's queued report that says the same is taken too.
		body := fmt.Sprintf(`{"id":%q,"status":"help","phone":"87012345678","note":"аэропорт","lang":"ru"}`, v.Get("id"))
		if a := h.visit("POST", "/s/"+l.Code, "application/json", body); a.StatusCode != http.StatusOK {
			t.Errorf("%d: %d %s", i, a.StatusCode, a.body)
		}
		if n := len(h.rung()); n != i+1 {
			t.Errorf("%d: %d call-backs of a retry", i, n)
		}
		// Nothing else is taken, and a number is needed.
		for body, want := range map[string]int{"status=safe&phone=87012345678": 410, "phone=87012345678&note=x": 410, "status=help": 422, "status=help&phone=x": 422} {
			if body == "status=help" && i == 0 {
				continue // whose link it is is known: they may be rung without
			}
			a := h.visit("POST", "/s/"+l.Code, formMedia, body)
			if page := string(a.body); a.StatusCode != want || strings.Contains(page, `value="safe"`) || (want == 422) != strings.Contains(page, `id="e-phone"`) {
				t.Errorf("%d %s: %d", i, body, a.StatusCode)
			}
		}
	}
	// By the personal link that expired it is a report of low trust besides.
	rs := h.reports(person)
	if len(rs) != reports+1 || rs[0].Wellbeing != tracker.NeedsHelp || rs[0].Flags&tracker.FlagLowTrust == 0 {
		t.Errorf("%d reports: %+v", len(rs), rs[0])
	}
	if n := len(h.people()); n != 1 {
		t.Errorf("%d people", n)
	}
	var refused bool
	for range 100 {
		a := h.visit("POST", "/s/"+expired.Code, formMedia, "status=help&phone=87012345678")
		if refused = a.StatusCode == http.StatusTooManyRequests; refused {
			break
		}
	}
	if !refused {
		t.Error("a closed link may fill the queue")
	}
}

func TestHotlinesOfPage(t *testing.T) {
	h := citizenHarness(t, "1", func(o *api.Options) { o.SMSNumber = "+7 701 000 00 01" })
	l, _ := h.link(auth.Link{Country: "AE"})
	page := func() string { return string(h.visit("GET", "/s/"+l.Code+"?l=en", "", "").body) }
	// Oracle: the public numbers of the mission, or else its duty phone; then the ministry's.
	if p := page(); !strings.Contains(p, "&#43;97100000001") || strings.Contains(p, "&#43;97400000002") {
		t.Error("the duty phone of the mission alone is shown")
	}
	au := tracker.Audit{Role: "system", Action: "test"}
	must(t, h.db.SetHotlines(t.Context(), h.abuDhabi, []tracker.Hotline{
		{ID: tracker.NewID(), Mission: h.abuDhabi, Phone: "+97100000009", Public: true, Names: tracker.Names{EN: "Consular section"}},
		{ID: tracker.NewID(), Mission: h.abuDhabi, Phone: "+97100000008", Names: tracker.Names{EN: "Staff only"}, Order: 1},
	}, au))
	must(t, h.db.SetHotlines(t.Context(), tracker.ID{}, []tracker.Hotline{{ID: tracker.NewID(), Phone: "+77172000000", Public: true, Names: tracker.Names{EN: "Ministry"}}}, au))
	p := page()
	for number, want := range map[string]bool{"97100000009": true, "97100000008": false, "97100000001": false, "77172000000": true, "97400000002": false} {
		if strings.Contains(p, number) != want {
			t.Errorf("%s is shown: %v", number, !want)
		}
	}
	if strings.Index(p, "97100000009") > strings.Index(p, "77172000000") {
		t.Error("the ministry comes before the mission")
	}
	if !strings.Contains(p, "sms:&#43;77010000001?body=KZ%20"+l.Code) && !strings.Contains(p, "sms:+77010000001?body=KZ%20"+l.Code) {
		t.Error("no line for SMS")
	}
}

// oldGuest is under what the first report of a guest was kept.
func oldGuest(t *testing.T, l auth.Link, report object) (guest, key, hash string) {
	t.Helper()
	body, err := json.Marshal(report)
	must(t, err)
	r, _, err := intake.DecodeLink("application/json", body)
	must(t, err)
	guest, _ = r.Guest(l)
	return guest, r.ID.String(), fmt.Sprintf("%x", r.Hash())
}
