package api

import (
	"html/template"
	"net/url"
	"slices"
	"strings"

	"aman/api/auth"
	"aman/api/intake"
)

// sheet is one of a link's pages.
type sheet uint8

const (
	sheetForm sheet = iota
	sheetData
	sheetMap
)

// linkView is what one rendering of a page says.
type linkView struct {
	Lang string
	Code string
	// Kind is "personal" or "campaign".
	Kind string
	// ID makes a form that is sent twice one report; Guest tells that the next form
	// is about the same person.
	ID, Guest string
	// Closed is the text that says why the link takes nothing; empty when it does.
	Closed string
	// Receipt thanks for the report before; Problem says what is wrong with it.
	Receipt, Problem string
	// Sheet is which of the link's pages this is.
	Sheet sheet
	// More opens what isn't asked first; Minor asks of a child.
	More, Minor bool
	// CanHide tells that the reader has the secret to hide places with.
	CanHide bool
	// SMS is the number that takes reports by SMS; Tracking tells whether an app may
	// send places. Both are settings.
	SMS      string
	Tracking bool
	// Map is the picture to tap on sheetMap, and View what of the earth it shows.
	Map  template.URL
	View string

	Places   []placeGroup
	Hotlines []hotline

	typed  url.Values        // what stood in the form
	wrong  map[string]string // field -> what is wrong with it
	listed bool              // the first place of typed is one of Places
	page   *citizenPage
}

// hotline is a number to ring.
type hotline struct{ Who, Phone string }

// Address is the number as a link.
func (h hotline) Address() template.URL {
	return template.URL("tel:" + dialling(h.Phone))
}

// dialling is a number as digits and + alone.
func dialling(phone string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c == '+' {
			return c
		}
		return -1
	}, phone)
}

// T is a text of the page.
func (v *linkView) T(key string) string {
	for _, lang := range []string{v.Lang, "en"} {
		if t, ok := v.page.catalogue(lang)["citizen."+key]; ok {
			return t
		}
	}
	return key
}

// Word is a word of the domain, which all pages share.
func (v *linkView) Word(key string) string { return v.page.catalogue(v.Lang)["word."+key] }

func (v *linkView) CSS() template.CSS         { return template.CSS(v.page.css) } // ours
func (v *linkView) NoScriptCSS() template.CSS { return noScriptCSS }
func (v *linkView) JS() template.JS           { return template.JS(v.page.js) } // ours

// Other is the ending of the label's key for the place that is typed.
func (v *linkView) Other() string {
	if len(v.Places) > 0 {
		return "_other"
	}
	return ""
}

// Words are the texts for the script.
func (v *linkView) Words() map[string]string {
	words := make(map[string]string, len(barWords))
	for _, key := range barWords {
		words[key] = v.T(key)
	}
	if v.Closed != "" { // there is nothing that could be told next
		words["next"], words["next_place"] = "", ""
	}
	return words
}

// languageLink is one language to choose.
type languageLink struct {
	Code, Name, Address string
	Current             bool
}

// Languages are the languages to choose from.
func (v *linkView) Languages() []languageLink {
	links := make([]languageLink, len(pageLanguages))
	for i, l := range pageLanguages {
		links[i] = languageLink{Code: l.code, Name: l.name, Address: v.address() + "?l=" + l.code, Current: l.code == v.Lang}
	}
	return links
}

// address is where the page is had again without sending anything.
func (v *linkView) address() string {
	if v.Sheet == sheetData && v.Closed == "" {
		return "/s/" + v.Code + "/data"
	}
	return "/s/" + v.Code
}

// Statuses are the four buttons.
func (v *linkView) Statuses() []string { return []string{"safe", "help", "leaving", "away"} }

// Bar is what the bar says before the script takes it over, and Look how it looks.
func (v *linkView) Bar() string {
	switch {
	case v.Problem != "":
		return v.Problem
	case v.Receipt != "":
		return v.Receipt
	default:
		return v.T("official")
	}
}

func (v *linkView) Look() string {
	switch {
	case v.Problem != "":
		return "warn"
	case v.Receipt != "":
		return "received"
	default:
		return ""
	}
}

// fieldView is one field of the form.
type fieldView struct{ Name, Value, Error string }

// Field is what to show of a field: what was typed, and what is wrong with it.
func (v *linkView) Field(name string) fieldView {
	f := fieldView{Name: name, Value: v.typed.Get(name), Error: v.wrong[name]}
	if name == "place" || name == "status" {
		values := v.typed[name] // the list's choice, then what was typed; the button of before, then of now
		if name == "place" && v.listed {
			values = values[1:]
		}
		f.Value = ""
		if n := len(values); n > 0 {
			f.Value = values[n-1]
		}
	}
	return f
}

// CanCall tells whether a closed link still takes a call for help.
func (v *linkView) CanCall() bool {
	return v.Closed == "closed_expired" || v.Closed == "closed_revoked"
}

// Scripted tells whether the page has the script: the form's, and that of a closed
// link, from which a phone still sends what was said before.
func (v *linkView) Scripted() bool {
	return v.page.js != "" && (v.CanCall() || v.Closed == "" && v.Sheet == sheetForm)
}

// OnData and OnMap tell which page it is.
func (v *linkView) OnData() bool { return v.Sheet == sheetData }
func (v *linkView) OnMap() bool  { return v.Sheet == sheetMap }

// tick is one of several things to tick or to choose from.
type tick struct {
	Value, Label string
	On           bool
}

// Needs are what somebody can say that they need.
func (v *linkView) Needs() []tick {
	return v.ticks("needs", "need.", "medical", "medicine", "shelter", "documents", "money", "evacuation")
}

// Tell are those whom we may tell.
func (v *linkView) Tell() []tick { return v.ticks("tell", "tell.", "nobody", "family", "named") }

func (v *linkView) ticks(field, word string, values ...string) []tick {
	ts := make([]tick, len(values))
	for i, value := range values {
		ts[i] = tick{value, v.Word(word + value), slices.Contains(v.typed[field], value)}
	}
	return ts
}

// Open tells whether what isn't asked first is shown: somebody needs help, or
// filled some of it in.
func (v *linkView) Open() bool {
	for _, name := range []string{"needs", "medicine_days", "tell", "tell_names", "child"} {
		if v.typed.Get(name) != "" {
			return true
		}
	}
	return v.More
}

// Pinned tells whether a point was chosen on the map.
func (v *linkView) Pinned() bool { return v.typed.Get("pin_m") != "" }

// carried is a field of the form that another page sends along.
type carried struct{ Name, Value string }

// Carried are all fields of the form as they were typed, but those of the map.
func (v *linkView) Carried() []carried {
	var cs []carried
	for _, name := range intake.LinkFields() {
		switch name {
		case "lon", "lat", "pin_m", "id", "lang", "secret":
			continue
		}
		for _, value := range v.typed[name] {
			if value != "" {
				cs = append(cs, carried{name, value})
			}
		}
	}
	return cs
}

// SMSBody is how a message begins that says who it is from.
func (v *linkView) SMSBody() string { return "KZ " + v.Code + " " }

// SMSAddress is the number as a link that begins the message.
func (v *linkView) SMSAddress() template.URL {
	return template.URL("sms:" + dialling(v.SMS) + "?body=" + strings.ReplaceAll(v.SMSBody(), " ", "%20")) // digits and a code
}

// kindOf names the kind of a link.
func kindOf(l *auth.Link) string {
	if l.Person.IsZero() {
		return "campaign"
	}
	return "personal"
}
