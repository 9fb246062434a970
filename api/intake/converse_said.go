package intake

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"aman/geo/tracker"
)

// longestAddress is the most characters of an answer to "where are you?" that is taken
// for an address; more is a story, and a note.
const longestAddress = 120

// longestNote is the most characters of a report's note; what is longer is cut there,
// and marked so.
const longestNote = 2_000

// said reads what isn't a command or a button: places, numbers, and words of their own.
func (c *conversation) said() {
	in := &c.in
	switch {
	case in.Position != nil:
		c.rep.Position = in.Position
		c.rep.Address = in.Place
		c.st.Placed = true
		if in.Edited { // a live location moves by itself
			c.rep.Flags |= tracker.FlagAutomatic
		}
		if in.Text != "" {
			c.note(in.Text)
		}
	case in.Phone != "" && in.Text == "" && in.Channel == tracker.ChannelTelegram:
		// A shared contact. Where the number is the line, every message has it.
		c.rep.Phone = in.Phone
	case (in.Aside || in.Edited) && strings.TrimSpace(in.Place+in.Text) != "":
		c.note(strings.TrimSpace(in.Place + "\n" + in.Text))
	case strings.TrimSpace(in.Text) != "":
		c.text(strings.TrimSpace(in.Text))
	case in.Odd:
		c.odd()
	default:
		c.silent = true // nothing at all: a sticker, a service message
	}
}

// text reads free text: an answer to what was asked, a status in words, a place, or
// else a note. Nothing of it is lost.
func (c *conversation) text(text string) {
	if lang := languageNamed(text); lang != "" {
		c.language(lang)
		return
	}
	if c.statusSaid(text) {
		return
	}
	asked := c.st.Ask
	if asked == askPersons || asked == askNumber {
		if n, ok := headcount(text); ok {
			c.rep.Persons, c.st.Persons = n, true
			return
		}
	}
	if c.skips(text) {
		c.ask()
		return
	}
	if p, rest, ok := PlaceIn(text, c.near(), c.k.World); ok && (asked == askPlace || p.Method == tracker.Pin || c.nearby(p)) {
		c.rep.Position, c.st.Placed = p, true
		c.rep.Address = cut(text, longestAddress) // as they put it, beside what we make of it
		if rest != "" {
			c.note(text)
		}
		return
	}
	if asked == askPlace && utf8.RuneCountInString(text) <= longestAddress {
		c.rep.Address, c.st.Placed = text, true
		return
	}
	c.note(text)
}

// note keeps words for people to read. Those that may be a cry for help are read
// soon: somebody should ring.
func (c *conversation) note(text string) {
	c.rep.Note = cut(text, longestNote)
	if criesOut(text) && c.rep.Wellbeing != tracker.NeedsHelp && c.k.Now.Sub(c.st.CriedAt) >= unreadAgain {
		c.st.CriedAt, c.callback = c.k.Now, true
	}
}

// statusSaid reads a status, and what stands beside it: the label of a button, a
// message in the form of our text messages, a cry for help with whatever follows, or
// a whole answer to "how are you?", which may be the number of a button. What lowers
// concern is believed only when nothing else is said, and unasked only where it can't
// mean anything else: "ok" is an answer to whatever was said last.
func (c *conversation) statusSaid(text string) bool {
	if word := c.statusNamed(text); word != "" {
		return c.status(word)
	}
	if form := ReadSMSForm(text); form.Keyed {
		m := ReadSMS(true, form.Unlinked(), c.near(), c.k.World)
		if m.Status == "" {
			return false
		}
		if m.Position != nil || m.Address != "" {
			c.rep.Position, c.rep.Address, c.st.Placed = m.Position, m.Address, true
		}
		c.status(m.Status)
		if m.Note != "" {
			c.note(text)
		}
		return true
	}
	digit := statusDigit.MatchString(text)
	switch status, rest := statusIn(text); {
	case status == "help" && !digit:
		c.status(status)
		if rest == "" {
			return true
		}
		if p, ok := placeInCry(rest, c.near(), c.k.World); ok && (p.Method == tracker.Pin || c.nearby(p)) {
			c.rep.Position, c.st.Placed = p, true
		}
		c.note(text)
		return true
	case status != "" && rest == "" && c.st.Ask == askStatus:
		return c.status(status)
	default:
		return false
	}
}

func cut(text string, most int) string {
	r := []rune(text)
	if len(r) <= most {
		return text
	}
	return string(r[:most-1]) + "…"
}

// near are the countries where this person's places are looked for.
func (c *conversation) near() []string {
	if c.st.Country != "" {
		return []string{c.st.Country}
	}
	return c.k.Near
}

// nearby tells whether a position lies in a country where people are looked after:
// a word that names a place somewhere in the world may mean something else.
func (c *conversation) nearby(p *tracker.Position) bool {
	for _, hit := range c.k.World.Countries(p.Point, p.RadiusM) {
		if slices.Contains(c.k.Near, hit.Code) {
			return true
		}
	}
	return false
}

// odd is something that we can't read. Whoever sends their voice may have no hand to
// write with: somebody should ring them.
func (c *conversation) odd() {
	c.silent = true
	if c.k.Now.Sub(c.st.UnreadAt) >= unreadAgain {
		c.st.UnreadAt, c.callback = c.k.Now, true
	}
	c.answer(Reply{Text: c.withHotlines(c.say("chat.odd"))})
}

// headcount reads how many people somebody speaks for, 1 to 999.
func headcount(text string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	return n, err == nil && n >= 1 && n <= 999
}

// languageNamed is the language whose own name a text is, or empty.
func languageNamed(text string) string {
	switch bareWord(text) {
	case "қазақша", "казахский", "kazakh", "қазақ тілі":
		return "kk"
	case "русский", "по-русски", "russian", "орысша":
		return "ru"
	case "english", "английский", "ағылшынша":
		return "en"
	}
	return ""
}

// writtenStatus are what people write in place of pressing a button, asked or not.
// Whole messages only: "not safe" must not be read as "safe". Cries for help are
// among statusWords.
var writtenStatus = map[string]string{
	"safe": "safe", "i am safe": "safe", "i'm safe": "safe", "i am ok": "safe", "аман": "safe", "аманмын": "safe",
	"я в безопасности": "safe", "в безопасности": "safe", "жив": "safe", "жива": "safe",
}

// statusNamed reads a status that is all of a text: the label of a button in any
// language, as channels without buttons send it, or a usual word.
func (c *conversation) statusNamed(text string) string {
	word := bareWord(text)
	for _, status := range []string{"safe", "help", "leaving", "away"} {
		for _, lang := range []string{"kk", "ru", "en"} {
			if word == bareWord(c.k.Words(lang, statusLabel(status))) {
				return status
			}
		}
	}
	return writtenStatus[word]
}

// skips tells whether a text is the label of the button that was offered to pass a
// question over, and passes it.
func (c *conversation) skips(text string) bool {
	if c.st.Ask != askPlace && c.st.Ask != askPersons && c.st.Ask != askNumber || bareWord(text) != bareWord(c.say("chat.skip")) {
		return false
	}
	if c.st.Ask == askPlace {
		c.st.Placed = true
	} else {
		c.st.Persons = true
	}
	return true
}

// bareWord is a text in small letters, without the signs around it.
func bareWord(text string) string {
	return strings.ToLower(strings.TrimFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}))
}

func statusLabel(status string) string {
	switch status {
	case "safe":
		return "citizen.safe"
	case "help":
		return "citizen.help"
	case "leaving":
		return "citizen.leaving"
	default:
		return "citizen.away"
	}
}
