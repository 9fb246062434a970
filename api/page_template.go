package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"strings"

	"aman/api/auth"
	"aman/web"
)

// noScriptCSS hides what only works with the script.
const noScriptCSS = "#locate{display:none}"

// barWords are the texts that the script of the page needs.
var barWords = []string{
	"official", "saved", "held", "offline", "retrying", "sending", "received", "next", "next_place",
	"looking", "not_found", "needed", "refused", "closed",
}

// citizenPage writes the citizen's page: one response, with a policy that lets run
// what is written in it and nothing else.
type citizenPage struct {
	template  *template.Template
	css, js   string
	policy    string
	catalogue func(lang string) map[string]string
}

func newCitizenPage(dist fs.FS, catalogue func(string) map[string]string) *citizenPage {
	source := web.Citizen()
	p := &citizenPage{
		template:  template.Must(template.New("citizen").Parse(source.Template)), // embedded: tests find a broken one
		css:       source.CSS,
		catalogue: catalogue,
	}
	if dist != nil {
		// Without a built front end the page is a plain form. A script that would end
		// its own element can't stand in a page.
		if js, err := fs.ReadFile(dist, "citizen/page.js"); err == nil && !strings.Contains(strings.ToLower(string(js)), "</script") {
			p.js = string(js)
		}
	}
	hash := func(text string) string {
		h := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(h[:]) + "'"
	}
	p.policy = "default-src 'none'; style-src " + hash(p.css) + " " + hash(noScriptCSS)
	if p.js != "" {
		p.policy += "; script-src " + hash(p.js) + "; connect-src 'self'"
	}
	p.policy += "; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
	return p
}

// linkView is what one rendering of the page says.
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
	Places           []placeGroup
	Hotlines         []hotline

	typed  url.Values        // what stood in the form
	wrong  map[string]string // field -> what is wrong with it
	listed bool              // the first place of typed is one of Places
	page   *citizenPage
}

// hotline is a number to ring.
type hotline struct{ Who, Phone string }

// Address is the number as a link.
func (h hotline) Address() template.URL {
	number := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c == '+' {
			return c
		}
		return -1
	}, h.Phone)
	return template.URL("tel:" + number) // digits and + alone
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
		links[i] = languageLink{Code: l.code, Name: l.name, Address: "?l=" + l.code, Current: l.code == v.Lang}
	}
	return links
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

// render writes the page whole, or says why it can't.
func (p *citizenPage) render(v *linkView) ([]byte, error) {
	var b bytes.Buffer
	if err := p.template.Execute(&b, v); err != nil {
		return nil, fmt.Errorf("render citizen's page: %w", err)
	}
	return b.Bytes(), nil
}

// kindOf names the kind of a link.
func kindOf(l *auth.Link) string {
	if l.Person.IsZero() {
		return "campaign"
	}
	return "personal"
}
