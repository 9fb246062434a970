package intake

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"aman/api/auth"
	"aman/geo/tracker"
)

// SMSUnits is how many UTF-16 units one text message holds.
const SMSUnits = 70

// lookAlikes writes Cyrillic letters that look like a code's as those.
var lookAlikes = strings.NewReplacer(
	"А", "A", "В", "B", "Е", "E", "К", "K", "Қ", "K", "М", "M", "Н", "H", "Һ", "H", "О", "0", "Ө", "0", "Р", "P", "С", "C", "Т", "T", "У", "Y", "Ү", "Y", "Ұ", "Y",
	"Х", "X", "З", "3", "І", "1",
)

// smsStart is how a message in our form begins: KZ in either script, and what parts it
// from the rest.
var smsStart = regexp.MustCompile(`(?i)^\s*[KКҚ][ZЗ](?:[\s:.,;/-]+|$)`)

// SMSForm is a message in our form, taken apart:
//
//	KZ CODE STATUS place
type SMSForm struct {
	// Keyed tells whether it begins with KZ.
	Keyed bool
	// Code may be a link's code, normal; empty: none can stand there. Rest is what
	// follows it.
	Code, Rest string
	// Plain is the message without KZ; see Unlinked.
	Plain string
}

// ReadSMSForm reads the beginning of a message. A code may be written in two pieces,
// and with Cyrillic letters that look like Latin ones.
func ReadSMSForm(text string) SMSForm {
	at := smsStart.FindStringIndex(text)
	if at == nil {
		text = strings.TrimSpace(text)
		return SMSForm{Rest: text, Plain: text}
	}
	plain := strings.TrimSpace(text[at[1]:])
	f := SMSForm{Keyed: true, Rest: plain, Plain: plain}
	first, after := cutWord(plain)
	second, afterSecond := cutWord(after)
	if c, ok := smsCode(first); ok {
		f.Code, f.Rest = c, after
	} else if c, ok := smsCode(first + second); ok {
		f.Code, f.Rest = c, afterSecond
	}
	return f
}

// Unlinked is what a message says whose code leads nowhere: words that happen to have
// a code's form stay ("SAFE TEHRAN"), an expired or mistyped code is cut off.
func (f *SMSForm) Unlinked() string {
	if status, _ := statusIn(f.Plain); status != "" || !f.Keyed {
		return f.Plain
	}
	first, after := cutWord(f.Plain)
	second, afterSecond := cutWord(after)
	for _, x := range []struct{ code, rest string }{{first, after}, {first + second, afterSecond}} {
		if !likeCode(x.code) {
			continue
		}
		if status, _ := statusIn(x.rest); status != "" || statusDigitLast.MatchString(x.rest) {
			return x.rest
		}
	}
	if strings.ContainsAny(f.Code, "0123456789") && f.Rest != "" {
		return f.Rest
	}
	return f.Plain
}

// likeCode tells whether a text is a code, or one with a letter that is wrong, missing
// or too many.
func likeCode(s string) bool {
	n := 0
	for _, r := range s {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			n++
		case r != '-':
			return false
		}
	}
	return n >= auth.CodeLen-1 && n <= auth.CodeLen+1
}

func smsCode(s string) (string, bool) {
	return auth.NormalLinkCode(lookAlikes.Replace(strings.ToUpper(s)))
}

// cutWord cuts the first word off, and the signs after it.
func cutWord(s string) (word, rest string) {
	i := strings.IndexFunc(s, unicode.IsSpace)
	if i < 0 {
		return strings.TrimRight(s, ".,:;"), ""
	}
	return strings.TrimRight(s[:i], ".,:;"), strings.TrimSpace(s[i:])
}

// SMSText is what a message says.
type SMSText struct {
	// Status is safe, help, leaving or away; empty: none was said.
	Status string
	// Position is a place that was understood; Address one that people have to read.
	Position *tracker.Position
	Address  string
	// Note is the whole message, where something of it was not understood.
	Note string
}

// ReadSMS reads a message without its KZ and code: in our form a status, or its digit,
// and a place in any order; else the same only where nothing is left over, but for a
// cry for help, which is believed with whatever follows.
func ReadSMS(keyed bool, text string, near []string, w *tracker.World) SMSText {
	var out SMSText
	status, rest := statusIn(text)
	if m := statusDigitLast.FindStringSubmatch(text); keyed && status == "" && m != nil {
		status, rest = statusButton(m[1]), text[:len(text)-len(m[0])]
	}
	if p, left, ok := PlaceIn(rest, near, w); ok && (status == "" || keyed || left == "" || status == "help") {
		out.Position = p
		if status == "" {
			status, left = statusIn(left)
		}
		out.Status = status
		switch {
		case left != "":
			out.Note = cut(text, longestNote)
		case p.Method != tracker.Pin:
			out.Address = cut(rest, longestAddress)
		}
		if status != "" && !keyed && left != "" && status != "help" {
			out.Status = ""
		}
		return out
	}
	if p, ok := placeInCry(rest, near, w); ok && status == "help" && !statusDigit.MatchString(text) {
		out.Status, out.Position, out.Note = status, p, cut(text, longestNote)
		return out
	}
	switch {
	case status == "":
		out.Note = cut(text, longestNote)
	case rest == "":
		out.Status = status
	case keyed && utf8.RuneCountInString(rest) <= longestAddress:
		// It may be no address: "SAFE can't get out".
		out.Status, out.Address, out.Note = status, rest, cut(text, longestNote)
	case keyed || status == "help" && !statusDigit.MatchString(text):
		out.Status, out.Note = status, cut(text, longestNote)
	default:
		out.Note = cut(text, longestNote) // "safe? no": let people read it
	}
	return out
}

// SMSLang guesses the language of a message by its letters: those that only Kazakh has,
// Cyrillic, Latin. Empty for one without letters.
func SMSLang(text string) string {
	lang := ""
	for _, r := range strings.ToLower(text) {
		switch {
		case strings.ContainsRune("әғқңөұүһі", r):
			return "kk"
		case unicode.Is(unicode.Cyrillic, r):
			lang = "ru"
		case lang == "" && r < 0x80 && unicode.IsLetter(r):
			lang = "en"
		}
	}
	if lang == "ru" {
		words, _ := foldWords(text)
		for _, w := range words {
			if strings.HasPrefix(w, "аман") { // Kazakh without a letter of its own
				return "kk"
			}
		}
	}
	return lang
}

// SMSTurn is what a message comes to.
type SMSTurn struct {
	// Filing is what was said, with the line; nil where nobody can be told whom it is
	// about. Callback then has what was said. At least one of the two is there.
	Filing   *tracker.Filing
	Callback *tracker.Callback
	// Reply is what goes back, at most SMSUnits; {code} is the receipt's code. Empty:
	// nothing.
	Reply string
}

// smsState is what is kept of a line.
type smsState struct {
	// CalledAt is when staff were last asked to ring because of it.
	CalledAt time.Time `json:"called_at,omitzero"`
}

// SpeakSMS makes one turn on a line. t is its next version (ignored without a number),
// text what is left without KZ and code, k.Link the link of the code, in force, or nil. Whoever holds
// a code is not known to be the link's person, and any number can be forged: all is of
// low trust, which never lowers the concern of a trusted report; among reports of low
// trust the latest holds. SpeakSMS is pure.
func SpeakSMS(in Inbound, t tracker.Thread, keyed bool, text string, k Talk) SMSTurn {
	before := t
	near := k.Near
	if k.Link != nil {
		if c := LinkCountry(*k.Link, k.World); c != "" {
			near = []string{c}
		}
	}
	m := ReadSMS(keyed, text, near, k.World)
	if f := ReadSMSForm(in.Text); k.Link == nil && f.Keyed && text != f.Plain && m.Note == "" {
		m.Note = cut(in.Text, longestNote) // with the code, which may tell people who it is
	}
	if t.Lang == "" || SMSLang(in.Text) == "kk" {
		t.Lang = orDefault(SMSLang(in.Text), orDefault(t.Lang, "ru"))
	}
	unread := m.Status == "" && m.Position == nil && m.Address == "" && k.Link == nil
	cried := m.Status != "help" && criesOut(text)
	reply := "sms.received"
	if m.Position == nil && m.Address == "" {
		reply = "sms.received_place"
	}
	var out SMSTurn
	if unread {
		reply = "sms.unread"
	}
	if unread || cried {
		var st smsState
		if json.Unmarshal(t.State, &st) != nil {
			st = smsState{}
		}
		if in.Thread == "" || k.Now.Sub(st.CalledAt) >= unreadAgain {
			st.CalledAt = k.Now
			out.Callback = &tracker.Callback{
				ID: tracker.NewID(), Version: 1, Crisis: k.Crisis, Kind: tracker.CallbackUnreadable, State: tracker.CallbackOpen,
				Person: t.Person, Phone: in.Phone, Text: cut(smsOrigin(in)+in.Text, longestNote), CreatedAt: k.Now, RecordedAt: k.Now,
			}
			if in.Thread != "" {
				out.Callback.Thread = t.ID
			}
		}
		t.State, _ = json.Marshal(st) // a time: always possible
	}
	if in.Thread == "" && k.Link == nil {
		if out.Callback == nil { // nobody's line, but something was understood: people must see it
			out.Callback = &tracker.Callback{
				ID: tracker.NewID(), Version: 1, Crisis: k.Crisis, Kind: tracker.CallbackUnreadable, State: tracker.CallbackOpen,
				Text: cut(smsOrigin(in)+in.Text, longestNote), CreatedAt: k.Now, RecordedAt: k.Now,
			}
		}
		return out
	}
	out.Filing = m.filing(in, &t, k)
	out.Filing.Callback, out.Callback = out.Callback, nil
	if in.Thread != "" {
		// Most messages change nothing of the line, and its versions are for ever.
		if t.Version == 1 || before.Person.IsZero() || t.Person != before.Person || t.Lang != before.Lang || !bytes.Equal(t.State, before.State) {
			out.Filing.Thread = &t
		}
		out.Reply = strings.ReplaceAll(k.Words(t.Lang, reply), "{time}", k.Now.UTC().Format("15:04"))
	}
	return out
}

func orDefault(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// smsOrigin says who wrote, where that is no number to ring.
func smsOrigin(in Inbound) string {
	if name, ok := strings.CutPrefix(in.Handle, "sms:"); ok {
		return name + ": "
	}
	return ""
}

// filing is the report, about the code's person, the line's, or somebody new.
func (m *SMSText) filing(in Inbound, t *tracker.Thread, k Talk) *tracker.Filing {
	f := &tracker.Filing{Report: tracker.Report{
		Crisis: k.Crisis, Channel: tracker.ChannelSMS, Source: t.ID, Flags: tracker.FlagLowTrust,
		FixedAt: in.FixedAt, SentAt: in.SentAt, Position: m.Position, Address: m.Address, Note: m.Note, Phone: in.Phone,
	}}
	r := &f.Report
	if in.Thread == "" {
		r.Source = tracker.ID{}
		r.Note = cut(smsOrigin(in)+orDefault(m.Note, in.Text), longestNote)
	}
	if m.Status != "" {
		var l LinkReport
		if l.status(m.Status) == nil {
			r.Wellbeing, r.Intention = l.Wellbeing, l.Intention
		}
	}
	if l := k.Link; l != nil {
		r.Source = l.ID
		if !l.Person.IsZero() {
			r.Person = l.Person
			if t.Person.IsZero() {
				t.Person = l.Person // the next message needs no code
			}
			return f
		}
	}
	if !t.Person.IsZero() {
		r.Person = t.Person
		return f
	}
	f.Person = &tracker.Person{Crisis: k.Crisis, Category: tracker.CategoryUnknown, Stay: tracker.StayUnknown, Persons: 1}
	if in.Phone != "" {
		f.Person.Details.Phones = []string{in.Phone}
	}
	if k.Link != nil && r.Intention != tracker.Left {
		f.Person.Country = LinkCountry(*k.Link, k.World)
		if k.Link.Airport != "" && r.Position == nil && r.Address == "" {
			r.Position, _ = AirportPosition(k.Link.Airport, k.World) // nil where the airport is no longer known
		}
	}
	return f
}
