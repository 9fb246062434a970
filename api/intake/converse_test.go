package intake

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"aman/api/auth"
	"aman/geo/tracker"
	"aman/web"
)

func testWords(lang, key string) string { return web.Catalogue(lang)[key] }

// testTalk is a talk in the Emirates, with a hotline there.
func testTalk(t testing.TB) Talk {
	t.Helper()
	return Talk{
		Crisis: tracker.NewID(), Now: noon, World: linkWorld(t), Near: []string{"AE", "OM"}, Words: testWords,
		Hotlines: func(country, _ string) string {
			if country == "AE" {
				return "Abu Dhabi +97100000001"
			}
			return ""
		},
	}
}

// chat plays the door and the store: it keeps the line's last version and gives new
// people an id.
type chat struct {
	t      *testing.T
	k      Talk
	thread tracker.Thread
	// filed are the reports so far, people those who were made.
	filed  []tracker.Report
	people []tracker.Person
	calls  []tracker.Callback
	last   Spoken
}

func newChat(t *testing.T) *chat {
	return &chat{t: t, k: testTalk(t), thread: tracker.Thread{ID: tracker.NewID(), Channel: tracker.ChannelTelegram, Key: "1"}}
}

// hear makes one turn and returns what was said, texts and labels together.
func (c *chat) hear(in Inbound) string {
	c.t.Helper()
	in.Channel, in.Thread, in.ID = tracker.ChannelTelegram, "1", "1"
	next := c.thread
	next.Version++
	sp := Converse(in, next, c.k)
	c.last = sp
	if sp.Changed {
		if next.Version == 1 && sp.Thread.Version != 1 {
			c.t.Fatal("the version was changed")
		}
		c.thread = sp.Thread
	}
	if f := sp.Filing; f != nil {
		r := f.Report
		if f.Person != nil {
			p := *f.Person
			p.ID = tracker.NewID()
			c.people = append(c.people, p)
			r.Person = p.ID
			if sp.Owned {
				c.thread = sp.Thread
				c.thread.Person = p.ID
			}
		}
		c.filed = append(c.filed, r)
	}
	if sp.Callback != nil {
		c.calls = append(c.calls, *sp.Callback)
	}
	replies, err := DecodeReplies(EncodeReplies(sp.Replies, "A7K2"))
	if err != nil {
		c.t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range replies {
		b.WriteString(r.Text + "\n")
		for _, row := range r.Rows {
			for _, x := range row {
				b.WriteString("[" + x.Label + "]")
			}
		}
		b.WriteString(r.AskPlace + "\n")
	}
	return b.String()
}

func (c *chat) text(s string) string   { c.t.Helper(); return c.hear(Inbound{Text: s}) }
func (c *chat) choice(s string) string { c.t.Helper(); return c.hear(Inbound{Choice: s}) }

// said fails unless the answer holds all of the texts.
func (c *chat) said(answer string, texts ...string) {
	c.t.Helper()
	for _, x := range texts {
		if !strings.Contains(answer, x) {
			c.t.Errorf("answered %q, which lacks %q", answer, x)
		}
	}
}

// Oracle: the order, language → how are you → location → people with you →
// receipt, in each language's own words (the catalogue's).
func TestConversationInThreeLanguages(t *testing.T) {
	for _, lang := range []string{"kk", "ru", "en"} {
		w := web.Catalogue(lang)
		c := newChat(t)
		c.said(c.hear(Inbound{Text: "/start", Lang: "en"}), "[Қазақша]", "[Русский]", "[English]")
		if len(c.filed)+len(c.people) != 0 || c.thread.Version != 1 {
			t.Fatalf("%s: /start alone made %+v", lang, c.filed)
		}
		c.said(c.choice("lang:"+lang), w["citizen.how"], "["+w["citizen.safe"]+"]", "["+w["citizen.help"]+"]", "["+w["citizen.leaving"]+"]", "["+w["citizen.away"]+"]")
		if len(c.filed) != 0 || c.thread.Lang != lang {
			t.Errorf("%s: choosing a language filed %+v, line in %q", lang, c.filed, c.thread.Lang)
		}
		c.said(c.choice("status:safe"), "A7K2", "12:00 UTC", w["chat.where"], w["chat.send_place"], w["chat.skip"])
		c.said(c.hear(Inbound{Position: positionOf(55.27, 25.2, 20, tracker.GNSS)}), "A7K2", w["chat.persons"], "[1]", "[5+]")
		c.said(c.choice("persons:more"), w["chat.number"])
		c.said(c.text("7"), "A7K2", w["citizen.next"])
		if len(c.people) != 1 || len(c.filed) != 3 {
			t.Fatalf("%s: %d people, %d reports: %+v", lang, len(c.people), len(c.filed), c.filed)
		}
		for _, r := range c.filed {
			if r.Person != c.people[0].ID || r.Channel != tracker.ChannelTelegram || r.Flags != 0 {
				t.Errorf("%s: report %+v", lang, r)
			}
		}
		if c.filed[0].Wellbeing != tracker.Safe || c.filed[1].Position == nil || c.filed[2].Persons != 7 {
			t.Errorf("%s: reports %+v", lang, c.filed)
		}
	}
}

// Every order of the four answers ends the same: all is stored at once, and nothing
// that was answered is asked again.
func TestConversationInAnyOrder(t *testing.T) {
	answers := map[string]Inbound{
		"status": {Choice: "status:leaving"}, "place": {Position: positionOf(55.27, 25.2, 20, tracker.GNSS)},
		"persons": {Choice: "persons:3"}, "language": {Choice: "lang:ru"},
	}
	questions := map[string]string{
		"status": web.Catalogue("ru")["citizen.how"], "place": web.Catalogue("ru")["chat.where"], "persons": web.Catalogue("ru")["chat.persons"],
	}
	orders := 0
	var order func(done []string)
	order = func(done []string) {
		if len(done) < len(answers) {
			for name := range answers {
				if !strings.Contains(strings.Join(done, " "), name) {
					order(append(append([]string{}, done...), name))
				}
			}
			return
		}
		orders++
		c := newChat(t)
		answered := map[string]bool{}
		for i, name := range done {
			in := answers[name]
			in.Lang = "ru"
			got := c.hear(in)
			answered[name] = true
			for asked, question := range questions {
				if answered[asked] && strings.Contains(got, question) {
					t.Errorf("%v: asked for %s again at step %d", done, asked, i)
				}
			}
		}
		if len(c.people) != 1 || len(c.filed) != 3 {
			t.Errorf("%v: %d people, %d reports", done, len(c.people), len(c.filed))
		}
	}
	order(nil)
	if orders != 24 {
		t.Errorf("%d orders", orders)
	}
}

func TestConversationText(t *testing.T) {
	for _, x := range []struct {
		name  string
		asked string // what was asked before; empty: nothing
		text  string
		want  func(r *tracker.Report) bool
	}{
		{"a button's label", "", "Я в безопасности", func(r *tracker.Report) bool { return r.Wellbeing == tracker.Safe }},
		{"a cry", "", "ПОМОГИТЕ!!!", func(r *tracker.Report) bool { return r.Wellbeing == tracker.NeedsHelp }},
		{"help, in English", askPlace, "help", func(r *tracker.Report) bool { return r.Wellbeing == tracker.NeedsHelp }},
		{"not a status", "", "я не в безопасности", func(r *tracker.Report) bool {
			return r.Wellbeing == 0 && r.Note == "я не в безопасности"
		}},
		{"a city", askPlace, "Dubai", func(r *tracker.Report) bool {
			return r.Position != nil && r.Position.Method == tracker.Place && r.Address == "Dubai" && r.Note == ""
		}},
		{"a city, unasked", "", "Muscat", func(r *tracker.Report) bool { return r.Position != nil }},
		{"an airport", askPlace, "DXB", func(r *tracker.Report) bool { return r.Position != nil && r.Position.Airport == "DXB" }},
		{"coordinates, unasked", "", "25.2048, 55.2708", func(r *tracker.Report) bool {
			return r.Position != nil && r.Position.Method == tracker.Pin && r.Position.RadiusM >= 1000
		}},
		{"an address", askPlace, "отель у метро, 5 этаж", func(r *tracker.Report) bool {
			return r.Position == nil && r.Address == "отель у метро, 5 этаж"
		}},
		{"a story", askPlace, strings.Repeat("мы вышли и пошли ", 20), func(r *tracker.Report) bool { return r.Address == "" && len(r.Note) > 200 }},
		{"a number of people", askPersons, "4", func(r *tracker.Report) bool { return r.Persons == 4 }},
		{"a number, unasked", "", "4", func(r *tracker.Report) bool { return r.Persons == 0 && r.Note == "4" }},
		{"too many", askPersons, "1000", func(r *tracker.Report) bool { return r.Persons == 0 && r.Note == "1000" }},
		{"a date with a slash", "", "/12 числа летим", func(r *tracker.Report) bool { return r.Note == "/12 числа летим" }},
		{"a command of others", "", "/pay me", func(r *tracker.Report) bool { return r.Note == "/pay me" }},
	} {
		c := newChat(t)
		st := talkState{V: talkVersion, Ask: x.asked, Status: x.asked != "", Placed: x.asked == askPersons}
		c.thread.State, c.thread.Lang, c.thread.Version = st.encode(), "ru", 3
		c.text(x.text)
		if len(c.filed) != 1 || !x.want(&c.filed[0]) {
			t.Errorf("%s: filed %+v", x.name, c.filed)
		}
	}
}

// Oracle: what the words mean, whatever was asked; a chat reads statuses as text
// messages do.
func TestConversationStatusInWords(t *testing.T) {
	for _, x := range []struct {
		asked, text string
		well        tracker.Wellbeing
		intent      tracker.Intention
		placed      bool
		note        bool
		call        bool
	}{
		{"", "Помогите, мы ранены, дети", tracker.NeedsHelp, 0, false, true, false},
		{askPlace, "help me please I am in Muscat", tracker.NeedsHelp, 0, true, true, false},
		{askPersons, "SOS! 25.2048, 55.2708", tracker.NeedsHelp, 0, true, true, false},
		{"", "KZ 2 Dubai", tracker.NeedsHelp, 0, true, false, false},
		{"", "KZ 7H3K9P2QRT HELP Dubai", tracker.NeedsHelp, 0, true, false, false},
		{askStatus, "2", tracker.NeedsHelp, 0, false, false, false},
		{askStatus, "1.", tracker.Safe, 0, false, false, false},
		{askStatus, "ok", tracker.Safe, 0, false, false, false},
		{askStatus, "уехали", 0, tracker.Left, false, false, false},
		{"", "2", 0, 0, false, true, false},
		{askStatus, "2 days without water", 0, 0, false, true, false},
		// An answer to whatever was said last.
		{"", "ok", 0, 0, false, true, false},
		{askPlace, "жақсы рахмет", 0, 0, false, false, false},
		// Not sure: somebody rings.
		{"", "мы ранены, помогите", 0, 0, false, true, true},
		{askStatus, "Помощь не нужна, я в безопасности", 0, 0, false, true, true},
		{"", "safe? no, we need help", 0, 0, false, true, true},
		{"", "we are fine, no water", 0, 0, false, true, false},
	} {
		c := newChat(t)
		c.thread.State, c.thread.Lang, c.thread.Version = talkState{V: talkVersion, Ask: x.asked, Status: x.asked != "" && x.asked != askStatus}.encode(), "ru", 3
		c.text(x.text)
		if len(c.filed) != 1 {
			t.Errorf("%q: filed %+v", x.text, c.filed)
			continue
		}
		if r := c.filed[0]; r.Wellbeing != x.well || r.Intention != x.intent || (r.Position != nil) != x.placed || (r.Note != "") != x.note || (len(c.calls) > 0) != x.call {
			t.Errorf("%s %q: %+v, called %+v", x.asked, x.text, r, c.calls)
		}
		if x.call && c.calls[0].Text != x.text {
			t.Errorf("%q: staff read %q", x.text, c.calls[0].Text)
		}
	}
	// Once in a while, not for each message; whom to ring is said each time it is new.
	c := newChat(t)
	c.k.Near = []string{"AE"}
	c.hear(Inbound{Position: positionOf(55.27, 25.2, 20, tracker.GNSS)})
	c.said(c.text("мы ранены, помогите"), "+97100000001")
	if c.text("мы ранены, помогите"); len(c.calls) != 1 {
		t.Errorf("%d calls", len(c.calls))
	}
	c.k.Now = noon.Add(unreadAgain)
	if c.text("мы ранены, помогите"); len(c.calls) != 2 {
		t.Errorf("%d calls hours later", len(c.calls))
	}
}

func TestConversationLinks(t *testing.T) {
	secret, hash := auth.NewToken()
	holder := tracker.NewID()
	personal := &auth.Link{ID: tracker.NewID(), Code: "K7M2QX4TBN", Person: holder, HasSecret: true, SecretHash: hash}
	campaign := &auth.Link{ID: tracker.NewID(), Code: "K7M2QX4TBM", Airport: "DXB"}

	// With its secret the line is the person's own from the start.
	c := newChat(t)
	c.k.Link, c.k.Secret = personal, secret
	c.hear(Inbound{Text: "/start x", Start: "x"})
	c.k.Link, c.k.Secret = nil, ""
	c.choice("status:safe")
	if c.thread.Person != holder || len(c.people) != 0 || c.filed[0].Person != holder || c.filed[0].Flags != 0 {
		t.Errorf("with the secret: line of %v, filed %+v", c.thread.Person, c.filed)
	}
	c.text("/hide")
	if len(c.filed) != 2 || c.filed[1].Flags&tracker.FlagHide == 0 {
		t.Errorf("hiding: %+v", c.filed)
	}

	// The code alone says whom a report is about, and is trusted little; the line never
	// becomes theirs, or whoever read the code over a shoulder would get their messages.
	for name, wrong := range map[string]string{"none": "", "another's": strings.Repeat("A", 43)} {
		c = newChat(t)
		c.k.Link, c.k.Secret = personal, wrong
		c.hear(Inbound{Text: "/start x", Start: "x"})
		c.k.Link = nil
		c.choice("status:safe")
		if !c.thread.Person.IsZero() || c.last.Owned || c.filed[0].Person != holder || c.filed[0].Flags&tracker.FlagLowTrust == 0 {
			t.Errorf("secret %s: line of %v, owned %v, filed %+v", name, c.thread.Person, c.last.Owned, c.filed)
		}
		c.text("/hide")
		if len(c.filed) != 1 {
			t.Errorf("secret %s: hid somebody else's place: %+v", name, c.filed)
		}
	}

	// A poster's code presets the place of somebody new, unless they say another.
	c = newChat(t)
	c.k.Link = campaign
	c.hear(Inbound{Text: "/start x", Start: "x"})
	c.k.Link = nil
	c.choice("status:safe")
	if p := c.filed[0].Position; p == nil || p.Airport != "DXB" || c.people[0].Country != "AE" {
		t.Errorf("a poster: %+v of %+v", c.filed[0], c.people)
	}
	c.choice("status:help")
	if c.filed[1].Position != nil {
		t.Error("the second report is at the airport too")
	}

	// A code that leads nowhere keeps nobody out.
	c = newChat(t)
	c.said(c.hear(Inbound{Text: "/start nothing", Start: "nothing", Lang: "en"}), web.Catalogue("en")["chat.bad_link"])
	c.choice("status:help")
	if len(c.people) != 1 {
		t.Error("nobody was made")
	}
}

func TestConversationOddThings(t *testing.T) {
	c := newChat(t)
	c.hear(Inbound{Odd: true, Lang: "en"})
	c.hear(Inbound{Odd: true})
	if len(c.calls) != 1 || c.calls[0].Kind != tracker.CallbackUnreadable || len(c.filed) != 0 {
		t.Errorf("two voice messages: %+v, %+v", c.calls, c.filed)
	}
	c.k.Now = noon.Add(7 * time.Hour)
	if c.hear(Inbound{Odd: true}); len(c.calls) != 2 {
		t.Error("hours later nobody was asked to ring again")
	}
	if got := c.hear(Inbound{}); got != "" {
		t.Errorf("a sticker was answered %q", got)
	}
	// What somebody passed on is a note, whatever it says.
	c.hear(Inbound{Aside: true, Flags: tracker.FlagLowTrust, Text: "↪ 25.2, 55.3"})
	if r := c.filed[0]; r.Position != nil || r.Note == "" || r.Flags&tracker.FlagLowTrust == 0 {
		t.Errorf("passed on: %+v", r)
	}
	// Of a shared contact the sender's own number is taken.
	c.hear(Inbound{Phone: "+77012345678"})
	if c.filed[1].Phone != "+77012345678" {
		t.Errorf("a contact: %+v", c.filed[1])
	}
	// The next fixes of a live location are stored and not answered.
	if got := c.hear(Inbound{Position: positionOf(55.3, 25.2, 20, tracker.GNSS), Quiet: true, Edited: true, FixedAt: noon}); got != "" || len(c.filed) != 3 || !c.filed[2].FixedAt.Equal(noon) {
		t.Errorf("a live fix: answered %q, filed %+v", got, c.filed)
	}
	// Who needs help is told whom to ring there.
	c.said(c.choice("status:help"), web.Catalogue("en")["chat.help_coming"], "+97100000001")
	c = newChat(t)
	if got := c.choice("status:help"); strings.Contains(got, "+971") {
		t.Errorf("a number of another country: %q", got)
	}
}

func TestConversationStops(t *testing.T) {
	c := newChat(t)
	c.choice("status:safe")
	c.text("/stop")
	if ok, why := Reachable(&c.thread); ok || why != "stopped" {
		t.Errorf("after /stop: %v %q", ok, why)
	}
	c.text("мы в пути")
	if ok, _ := Reachable(&c.thread); !ok {
		t.Error("who writes again isn't answered")
	}
	c.hear(Inbound{Gone: true})
	if ok, why := Reachable(&c.thread); ok || why != "blocked" {
		t.Errorf("after blocking: %v %q", ok, why)
	}
	c.hear(Inbound{Back: true})
	if ok, _ := Reachable(&c.thread); !ok {
		t.Error("after letting us in again")
	}
	if n := len(c.filed); n != 2 {
		t.Errorf("%d reports", n)
	}
}

// A state that is damaged, or of another version, begins the questions anew and loses
// nothing that is said.
func TestConversationDamagedState(t *testing.T) {
	good := talkState{V: talkVersion, Ask: askPersons, Status: true, Placed: true}.encode()
	for name, state := range map[string][]byte{
		"none": nil, "not JSON": []byte("x"), "cut off": good[:len(good)-2], "another version": []byte(`{"v":9}`), "unknown member": []byte(`{"v":1,"x":1}`),
		"unknown question": []byte(`{"v":1,"ask":"iin"}`), "trailing": append(bytes.Clone(good), good...), "too long": append(bytes.Repeat([]byte(" "), maxTalkState), good...),
		"wrong type": []byte(`{"v":1,"status":"yes"}`), "null": []byte("null"), "array": []byte("[]"),
	} {
		c := newChat(t)
		c.thread.State, c.thread.Lang, c.thread.Version = state, "ru", 2
		c.said(c.text("4"), web.Catalogue("ru")["citizen.how"])
		if len(c.filed) != 1 || c.filed[0].Note != "4" {
			t.Errorf("%s: filed %+v", name, c.filed)
		}
	}
	c := newChat(t)
	c.thread.State, c.thread.Lang, c.thread.Version = good, "ru", 2
	if c.text("4"); c.filed[0].Persons != 4 {
		t.Errorf("the good one: %+v", c.filed)
	}
}

func TestGroupIsBoundByStaff(t *testing.T) {
	mission, other := tracker.NewID(), tracker.NewID()
	link := &auth.Link{Code: "K7M2QX4TBN", Mission: mission}
	k := GroupTalk{
		Words: testWords, Private: func(code string) string { return "https://t.me/aman_test_bot?start=" + code },
		Page: func(code string) string { return "https://aman.example/s/" + code },
	}
	th := tracker.Thread{ID: tracker.NewID()}
	hear := func(in Inbound, l *auth.Link) Spoken {
		in.Group, in.Lang = true, "ru"
		th.Version++
		k.Link = l
		sp := ConverseGroup(in, th, k)
		th = sp.Thread
		return sp
	}
	ru := web.Catalogue("ru")
	if sp := hear(Inbound{Back: true}, nil); sp.Replies[0].Text != ru["chat.group_how"] || !th.Mission.IsZero() || !th.Group {
		t.Errorf("added: %+v", sp)
	}
	if sp := hear(Inbound{Text: "/aman WRONG"}, nil); sp.Replies[0].Text != ru["chat.group_bad"] || !th.Mission.IsZero() {
		t.Errorf("a wrong code: %+v", sp)
	}
	if sp := hear(Inbound{Text: "/aman K7M2QX4TBN"}, &auth.Link{Person: tracker.NewID(), Mission: mission}); !th.Mission.IsZero() {
		t.Errorf("a personal link: %+v", sp)
	}
	if sp := hear(Inbound{Text: "/aman K7M2QX4TBN"}, link); sp.Replies[0].Text != ru["chat.group_bound"] || th.Mission != mission || GroupCode(&th) != link.Code {
		t.Errorf("bound: %+v", sp)
	}
	if sp := hear(Inbound{Text: "/aman K7M2QX4TBM"}, &auth.Link{Code: "K7M2QX4TBM", Mission: other}); sp.Replies[0].Text != ru["chat.group_other"] || th.Mission != mission {
		t.Errorf("another mission's: %+v", sp)
	}
	sp := hear(Inbound{Choice: ChoicePlace}, nil)
	if sp.Changed || sp.Replies[0].Rows[0][0].URL != "https://t.me/aman_test_bot?start=K7M2QX4TBN" || !strings.Contains(sp.Replies[0].Text, "https://aman.example/s/K7M2QX4TBN") {
		t.Errorf("a place in public: %+v", sp)
	}
	if hear(Inbound{Gone: true}, nil); !th.Mission.IsZero() {
		t.Error("removed, and still bound")
	}
}

// A line whose state stays the same is stored again only after a while, so that hours
// of a shared location don't make a version for each fix.
func TestLineIsStoredSparingly(t *testing.T) {
	c := newChat(t)
	fix := Inbound{Position: positionOf(55.27, 25.2, 20, tracker.GNSS), Quiet: true, Edited: true}
	for _, x := range []struct {
		since time.Duration
		want  bool
	}{{time.Minute, true}, {time.Minute, false}, {9 * time.Minute, false}, {10 * time.Minute, true}} {
		c.k.Heard = c.k.Now.Add(-x.since)
		if c.hear(fix); c.last.Changed != x.want {
			t.Errorf("after %v: changed %v", x.since, c.last.Changed)
		}
	}
	if len(c.filed) != 4 {
		t.Errorf("%d reports", len(c.filed))
	}
}
