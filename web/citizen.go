package web

import _ "embed"

var (
	//go:embed src/citizen/page.html
	citizenTemplate string
	//go:embed src/citizen/data.html
	citizenData string
	//go:embed src/citizen/map.html
	citizenMap string
	//go:embed src/citizen/page.css
	citizenCSS string
	//go:embed src/citizen/poster.html
	citizenPoster string
	//go:embed src/citizen/poster.css
	citizenPosterCSS string
)

// CitizenPage is the source of the citizen's page, which goes out as one response.
// Its script, where the front end was built, is citizen/page.js of Dist; without it
// the page is a plain form.
type CitizenPage struct {
	Template string // an html/template
	Sheets   string // templates that it names: of what is held, and of the map
	CSS      string
	// Poster is the html/template of a page to print, with its own styles.
	Poster, PosterCSS string
}

// Citizen returns the source of the citizen's page.
func Citizen() CitizenPage {
	return CitizenPage{Template: citizenTemplate, Sheets: citizenData + citizenMap, CSS: citizenCSS, Poster: citizenPoster, PosterCSS: citizenPosterCSS}
}
