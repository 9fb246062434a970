package web

import (
	_ "embed"
	"io/fs"
)

var (
	//go:embed src/citizen/page.html
	citizenTemplate string
	//go:embed src/citizen/page.css
	citizenCSS string
)

// CitizenPage is the source of the citizen's page, which goes out as one response.
type CitizenPage struct {
	// Template is an html/template.
	Template string
	CSS      string
	// Script is the built page.ts; empty where the front end wasn't built: then the
	// page is a plain form.
	Script string
}

// Citizen returns the citizen's page.
func Citizen() CitizenPage {
	script, err := fs.ReadFile(Dist(), "citizen/page.js")
	if err != nil {
		script = nil // a plain `go build`
	}
	return CitizenPage{Template: citizenTemplate, CSS: citizenCSS, Script: string(script)}
}
