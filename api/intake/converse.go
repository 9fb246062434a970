package intake

import (
	"strings"
	"time"

	"aman/api/auth"
	"aman/geo/tracker"
)

// Talk is what a turn of a conversation may look at besides what came in.
type Talk struct {
	Crisis tracker.ID
	Now    time.Time
	World  *tracker.World
	// Near are the countries where a place that comes without its country is looked
	// for.
	Near []string
	// Words is the text of a key in a language ("kk", "ru", "en").
	Words func(lang, key string) string
	// Hotlines are the numbers to ring, one a line, for somebody in a country (empty:
	// not known where); empty where there are none.
	Hotlines func(country, lang string) string
	// Link is what Inbound.Start led to; nil where it led nowhere. Secret is what came
	// with its code.
	Link   *auth.Link
	Secret string
	// Heard is when the line was last stored; Gone is somebody who is no longer there,
	// or zero.
	Heard time.Time
	Gone  tracker.ID
}

// Spoken is what one turn comes to.
type Spoken struct {
	// Thread is the line's next version, to be stored iff Changed.
	Thread  tracker.Thread
	Changed bool
	// Filing is what was said, nil where nothing was. Owned tells that the line is the
	// person's own: it goes along with the filing, and gets its person.
	Filing *tracker.Filing
	Owned  bool
	// Callback asks staff to ring because of something that can't be read; or nil.
	Callback *tracker.Callback
	Replies  []Reply
}

// The words that buttons send back.
const (
	choiceLang    = "lang:"   // kk, ru, en
	choiceStatus  = "status:" // safe, help, leaving, away
	choicePersons = "persons:"
	choiceMore    = choicePersons + "more"
	choiceSkip    = "skip:" // place, persons
	choiceHide    = "hide"
	choiceAgain   = "again"
	choiceTongue  = "language"
	choiceHelp    = "help"
	choiceStop    = "stop"
)

// ChoiceHelp is the button "I need help", which some devices have too.
const ChoiceHelp = choiceStatus + "help"

// unreadAgain is how long after asking staff to ring somebody because of messages
// that can't be read they are asked again.
const unreadAgain = 6 * time.Hour

// heardEvery is how often a line is stored although nothing about it has changed, so
// that staff write to the one that somebody used last.
const heardEvery = 10 * time.Minute

// Converse makes one turn of the conversation on a line that is one person's own:
//
//	language → how are you → where → how many → receipt
//
// in any order: whatever holds something about the person is a report at once, and
// what is still missing is asked for. t is the line's next version as it would be
// without this turn (see the door); in is whole, and of that line. Converse is pure.
func Converse(in Inbound, t tracker.Thread, k Talk) Spoken {
	c := &conversation{in: in, t: t, k: k, st: readTalk(t.State)}
	c.isNew, c.before, c.langBefore, c.personBefore = t.Version == 1, c.st, t.Lang, t.Person
	if t.Lang == "" {
		c.t.Lang = orEnglish(in.Lang)
	}
	if c.st.About == k.Gone {
		c.st.About = tracker.ID{}
	}
	c.turn()
	return c.spoken()
}

// orEnglish is a language of ours: people whose phone speaks another one read English
// rather than Kazakh or Russian.
func orEnglish(lang string) string {
	if lang == "kk" || lang == "ru" {
		return lang
	}
	return "en"
}

type conversation struct {
	in Inbound
	t  tracker.Thread
	k  Talk
	st talkState

	// How the line was before this turn.
	isNew        bool
	before       talkState
	langBefore   string
	personBefore tracker.ID

	rep      tracker.Report
	replies  []Reply
	callback bool
	// silent: nothing is asked or confirmed beyond replies.
	silent bool
}

func (c *conversation) say(key string) string { return c.k.Words(c.t.Lang, key) }

func (c *conversation) answer(r Reply) { c.replies = append(c.replies, r) }

// turn reads what came in.
func (c *conversation) turn() {
	c.st.Shut = c.in.Gone
	if c.in.Gone || c.in.Back {
		c.silent = true
		return
	}
	command, rest := commandOf(c.in.Text)
	switch {
	case c.in.Choice != "":
		c.choice(c.in.Choice)
	case c.in.Start != "" || command == "start":
		c.start()
	case command != "":
		c.command(command, rest)
	default:
		c.said()
	}
}

// commandOf splits "/hide please" into "hide" and "please"; an address of a bot after
// the command ("/hide@aman_bot") is dropped. What begins otherwise is no command.
func commandOf(text string) (command, rest string) {
	after, ok := strings.CutPrefix(text, "/")
	if !ok {
		return "", text
	}
	command, rest, _ = strings.Cut(after, " ")
	command, _, _ = strings.Cut(command, "@")
	if command == "" || strings.Trim(strings.ToLower(command), "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "", text // a path, a date: nothing of ours
	}
	return strings.ToLower(command), strings.TrimSpace(rest)
}

// command does what a word with a slash asks for. One that isn't known is answered
// with help, and what stood after it is kept.
func (c *conversation) command(name, rest string) {
	switch name {
	case "hide":
		c.hide()
	case "language", "lang", "til":
		c.silent = true
		c.answer(c.languages())
	case "stop":
		c.stop()
	default:
		c.help()
		if name != "help" && rest != "" {
			c.note(c.in.Text)
		}
	}
}

// start begins the questions, perhaps by a link.
func (c *conversation) start() {
	c.silent = true
	known := !c.t.Person.IsZero()
	c.st = talkState{V: talkVersion, UnreadAt: c.st.UnreadAt, CriedAt: c.st.CriedAt, Ask: askStatus, Country: c.st.Country, Airport: c.st.Airport, About: c.st.About}
	c.follow()
	welcome := c.say("chat.welcome")
	if c.in.Start != "" && c.k.Link == nil {
		welcome += "\n\n" + c.say("chat.bad_link")
	}
	c.answer(Reply{Text: welcome, Rows: languageRows()})
	if known {
		c.answer(c.question())
	}
}

// follow takes what a link says of who writes and where they are.
func (c *conversation) follow() {
	l := c.k.Link
	if l == nil {
		return
	}
	c.st.Country, c.st.Airport, c.st.About = LinkCountry(*l, c.k.World), l.Airport, tracker.ID{}
	switch {
	case l.Person.IsZero():
	case l.Verify(c.k.Secret):
		c.t.Person = l.Person
	case c.t.Person != l.Person:
		c.st.About = l.Person
	}
}

// choice does what a button says.
func (c *conversation) choice(word string) {
	switch {
	case strings.HasPrefix(word, choiceLang):
		c.language(strings.TrimPrefix(word, choiceLang))
	case strings.HasPrefix(word, choiceStatus):
		if !c.status(strings.TrimPrefix(word, choiceStatus)) {
			c.ask()
		}
	case word == choiceMore:
		c.silent = true
		c.st.Ask = askNumber
		c.answer(Reply{Text: c.say("chat.number")})
	case strings.HasPrefix(word, choicePersons):
		if n, ok := headcount(strings.TrimPrefix(word, choicePersons)); ok {
			c.rep.Persons, c.st.Persons = n, true
		} else {
			c.ask()
		}
	case word == choiceSkip+askPlace:
		c.st.Placed = true
		c.ask()
	case word == choiceSkip+askPersons:
		c.st.Persons = true
		c.ask()
	case word == choiceHide:
		c.hide()
	case word == choiceAgain:
		c.st.Status, c.st.Placed, c.st.Persons = false, false, false
		c.ask()
	case word == choiceTongue:
		c.silent = true
		c.answer(c.languages())
	case word == choiceHelp:
		c.help()
	case word == choiceStop:
		c.stop()
	default: // a button of an older version of ours
		c.ask()
	}
}

func (c *conversation) language(lang string) {
	if lang == "kk" || lang == "ru" || lang == "en" {
		c.t.Lang = lang
	}
	c.ask()
}

// status takes one of the four answers of the link page; false for another word.
func (c *conversation) status(word string) bool {
	var r LinkReport
	if r.status(word) != nil {
		return false
	}
	c.rep.Wellbeing, c.rep.Intention = r.Wellbeing, r.Intention
	c.st.Status = true
	if r.Intention == tracker.Left {
		c.st.Placed = true // where else they are isn't asked for, as on the page
	}
	return true
}

// hide withholds where the person was. A line that isn't theirs can't: nobody may make
// somebody else vanish from the map.
func (c *conversation) hide() {
	c.silent = true
	switch {
	case !c.st.About.IsZero():
		c.answer(Reply{Text: c.withHotlines(c.say("chat.hide_call"))})
	case c.t.Person.IsZero():
		c.answer(Reply{Text: c.say("chat.hide_nothing")})
	default:
		c.rep.Flags |= tracker.FlagHide
		c.st.Here = ""
		c.answer(Reply{Text: c.say("chat.hidden"), Clear: true})
	}
}

func (c *conversation) stop() {
	c.silent = true
	c.st.Stopped, c.st.Ask = true, askNothing
	c.answer(Reply{Text: c.say("chat.stopped"), Clear: true})
}

func (c *conversation) help() {
	c.silent = true
	c.answer(Reply{Text: c.withHotlines(c.say("chat.help")), Rows: [][]Button{
		{{Label: c.say("chat.again"), Choice: choiceAgain}},
		{{Label: c.say("chat.hide"), Choice: choiceHide}, {Label: c.say("chat.language"), Choice: choiceTongue}},
	}})
}

// ask asks for what is missing, with nothing to confirm.
func (c *conversation) ask() {
	c.silent = true
	c.st.Ask = c.st.next()
	c.answer(c.question())
}
