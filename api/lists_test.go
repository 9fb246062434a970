package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"aman/api/auth"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// upload is a form with a list, as browsers send it; the boundary differs every time.
func upload(t testing.TB, file []byte, options object) (body string, media header) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "list")
	must(t, err)
	_, err = part.Write(file)
	must(t, err)
	if options != nil {
		text, err := json.Marshal(options)
		must(t, err)
		must(t, w.WriteField("options", string(text)))
	}
	must(t, w.Close())
	return b.String(), header{"Content-Type", w.FormDataContentType()}
}

func listFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("intake", "testdata", "lists", name))
	must(t, err)
	return b
}

func (c caller) preview(file []byte, options object) (p openapi.ListPreview) {
	c.h.t.Helper()
	body, media := upload(c.h.t, file, options)
	c.want(200, "POST", "/api/v1/lists/preview", body, media).into(c.h.t, &p)
	return p
}

func (c caller) takeList(file []byte, options object, hs ...header) (r openapi.ListResult, a answer) {
	c.h.t.Helper()
	body, media := upload(c.h.t, file, options)
	a = c.want(200, "POST", "/api/v1/lists", body, append(hs, media)...)
	a.into(c.h.t, &r)
	return r, a
}

func (c caller) refusedList(status int, file []byte, options object) openapi.Problem {
	c.h.t.Helper()
	body, media := upload(c.h.t, file, options)
	var p openapi.Problem
	c.want(status, "POST", "/api/v1/lists", body, media, key()).into(c.h.t, &p)
	return p
}

// picture is everything that the analyst's list says, without the time it was asked at.
func (c caller) picture() string {
	c.h.t.Helper()
	var l openapi.PersonList
	c.want(200, "GET", "/api/v1/people?limit=1000", nil).into(c.h.t, &l)
	b, err := json.Marshal(l.Items)
	must(c.h.t, err)
	return string(b)
}

// TestListNeverJoinsTwoHumans: an IIN that is held under another name is from the
// next line, or mistyped; the row is refused, in the preview as in taking.
func TestListNeverJoinsTwoHumans(t *testing.T) {
	h := newHarness(t)
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	analyst.file(object{"person": object{"name": "Үсенов Шыңғыс", "iin": "850101300015"}, "wellbeing": "needs_help"})
	file := listFile(t, "kazakh-utf16.csv") // the same number, another name
	before := analyst.picture()
	if p := analyst.preview(file, object{"source": "x"}); p.Totals.Refused != 1 || *p.Totals.Known != 0 || p.Problems.Items[0].Code != "already_held" {
		t.Errorf("preview: %+v %+v", p.Totals, p.Problems)
	}
	if p := analyst.refusedList(422, file, object{"source": "x"}); p.Code != "already_held" {
		t.Errorf("taking: %+v", p)
	}
	if analyst.picture() != before {
		t.Error("it was taken all the same")
	}
}

// TestListIsPreviewedAndTakenOnce: the preview's numbers are what taking does; the
// same file again, under the same key or another, changes nothing.
func TestListIsPreviewedAndTakenOnce(t *testing.T) {
	h := newHarness(t)
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	// One of the list's people is held already, without a phone.
	analyst.file(object{"person": object{"name": "Усенов Шынгыс", "passport": "N12345678"}, "wellbeing": "unknown"})
	for _, c := range []struct {
		file    string
		options object
		want    string // rows new known refused doubled
	}{
		{"embassy-ru.xlsx", object{"as_of": "2026-02-28", "country": "AE", "source": "Посольство"}, "4 3 1 0 0"},
		{"airline-manifest.csv", object{"source": "KC"}, "3 2 1 0 0"},
		{"tour-1251.csv", object{"source": "Tour"}, "4 3 0 0 1"},
	} {
		file := listFile(t, c.file)
		before := analyst.picture()
		p := analyst.preview(file, c.options)
		if analyst.picture() != before {
			t.Errorf("%s: the preview changed something", c.file)
		}
		k := key()
		r, first := analyst.takeList(file, c.options, k)
		if got := fmt.Sprint(r.Totals.Rows, *r.Totals.New, *r.Totals.Known, r.Totals.Refused, r.Totals.Doubled); got != c.want {
			t.Errorf("%s: %s, want %s", c.file, got, c.want)
		}
		if !reflect.DeepEqual(p.Totals, r.Totals) {
			t.Errorf("%s: the preview says %+v, taking did %+v", c.file, p.Totals, r.Totals)
		}
		if p.Taken || !analyst.preview(file, c.options).Taken {
			t.Errorf("%s: the preview doesn't tell whether it was taken", c.file)
		}
		after := analyst.picture()
		for _, again := range []header{k, key()} {
			if _, a := analyst.takeList(file, c.options, again); !bytes.Equal(a.body, first.body) || a.Header.Get("Idempotency-Replayed") != "true" {
				t.Errorf("%s again: %s, first %s", c.file, a.body, first.body)
			}
		}
		if analyst.picture() != after {
			t.Errorf("%s again changed something", c.file)
		}
		// What was answered can be asked again; by nobody else.
		if a := analyst.want(200, "GET", "/api/v1/receipts/"+k.value, nil); !bytes.Equal(a.body, first.body) {
			t.Errorf("%s: the receipt is %s", c.file, a.body)
		}
		h.key(auth.RoleAdmin, tracker.ID{}).want(404, "GET", "/api/v1/receipts/"+k.value, nil)
	}
	// The key stands for its file: with another it is refused.
	k := key()
	analyst.takeList([]byte("name,phone\nA B,+77010000009\n"), nil, k)
	body, media := upload(t, []byte("name,phone\nC D,+77010000000\n"), nil)
	if a := analyst.do("POST", "/api/v1/lists", body, media, k); a.StatusCode != 409 && a.StatusCode != 422 {
		t.Errorf("a key with another list: %d %s", a.StatusCode, a.body)
	}
	// Known people got what their records lacked.
	var found openapi.PersonList
	analyst.want(200, "POST", "/api/v1/people/search", object{"text": "+77012345678"}).into(t, &found)
	if len(found.Items) != 1 || found.Items[0].Name != "Усенов Шынгыс" {
		t.Errorf("found by the list's phone: %+v", found.Items)
	}
}

// TestListIsTakenWholeOrNotAtAll: one bad row refuses all, unless it is skipped by name.
func TestListIsTakenWholeOrNotAtAll(t *testing.T) {
	h := newHarness(t)
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	file := []byte("ФИО;ИИН;Телефон;Страна\nА Б;850101300015;;AE\nВ Г;850101300014;;AE\nД Е;;+77011111111;AE\n")
	p := analyst.preview(file, nil)
	if p.Totals.Refused != 1 || *p.Totals.New != 2 || len(p.Problems.Items) != 1 || p.Problems.Items[0].Row != 3 || p.Problems.Items[0].Code != "wrong_checksum" {
		t.Errorf("preview %+v %+v", p.Totals, p.Problems)
	}
	bad := analyst.refusedList(422, file, nil)
	if bad.Code != "wrong_checksum" || bad.Field == nil || *bad.Field != "rows[3].iin" {
		t.Errorf("refused with %+v", bad)
	}
	var l openapi.PersonList
	analyst.want(200, "GET", "/api/v1/people", nil).into(t, &l)
	if l.Total.Records != 0 {
		t.Fatalf("a refused list left %d records", l.Total.Records)
	}
	r, _ := analyst.takeList(file, object{"skip_bad": true}, key())
	if fmt.Sprint(r.Skipped) != "[3]" || *r.Totals.New != 2 || r.Totals.Refused != 1 {
		t.Errorf("took %+v", r)
	}
	// A passport that is held by somebody of another birth date is only found by the core.
	analyst.takeList([]byte("name,dob,passport\nSomebody,1980-01-01,N7654321\n"), nil, key())
	clash := []byte("name,dob,passport,phone\nOther,1990-01-01,N7654321,+77012222222\nThird,1991-01-01,N7654322,+77013333333\n")
	if p := analyst.preview(clash, nil); p.Totals.Refused != 1 || *p.Totals.New != 1 {
		t.Errorf("preview of a clash: %+v %+v", p.Totals, p.Problems)
	}
	if bad := analyst.refusedList(422, clash, nil); bad.Code != "already_held" || *bad.Field != "rows[2].passport" {
		t.Errorf("a clash: %+v", bad)
	}
	if r, _ = analyst.takeList(clash, object{"skip_bad": true}, key()); fmt.Sprint(r.Skipped) != "[2]" || r.Totals.Refused != 1 || *r.Totals.New != 1 {
		t.Errorf("a clash, skipped: %+v", r)
	}
}

// TestClosingListClosesByNumberOnly: by IIN, or passport and birth date; a name alone
// is a suggestion; nobody new is made, and nobody out of scope is touched.
func TestClosingListClosesByNumberOnly(t *testing.T) {
	h := newHarness(t)
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	person := func(name, iin, passport, born, country string) string {
		p := object{"name": name}
		for k, v := range map[string]string{"iin": iin, "passport": passport, "birth_date": born} {
			if v != "" {
				p[k] = v
			}
		}
		return analyst.file(object{"person": p, "country": country, "wellbeing": "safe"}).PersonId.String()
	}
	byIIN := person("Үсенов Шыңғыс", "850101300015", "", "", "AE")
	byPassport := person("Петров Иван", "", "N34567890", "1990-05-07", "AE")
	wrongDay := person("Сидоров Пётр", "", "N99999999", "1971-01-01", "AE")
	byName := person("Ким Виктория", "", "", "1990-05-05", "AE")
	inDoha := person("Тлеуова Дана", "040315600019", "", "", "QA")
	file := []byte(`ИИН;ФИО;Дата рождения;Номер документа;Дата выезда
850101300015;ҮСЕНОВ ШЫҢҒЫС;;;28.02.2026 14:30
;ПЕТРОВ ИВАН;07.05.1990;N34567890;28.02.2026
;НИКТО;01.01.1970;N99999999;28.02.2026
;KIM VIKTORIYA;05.05.1990;;28.02.2026
040315600019;ТЛЕУОВА ДАНА;;;28.02.2026
`)
	intention := func(id string) string {
		var card openapi.PersonCard
		analyst.want(200, "GET", "/api/v1/people/"+id, nil).into(t, &card)
		return string(card.Row.Intention)
	}
	options := object{"kind": "close", "source": "Border service"}
	embassy := h.key(auth.RoleEmbassy, h.abuDhabi)
	p := embassy.preview(file, options)
	if *p.Totals.Closed != 2 || *p.Totals.NotFound != 3 || p.Totals.New != nil {
		t.Errorf("the embassy's preview: %+v", p.Totals)
	}
	r, _ := embassy.takeList(file, options, key())
	if !reflect.DeepEqual(r.Totals, p.Totals) || fmt.Sprint(r.NotFound) != "[4 5 6]" {
		t.Errorf("the embassy's list: %+v", r)
	}
	suggested := false
	for _, s := range r.Suggestions {
		for _, x := range s.People {
			suggested = suggested || s.Row == 5 && x.PersonId.String() == byName
			if x.PersonId.String() == inDoha {
				t.Error("somebody out of scope is suggested")
			}
		}
	}
	if !suggested {
		t.Errorf("nobody is suggested for the name: %+v", r.Suggestions)
	}
	for id, want := range map[string]string{byIIN: "left", byPassport: "left", wrongDay: "unknown", byName: "unknown", inDoha: "unknown"} {
		if got := intention(id); got != want && !(want == "unknown" && got == "") {
			t.Errorf("intention %q, want %q", got, want)
		}
	}
	var all openapi.PersonList
	analyst.want(200, "GET", "/api/v1/people", nil).into(t, &all)
	if all.Total.Records != 5 {
		t.Errorf("%d records after a closing list, want 5", all.Total.Records)
	}
	var card openapi.PersonCard
	analyst.want(200, "GET", "/api/v1/people/"+byIIN, nil).into(t, &card)
	// The report of registration is newer; the closing one stands by its own time.
	if !slices.ContainsFunc(card.Reports, func(x openapi.Report) bool {
		return x.EffectiveAt.Format("2006-01-02 15:04") == "2026-02-28 14:30" && x.Reason != nil && strings.Contains(*x.Reason, "Border service")
	}) {
		t.Errorf("no report by the border service: %+v", card.Reports)
	}

	// A partner closes across missions, and isn't told whom.
	partner := h.key(auth.RolePartner, tracker.ID{})
	pr, a := partner.takeList(file, options, key())
	if pr.Totals.Closed != nil || pr.Totals.NotFound != nil || len(pr.NotFound)+len(pr.Suggestions) > 0 || pr.Receipts != nil || pr.Totals.Rows != 5 {
		t.Errorf("the partner is told %s", a.body)
	}
	if got := intention(inDoha); got != "left" {
		t.Errorf("the partner's list left intention %q", got)
	}
}

// TestPartnerLearnsNothingFromLists: the same answers whether somebody is held or not.
func TestPartnerLearnsNothingFromLists(t *testing.T) {
	answers := make([]string, 2)
	for i, held := range []bool{false, true} {
		h := newHarness(t)
		if held {
			h.key(auth.RoleAnalyst, tracker.ID{}).file(object{"person": object{"name": "Held", "iin": "850101300015"}, "country": "QA", "wellbeing": "safe"})
		}
		partner := h.key(auth.RolePartner, tracker.ID{})
		file := []byte("name,iin,airport,status\nSomebody Else,850101300015,DXB,safe\nAnother,,DXB,safe\n")
		p, err := json.Marshal(partner.preview(file, object{"source": "Hotel"}))
		must(t, err)
		r, _ := partner.takeList(file, object{"source": "Hotel"}, key())
		if r.Receipts == nil || len(*r.Receipts) != 2 {
			t.Fatalf("receipts %+v", r.Receipts)
		}
		for k := range *r.Receipts {
			x := &(*r.Receipts)[k]
			if x.ReportId == nil || x.Code == "" {
				t.Errorf("receipt %+v", x)
			}
			x.ReportId, x.Code, x.ReceivedAt = nil, "", time.Time{}
		}
		b, err := json.Marshal(r)
		must(t, err)
		answers[i] = string(p) + "\n" + string(b)
	}
	if answers[0] != answers[1] {
		t.Errorf("a partner can tell:\n%s\n%s", answers[0], answers[1])
	}
}

// TestUploadsThatAreNone: a clear 4xx for whatever isn't a list.
func TestUploadsThatAreNone(t *testing.T) {
	h := newHarness(t)
	c := h.key(auth.RoleAnalyst, tracker.ID{})
	for name, x := range map[string]struct {
		file    string
		options object
		status  int
		code    string
	}{
		"empty":           {"", nil, 422, "empty_body"},
		"a picture":       {"\x89PNG\r\n\x1a\n\x00\x00", nil, 422, "not_a_list"},
		"old Excel":       {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 rest", nil, 422, "old_format"},
		"a broken zip":    {"PK\x03\x04 and no more", nil, 422, "broken_file"},
		"headings alone":  {"name,phone\n", nil, 422, "nothing_to_take"},
		"no headings":     {"1,2\n3,4\n", nil, 422, "nobody"},
		"unknown option":  {"name\nA\n", object{"kinds": "open"}, 422, "unknown_member"},
		"unknown field":   {"name\nA\n", object{"columns": object{"name": "surename"}}, 422, "not_one_of"},
		"no such sheet":   {"name\nA\n", object{"sheet": "List 2"}, 422, "unknown_sheet"},
		"no such country": {"name\nA\n", object{"country": "XX"}, 422, "unknown_country"},
		"no such mapping": {"name\nA\n", object{"mapping": tracker.NewID().String()}, 422, "unknown_mapping"},
		"too large":       {strings.Repeat("name\n", 8<<20/5+1), nil, 413, "body_too_large"},
	} {
		if p := c.refusedList(x.status, []byte(x.file), x.options); p.Code != x.code {
			t.Errorf("%s: %+v, want %s", name, p, x.code)
		}
	}
	for name, body := range map[string]string{
		"nothing":       "",
		"no end":        "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nname",
		"another part":  "--x\r\nContent-Disposition: form-data; name=\"files\"\r\n\r\nname\r\n--x--\r\n",
		"the same part": "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nname\r\n--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nname\r\n--x--\r\n",
	} {
		if a := c.do("POST", "/api/v1/lists/preview", body, header{"Content-Type", "multipart/form-data; boundary=x"}); a.StatusCode != 400 && a.StatusCode != 422 {
			t.Errorf("a form with %s: %d %s", name, a.StatusCode, a.body)
		}
	}
	if a := c.do("POST", "/api/v1/lists/preview", "x", header{"Content-Type", "multipart/form-data"}); a.StatusCode != 400 {
		t.Errorf("a form without a boundary: %d %s", a.StatusCode, a.body)
	}
}

// TestMappings: saved, used by id, shared within a mission, forgotten.
func TestMappings(t *testing.T) {
	h := newHarness(t)
	c := h.key(auth.RoleEmbassy, h.abuDhabi)
	var m openapi.ListMapping
	c.want(201, "POST", "/api/v1/mappings", object{"name": "Hotel", "options": object{
		"columns": object{"Gast": "name", "Zimmer": "", "Angekommen": "arrival"}, "date_order": "mdy", "country": "AE", "source": "Hotel X",
	}}).into(t, &m)
	file := []byte("Gast,Zimmer,Angekommen\nA B,12,02/13/2026\n")
	p := c.preview(file, object{"mapping": m.Id.String()})
	if p.Totals.Refused != 0 || p.Columns[0].Field == nil || *p.Columns[0].Field != "name" || p.Columns[1].Field != nil || p.Sample[0].Person.Country == nil || *p.Sample[0].Person.Country != "AE" {
		t.Errorf("with the mapping: %+v", p)
	}
	for who, want := range map[*caller]int{
		ptr(h.key(auth.RoleEmbassy, h.abuDhabi)): 1, ptr(h.key(auth.RoleEmbassy, h.doha)): 0,
		ptr(h.key(auth.RolePartner, tracker.ID{})): 0, ptr(h.key(auth.RoleAnalyst, tracker.ID{})): 1,
	} {
		var l struct{ Items []openapi.ListMapping }
		who.want(200, "GET", "/api/v1/mappings", nil).into(t, &l)
		if len(l.Items) != want {
			t.Errorf("%d mappings, want %d", len(l.Items), want)
		}
	}
	h.key(auth.RoleEmbassy, h.doha).want(404, "DELETE", "/api/v1/mappings/"+m.Id.String(), nil)
	h.key(auth.RoleEmbassy, h.abuDhabi).want(403, "DELETE", "/api/v1/mappings/"+m.Id.String(), nil)
	c.want(422, "POST", "/api/v1/mappings", object{"name": "x", "options": object{"columns": object{"a": "b"}}})
	c.want(204, "DELETE", "/api/v1/mappings/"+m.Id.String(), nil)
	c.want(404, "DELETE", "/api/v1/mappings/"+m.Id.String(), nil)
}

// lists calls every operation about lists once, for the contract's test.
func lists(c caller) {
	c.h.t.Helper()
	file, k := []byte("name,phone\nA B,+77010000001\n"), key()
	c.preview(file, nil)
	c.takeList(file, nil, k)
	c.want(200, "GET", "/api/v1/receipts/"+k.value, nil)
	var m openapi.ListMapping
	c.want(201, "POST", "/api/v1/mappings", object{"name": "m", "options": object{}}).into(c.h.t, &m)
	c.want(200, "GET", "/api/v1/mappings", nil)
	c.want(204, "DELETE", "/api/v1/mappings/"+m.Id.String(), nil)
}

func ptr[T any](x T) *T { return &x }
