package intake

import (
	"bytes"
	"cmp"
	"strings"

	"aman/geo/tracker"
)

// question is what is asked now; without one, what to do when things change.
func (c *conversation) question() Reply {
	skip := []Button{{Label: c.say("chat.skip"), Choice: choiceSkip + c.st.Ask}}
	switch c.st.Ask {
	case askStatus:
		r := Reply{Text: c.say("citizen.how"), Menu: c.say("chat.choose")}
		for _, status := range []string{"safe", "help", "leaving", "away"} {
			r.Rows = append(r.Rows, []Button{{Label: c.say(statusLabel(status)), Choice: choiceStatus + status}})
		}
		return r
	case askPlace:
		return Reply{Text: c.say("chat.where"), AskPlace: c.say("chat.send_place"), Rows: [][]Button{skip}}
	case askPersons:
		var numbers []Button
		for _, n := range []string{"1", "2", "3", "4"} {
			numbers = append(numbers, Button{Label: n, Choice: choicePersons + n})
		}
		numbers = append(numbers, Button{Label: "5+", Choice: choiceMore})
		return Reply{Text: c.say("chat.persons"), Rows: [][]Button{numbers, skip}, Menu: c.say("chat.choose"), Clear: true}
	case askNumber:
		return Reply{Text: c.say("chat.number")}
	default:
		return Reply{Text: c.withHotlines(c.say("citizen.next")), Clear: true}
	}
}

func languageRows() [][]Button {
	return [][]Button{{
		{Label: "Қазақша", Choice: choiceLang + "kk"},
		{Label: "Русский", Choice: choiceLang + "ru"},
		{Label: "English", Choice: choiceLang + "en"},
	}}
}

func (c *conversation) languages() Reply {
	return Reply{Text: c.say("chat.choose_language"), Rows: languageRows()}
}

// withHotlines adds the numbers to ring.
func (c *conversation) withHotlines(text string) string {
	numbers := c.k.Hotlines(cmp.Or(c.st.Here, c.st.Country), c.t.Lang)
	if numbers == "" {
		return text
	}
	return text + "\n\n" + c.say("citizen.hotline") + ":\n" + numbers
}

// spoken ends the turn: the report, if there is one, the confirmation with the next
// question, and the state.
func (c *conversation) spoken() Spoken {
	out := Spoken{Owned: c.st.About.IsZero()}
	if c.rep.Says() {
		out.Filing = c.filing()
		if country := c.countryOf(out.Filing); country != "" {
			c.st.Here = country
		}
		if !c.silent && !c.in.Quiet {
			c.confirm()
		}
	}
	if !c.in.Gone && !c.in.Back && !c.in.Quiet && c.before.Stopped && c.in.Choice != choiceStop {
		if command, _ := commandOf(c.in.Text); command != "stop" {
			c.st.Stopped = false // they write to us again
		}
	}
	if c.callback {
		out.Callback = c.unreadable()
	}
	state := c.st.encode()
	out.Changed = c.isNew || c.k.Now.Sub(c.k.Heard) >= heardEvery || !bytes.Equal(state, c.before.encode()) || c.t.Lang != c.langBefore || c.t.Person != c.personBefore
	c.t.State = state
	out.Thread, out.Replies = c.t, c.replies
	return out
}

// confirm says that the report is stored, and asks on. Who needs help is told whom to
// ring before anything else.
func (c *conversation) confirm() {
	received := strings.ReplaceAll(c.say("citizen.received"), "{time}", c.k.Now.UTC().Format("15:04")+" UTC")
	switch {
	case c.rep.Wellbeing == tracker.NeedsHelp:
		received = c.withHotlines(received + "\n" + c.say("chat.help_coming"))
	case c.callback: // perhaps a cry for help
		received = c.withHotlines(received)
	}
	c.st.Ask = c.st.next()
	q := c.question()
	q.Text = received + "\n\n" + q.Text
	c.answer(q)
}

// countryOf is where the filing says that somebody is, or empty.
func (c *conversation) countryOf(f *tracker.Filing) string {
	if p := f.Report.Position; p != nil {
		if hits := c.k.World.Countries(p.Point, p.RadiusM); len(hits) > 0 {
			return hits[0].Code
		}
	}
	return ""
}

// filing is the report with whom it is about: the line's person, or whose link it came
// by, or somebody new.
func (c *conversation) filing() *tracker.Filing {
	f := &tracker.Filing{Report: c.rep}
	r := &f.Report
	r.Crisis, r.Channel, r.Source = c.k.Crisis, c.in.Channel, c.t.ID
	r.FixedAt, r.SentAt = c.in.FixedAt, c.in.SentAt
	r.Flags |= c.in.Flags & tracker.ReportFlags
	switch {
	case !c.st.About.IsZero():
		r.Person = c.st.About
		r.Flags |= tracker.FlagLowTrust
	case !c.t.Person.IsZero():
		r.Person = c.t.Person
	default:
		f.Person = c.newPerson(r)
	}
	return f
}

// newPerson is somebody who writes for the first time, placed where their link says
// unless they say where they are, or that they have left.
func (c *conversation) newPerson(r *tracker.Report) *tracker.Person {
	p := &tracker.Person{Crisis: c.k.Crisis, Category: tracker.CategoryUnknown, Stay: tracker.StayUnknown, Persons: max(r.Persons, 1)}
	p.Details.Name = c.in.Name
	if c.in.Phone != "" {
		p.Details.Phones = []string{c.in.Phone}
	}
	if c.in.Handle != "" {
		p.Details.Handles = []string{c.in.Handle}
	}
	if r.Intention == tracker.Left {
		return p
	}
	p.Country = c.st.Country
	if c.st.Airport != "" && r.Position == nil && r.Address == "" {
		r.Position, _ = AirportPosition(c.st.Airport, c.k.World) // nil where the airport is no longer known
	}
	return p
}

// unreadable asks staff to ring, with the words that nobody is sure of.
func (c *conversation) unreadable() *tracker.Callback {
	return &tracker.Callback{
		ID: tracker.NewID(), Version: 1, Crisis: c.k.Crisis, Kind: tracker.CallbackUnreadable, State: tracker.CallbackOpen,
		Person: c.t.Person, Thread: c.t.ID, Phone: c.in.Phone, Text: c.rep.Note, CreatedAt: c.k.Now, RecordedAt: c.k.Now,
	}
}
