package intake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"aman/api/auth"
	"aman/geo/tracker"
	"aman/web"
)

func testGateways(t testing.TB) map[string]*SMSGateway {
	t.Helper()
	gs, err := ParseSMSGateways(recorded(t, "sms", "gateways.json"))
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]*SMSGateway{}
	for i := range gs {
		by[gs[i].Name] = &gs[i]
	}
	return by
}

func TestParseSMSGatewaysRefuses(t *testing.T) {
	good := string(recorded(t, "sms", "gateways.json"))
	for _, c := range []struct{ from, to, want string }{
		{`"phone"`, `"Phone 1"`, "name"},
		{`"operator", "format"`, `"phone", "format"`, "twice"},
		{`"kind": "header"`, `"kind": "none"`, "auth.kind"},
		{`a long secret of the phone`, `short`, "auth.secret"},
		{`"X-Gateway-Token"`, `"X Gateway"`, "auth.header"},
		{`"user": "operator", `, ``, "auth.user"},
		{`"format": "form"`, `"format": "xml"`, "format"},
		{`"text": "payload.message"`, `"to": "x"`, "fields"},
		{`"unix_ms"`, `"yesterday"`, "time"},
		{`"text/xml"`, `"image/png"`, "reply.type"},
		{`<Message>{text}`, `<Message>`, "reply.body"},
		{`"list": "results"`, `"listing": "results"`, "unknown field"},
		{`"name": "bulk"`, `"name": 5`, "name"},
	} {
		text := strings.Replace(good, c.from, c.to, 1)
		if _, err := ParseSMSGateways([]byte(text)); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "a long secret") {
			t.Errorf("%s for %s: %v", c.to, c.from, err)
		}
	}
	for _, text := range []string{"", "{}", "[", good + "[]", `["a long secret of somebody"]`} {
		if _, err := ParseSMSGateways([]byte(text)); err == nil || strings.Contains(err.Error(), "a long secret") {
			t.Errorf("%.30q: %v", text, err)
		}
	}
}

func TestSMSGatewaysVerify(t *testing.T) {
	gs := testGateways(t)
	body := []byte(`{"results":[]}`)
	mac := hmac.New(sha256.New, []byte(gs["bulk"].Auth.Secret))
	mac.Write(body)
	sum := mac.Sum(nil)
	basic := func(user, secret string) http.Header {
		req := http.Request{Header: http.Header{}}
		req.SetBasicAuth(user, secret)
		return req.Header
	}
	h := func(name, value string) http.Header { return http.Header{name: {value}} }
	for _, c := range []struct {
		gateway string
		h       http.Header
		want    bool
	}{
		{"phone", h("X-Gateway-Token", "a long secret of the phone"), true},
		{"phone", h("X-Gateway-Token", "a long secret of the phonf"), false},
		{"phone", h("X-Gateway-Token", ""), false},
		{"phone", http.Header{}, false},
		{"operator", basic("operator", "a long secret of the operator"), true},
		{"operator", basic("operator", "wrong"), false},
		{"operator", basic("Operator", "a long secret of the operator"), false},
		{"operator", http.Header{}, false},
		{"bulk", h("X-Signature", hex.EncodeToString(sum)), true},
		{"bulk", h("X-Signature", "sha256="+hex.EncodeToString(sum)), true},
		{"bulk", h("X-Signature", base64.StdEncoding.EncodeToString(sum)), true},
		{"bulk", h("X-Signature", hex.EncodeToString(sum[:16])), false},
		{"bulk", h("X-Signature", strings.Repeat("0", 64)), false},
		{"bulk", h("X-Signature", ""), false},
		{"bulk", http.Header{}, false},
	} {
		if got := gs[c.gateway].Verify(c.h, body); got != c.want {
			t.Errorf("%s %v: %v", c.gateway, c.h, got)
		}
	}
	if gs["bulk"].Verify(h("X-Signature", hex.EncodeToString(sum)), append(body, ' ')) {
		t.Error("another body passes with the same signature")
	}
}

func TestDecodeSMSRecorded(t *testing.T) {
	gs := testGateways(t)
	for _, c := range []struct{ gateway, media, file string }{
		{"phone", "application/json", "phone.json"},
		{"operator", "application/x-www-form-urlencoded; charset=UTF-8", "operator.form"},
	} {
		ins, err := gs[c.gateway].Decode(c.media, recorded(t, "sms", c.file))
		if err != nil || len(ins) != 1 {
			t.Errorf("%s: %d %v", c.file, len(ins), err)
			continue
		}
		in := ins[0]
		if in.Thread != "+77012345678" || in.Phone != in.Thread || !in.FixedAt.Equal(noon) || !in.SentAt.IsZero() || in.Flags != tracker.FlagLowTrust || len(in.ID) != 32 {
			t.Errorf("%s: %+v", c.file, in)
		}
	}
	ins, err := gs["bulk"].Decode("application/json", recorded(t, "sms", "bulk.json"))
	if err != nil || len(ins) != 2 || ins[0].Thread != "+77012345678" || ins[1].Thread != "" || ins[1].Handle != "sms:MyBank" {
		t.Fatalf("bulk: %+v %v", ins, err)
	}
	// Without an id of the provider's: the same words in the same minute are the same.
	again, err := gs["bulk"].Decode("application/json", []byte(strings.Replace(string(recorded(t, "sms", "bulk.json")), "12:00:00.000", "12:00:31.000", 1)))
	if err != nil || again[0].ID != ins[0].ID || again[1].ID == again[0].ID || ins[0].ID == "" {
		t.Errorf("keys %q %q, %v", again[0].ID, ins[0].ID, err)
	}
	later, err := gs["bulk"].Decode("application/json", []byte(strings.Replace(string(recorded(t, "sms", "bulk.json")), "12:00:00.000", "12:01:00.000", 1)))
	if err != nil || later[0].ID == ins[0].ID {
		t.Errorf("a minute later: %q, %v", later[0].ID, err)
	}
}

func TestDecodeSMSRefuses(t *testing.T) {
	gs := testGateways(t)
	for _, c := range []struct{ gateway, media, body, want string }{
		{"phone", "application/json", `{"id":"1","payload":{"message":"x"}}`, "payload.sender: is missing"},
		{"phone", "application/json", `{"id":"1","payload":{"sender":" ","message":"x"}}`, "payload.sender: is missing"},
		{"phone", "application/json", `{"id":"1","payload":{"sender":"+77012345678"}}`, "payload.message: is missing"},
		{"phone", "application/json", `{"id":"1","payload":{"sender":"+77012345678","message":{}}}`, "payload.message: is missing"},
		{"phone", "application/json", `{"payload":{"sender":"+77012345678","message":"x","receivedAt":5}}`, "payload.receivedAt"},
		{"phone", "application/json", `{"payload":5}`, "payload.sender"},
		{"phone", "application/json", `[]`, "payload.sender"},
		{"phone", "application/json", `{`, "a member has no name"},
		{"phone", "text/plain", `{}`, "neither"},
		{"phone", "", `{}`, "neither"},
		{"operator", "application/json", `{}`, "neither"},
		{"operator", "application/x-www-form-urlencoded", `From=1`, "Body: is missing"},
		{"operator", "application/x-www-form-urlencoded", `From=%zz`, "can't be read"},
		{"operator", "application/x-www-form-urlencoded", `From=1&Body=x&Date=yesterday`, "Date"},
		{"bulk", "application/json", `{}`, "results: is not an array"},
		{"bulk", "application/json", `{"results":[` + strings.Repeat(`{},`, 100) + `{}]}`, "results: there are more than 100"},
		{"bulk", "application/json", `{"results":[{"from":"1","text":"` + strings.Repeat("a", 5000) + `"}]}`, "text"},
	} {
		if _, err := gs[c.gateway].Decode(c.media, []byte(c.body)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %.60s: %v, want %s", c.gateway, c.body, err, c.want)
		}
	}
}

func TestSMSSenders(t *testing.T) {
	for from, want := range map[string]string{
		"+7 701 234 56 78": "+77012345678", "77012345678": "+77012345678", "87012345678": "+77012345678", "0077012345678": "+77012345678",
		"+971501234567": "+971501234567", "971501234567": "+971501234567", "MyBank": "", "7171": "", "12345": "", "": "", "+": "", "KZ-INFO": "",
	} {
		if got := senderPhone(from); got != want {
			t.Errorf("%q: %q, want %q", from, got, want)
		}
	}
}

func TestSMSForms(t *testing.T) {
	const code = "7H3K9P2QRT"
	for _, c := range []struct {
		text string
		want SMSForm
	}{
		{"KZ 7H3K9P2QRT OK Dubai", SMSForm{true, code, "OK Dubai", "7H3K9P2QRT OK Dubai"}},
		{"kz 7h3k9p2qrt ok", SMSForm{true, code, "ok", "7h3k9p2qrt ok"}},
		{"КЗ 7Н3К9Р2QRТ көмек", SMSForm{true, code, "көмек", "7Н3К9Р2QRТ көмек"}},
		{"ҚЗ: 7H3K9-P2QRT. 2", SMSForm{true, code, "2", "7H3K9-P2QRT. 2"}},
		{"KZ 7H3K9 P2QRT safe", SMSForm{true, code, "safe", "7H3K9 P2QRT safe"}},
		{" KZ  OK   DXB", SMSForm{true, "", "OK   DXB", "OK   DXB"}},
		{"KZ", SMSForm{true, "", "", ""}},
		{"KZ 2", SMSForm{true, "", "2", "2"}},
		{"KZT 5000", SMSForm{false, "", "KZT 5000", "KZT 5000"}},
		{"we are safe", SMSForm{false, "", "we are safe", "we are safe"}},
		{"", SMSForm{}},
	} {
		if got := ReadSMSForm(c.text); got != c.want {
			t.Errorf("%q: %+v, want %+v", c.text, got, c.want)
		}
	}
}

// A code that leads nowhere never costs what was said beside it.
func TestSMSWithoutItsLink(t *testing.T) {
	for text, want := range map[string]string{
		"KZ 7H3K9P2QRT HELP Dubai": "HELP Dubai", "КЗ 7Н3К9 Р2QRТ көмек": "көмек", "KZ 7H3K9P2QRT 2": "2", "KZ 7H3K9P2QRT DXB 2": "DXB 2", "KZ 7H3K9P2QRT Dubai": "Dubai",
		"KZ ABCDEFGHJK HELP": "HELP", // no digit in it
		// One letter wrong, missing, too many.
		"KZ 7H3U9P2QRT HELP Dubai": "HELP Dubai", "KZ 7H3K9Ж2QRT помогите": "помогите", "KZ 7H3K9P2QR HELP": "HELP", "KZ 7H3K9P2QRTT HELP": "HELP", "KZ 7H3U9-P2QRT OK": "OK",
		// Words that could be a code.
		"KZ SAFE TEHRAN": "SAFE TEHRAN", "KZ help Tehran": "help Tehran", "KZ Tehran safe": "Tehran safe", "KZ MANCHESTER": "MANCHESTER", "KZ 2 Dubai Mall": "2 Dubai Mall",
		"KZ OK 25.25, 55.36": "OK 25.25, 55.36", "KZ 7H3K9P2QRT": "7H3K9P2QRT", "KZ": "", "7H3K9P2QRT help": "7H3K9P2QRT help",
	} {
		if f := ReadSMSForm(text); f.Unlinked() != want {
			t.Errorf("%q says %q, want %q", text, f.Unlinked(), want)
		}
	}
}

func TestReadSMS(t *testing.T) {
	w, err := earth()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		keyed               bool
		text                string
		status, where, addr string // where: a method, or an airport's code
		note                bool
	}{
		{true, "OK Dubai", "safe", "place", "Dubai", false},
		{true, "ok 25.25, 55.36", "safe", "pin", "", false},
		{true, "2 DXB", "help", "DXB", "DXB", false},
		{true, "DXB 2", "help", "DXB", "DXB", false},
		{true, "Dubai, OK", "safe", "place", "Dubai, OK", false},
		{true, "помощь отель Хилтон, 5 этаж", "help", "", "отель Хилтон, 5 этаж", true},
		{true, "SAFE не могу выйти", "safe", "", "не могу выйти", true},
		{true, "Помощь не нужна", "", "", "", true},
		{true, "аманмын Дубай", "safe", "place", "Дубай", false},
		{true, "4", "away", "", "", false},
		{true, "көмек керек 25°15'10.5\"N 55°21'50\"E", "help", "pin", "", false},
		{true, "safe 25.252917,55.363889 with two kids", "safe", "pin", "", true},
		{true, "мы тут", "", "", "", true},
		{false, "25.25, 55.36", "", "pin", "", false},
		{false, "Dubai", "", "place", "Dubai", false},
		{false, "DXB", "", "DXB", "DXB", false},
		{false, "2", "help", "", "", false},
		{false, "1.", "safe", "", "", false},
		{false, "safe", "safe", "", "", false},
		{false, "Я в безопасности!", "safe", "", "", false},
		{false, "АМАНМЫН", "safe", "", "", false},
		{false, "safe, Dubai", "safe", "place", "Dubai", false},
		{false, "help we are in the basement", "help", "", "", true},
		{false, "Помогите! Нас пятеро", "help", "", "", true},
		{false, "Көмек керек, бала ауырып қалды", "help", "", "", true},
		// A cry is taken back only by words that say so, and at once.
		{false, "Помощь не нужна, я в безопасности", "", "", "", true},
		{false, "помощь больше не нужна", "", "", "", true},
		{false, "help is not needed", "", "", "", true},
		{false, "Help no longer needed", "", "", "", true},
		{false, "көмек керек емес", "", "", "", true},
		{false, "Помогите не могу выйти", "help", "", "", true},
		{false, "help we are not safe", "help", "", "", true},
		{false, "help! no water, no food", "help", "", "", true},
		// Where it is, among other words.
		{false, "помогите! дубай отель атлантис", "help", "place", "", true},
		{false, "help me please I am in Doha", "help", "place", "", true},
		{false, "Көмек керек, бала Дубай", "help", "place", "", true},
		{false, "I'm safe", "safe", "", "", false},
		{false, "on my way out", "leaving", "", "", false},
		{false, "жолдамыз", "leaving", "", "", false},
		{false, "уехали", "away", "", "", false},
		// Words that could lower concern are believed only when nothing else is said.
		{false, "safe? no, they shoot", "", "", "", true},
		{false, "not safe", "", "", "", true},
		{false, "ok but my mother is injured", "", "", "", true},
		{false, "жив, но ранен", "", "", "", true},
		{false, "2 days without water", "", "", "", true},
		{false, "left leg broken", "", "", "", true},
		{false, "не нужна помощь", "", "", "", true},
		{false, "Your code is 2525", "", "", "", true},
	} {
		m := ReadSMS(c.keyed, c.text, []string{"AE", "QA"}, w)
		where := ""
		if m.Position != nil {
			where = m.Position.Method.String()
			if m.Position.Airport != "" {
				where = m.Position.Airport
			}
		}
		if m.Status != c.status || where != c.where || m.Address != c.addr || (m.Note != "") != c.note || c.note && m.Note != c.text {
			t.Errorf("%v %q: %q at %q, address %q, note %q", c.keyed, c.text, m.Status, where, m.Address, m.Note)
		}
	}
}

func TestSMSLang(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "25.25": "", "OK": "en", "помогите": "ru", "көмек": "kk", "Аманмын": "kk", "KZ аманбыз Дубай": "kk", "KZ safe Дубай": "ru",
	} {
		if got := SMSLang(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func smsTalk(t testing.TB) Talk {
	w, err := earth()
	if err != nil {
		t.Fatal(err)
	}
	return Talk{
		Crisis: tracker.NewID(), Now: noon, World: w, Near: []string{"AE", "QA"},
		Words: func(lang, key string) string { return web.Catalogue(lang)[key] },
	}
}

func TestSpeakSMS(t *testing.T) {
	k := smsTalk(t)
	from := func(text string) Inbound {
		return Inbound{Channel: tracker.ChannelSMS, ID: "1", Thread: "+77012345678", Phone: "+77012345678", Text: text, FixedAt: noon, Flags: tracker.FlagLowTrust}
	}
	fresh := tracker.Thread{ID: tracker.NewID(), Crisis: k.Crisis, Channel: tracker.ChannelSMS, Key: "+77012345678", Version: 1}
	person := tracker.NewID()

	// Somebody new, in words: a person with the number they wrote from.
	o := SpeakSMS(from("көмек керек"), fresh, false, "көмек керек", k)
	r := o.Filing.Report
	if r.Wellbeing != tracker.NeedsHelp || r.Flags != tracker.FlagLowTrust || o.Filing.Person == nil || o.Filing.Person.Details.Phones[0] != "+77012345678" ||
		o.Filing.Thread == nil || o.Filing.Thread.Lang != "kk" || o.Filing.Callback != nil || !strings.Contains(o.Reply, "12:00") {
		t.Errorf("somebody new: %+v %+v", o.Filing, o)
	}
	// The same again: about the same person, and the line needn't be stored.
	known := *o.Filing.Thread
	known.Version, known.Person = 2, person
	if o = SpeakSMS(from("аманмын"), known, false, "аманмын", k); o.Filing.Report.Person != person || o.Filing.Person != nil || o.Filing.Thread != nil {
		t.Errorf("again: %+v", o.Filing)
	}
	// What can't be read asks staff to ring, but not for each message.
	o = SpeakSMS(from("ало ало"), known, false, "ало ало", k)
	if o.Filing.Callback == nil || o.Filing.Callback.Kind != tracker.CallbackUnreadable || o.Filing.Callback.Phone == "" || o.Filing.Report.Note != "ало ало" || o.Filing.Thread == nil {
		t.Errorf("unreadable: %+v", o.Filing)
	}
	asked := *o.Filing.Thread
	asked.Version = 3
	if o = SpeakSMS(from("кто-нибудь"), asked, false, "кто-нибудь", k); o.Filing.Callback != nil || o.Filing.Report.Note == "" {
		t.Errorf("unreadable again: %+v", o.Filing)
	}
	later := k
	later.Now = noon.Add(unreadAgain)
	if o = SpeakSMS(from("эй"), asked, false, "эй", later); o.Filing.Callback == nil {
		t.Error("six hours later nobody is asked")
	}
	// What may be a cry asks staff to ring, beside a code and a place too.
	o = SpeakSMS(from("25.2048, 55.2708 мы ранены, помогите"), fresh, false, "25.2048, 55.2708 мы ранены, помогите", k)
	if o.Filing.Callback == nil || o.Filing.Report.Position == nil || o.Filing.Report.Note == "" || o.Filing.Report.Wellbeing != 0 {
		t.Errorf("perhaps a cry: %+v", o.Filing)
	}
	// A personal code: about its person, whoever sends it; the line becomes theirs.
	k.Link = &auth.Link{ID: tracker.NewID(), Person: person, Country: "AE"}
	if o = SpeakSMS(from("KZ … 1 DXB"), fresh, true, "1 DXB", k); o.Filing.Report.Person != person || o.Filing.Thread.Person != person || o.Filing.Report.Position.Airport != "DXB" || o.Filing.Report.Flags&tracker.FlagLowTrust == 0 {
		t.Errorf("personal code: %+v", o.Filing)
	}
	// A line that is somebody else's stays theirs.
	elses := known
	elses.Person = tracker.NewID()
	if o = SpeakSMS(from("KZ … 2"), elses, true, "2", k); o.Filing.Report.Person != person || o.Filing.Thread != nil {
		t.Errorf("another's phone: %+v", o.Filing)
	}
	// A poster's code: somebody new, at its airport.
	k.Link = &auth.Link{ID: tracker.NewID(), Airport: "DOH"}
	if o = SpeakSMS(from("KZ … 1"), fresh, true, "1", k); o.Filing.Person == nil || o.Filing.Person.Country != "QA" || o.Filing.Report.Position == nil || o.Filing.Report.Position.Airport != "DOH" {
		t.Errorf("poster: %+v", o.Filing)
	}
	// A name in place of a number: nobody's line, so people read it.
	k.Link = nil
	in := Inbound{Channel: tracker.ChannelSMS, ID: "1", Handle: "sms:MyBank", Text: "Your code is 2525"}
	for _, text := range []string{in.Text, "2"} {
		in.Text = text
		o = SpeakSMS(in, tracker.Thread{}, false, text, k)
		if o.Filing != nil || o.Callback == nil || o.Callback.Phone != "" || !strings.Contains(o.Callback.Text, "MyBank") || !strings.Contains(o.Callback.Text, text) || o.Reply != "" {
			t.Errorf("a name: %+v", o)
		}
	}
	// … but one with a person's code is about them.
	k.Link = &auth.Link{ID: tracker.NewID(), Person: person}
	in.Text = "KZ … 2"
	if o = SpeakSMS(in, tracker.Thread{}, true, "2", k); o.Filing == nil || o.Filing.Report.Person != person || o.Filing.Thread != nil || !strings.Contains(o.Filing.Report.Note, "MyBank") {
		t.Errorf("a name with a code: %+v", o)
	}
}

// Oracle: 3GPP 23.040: a message in UCS-2 holds 70 units.
func TestSMSAnswersFitOneMessage(t *testing.T) {
	for _, lang := range web.Languages {
		for _, key := range []string{"sms.received", "sms.received_place", "sms.unread"} {
			text := web.Catalogue(lang)[key]
			if !strings.Contains(text, "{time}") || !strings.Contains(text, "{code}") {
				t.Errorf("%s %s: %q", lang, key, text)
			}
			text = strings.NewReplacer("{time}", "23:59", "{code}", "ABCD").Replace(text)
			if n := len(utf16.Encode([]rune(text))); n > SMSUnits {
				t.Errorf("%s %s has %d units: %q", lang, key, n, text)
			}
		}
	}
}

func TestSMSAnswersAreEscaped(t *testing.T) {
	gs := testGateways(t)
	const text = `<a> & "b"`
	media, body, ok := gs["operator"].Answer(text)
	if !ok || media != "text/xml" || !strings.Contains(string(body), "<Message>&lt;a&gt; &amp; &#34;b&#34;</Message>") {
		t.Errorf("XML: %s %s %v", media, body, ok)
	}
	_, body, _ = gs["bulk"].Answer(text)
	var got struct{ Reply string }
	if err := json.Unmarshal(body, &got); err != nil || got.Reply != text {
		t.Errorf("JSON: %s %v", body, err)
	}
	if _, _, ok := gs["phone"].Answer(text); ok {
		t.Error("a gateway that takes no answer gets one")
	}
}

func FuzzSMSGateway(f *testing.F) {
	gs := testGateways(f)
	files, err := filepath.Glob(filepath.Join("testdata", "sms", "*"))
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
	k := smsTalk(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		for name, g := range gs {
			media := "application/json"
			if g.Format == "form" {
				media = "application/x-www-form-urlencoded"
			}
			ins, err := g.Decode(media, b)
			if err != nil {
				continue
			}
			for _, in := range ins {
				if len(in.ID) > 100 || !utf8.ValidString(in.Text) || in.Thread != in.Phone {
					t.Fatalf("%s: %+v", name, in)
				}
				form := ReadSMSForm(in.Text)
				o := SpeakSMS(in, tracker.Thread{ID: tracker.NewID(), Version: 1, RecordedAt: time.Now()}, form.Keyed, form.Rest, k)
				if o.Filing == nil && o.Callback == nil {
					t.Fatalf("%s: %+v comes to nothing", name, in)
				}
				_ = in.Hash()
			}
		}
	})
}

func FuzzParseSMSGateways(f *testing.F) {
	f.Add(recorded(f, "sms", "gateways.json"))
	f.Fuzz(func(t *testing.T, b []byte) {
		gs, err := ParseSMSGateways(b)
		for i := range gs {
			if err == nil && (len(gs[i].Auth.Secret) < leastSecret || !gatewayName.MatchString(gs[i].Name)) {
				t.Fatalf("%+v", gs[i])
			}
		}
	})
}
