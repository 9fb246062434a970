package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"io/fs"
	"strings"

	"aman/web"
)

// noScriptCSS hides what only works with the script.
const noScriptCSS = "#locate{display:none}"

// barWords are the texts that the script of the page needs.
var barWords = []string{
	"official", "saved", "held", "offline", "retrying", "sending", "received", "next", "next_place",
	"looking", "not_found", "needed", "refused", "closed", "read", "dismiss",
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
		template:  template.Must(template.New("citizen").Parse(source.Template + source.Sheets)), // embedded: tests find a broken one
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

// render writes the page whole, or says why it can't.
func (p *citizenPage) render(v *linkView) ([]byte, error) {
	var b bytes.Buffer
	if err := p.template.Execute(&b, v); err != nil {
		return nil, fmt.Errorf("render citizen's page: %w", err)
	}
	return b.Bytes(), nil
}
