package api

import (
	"net/http"
	"slices"

	"golang.org/x/text/language"
)

// pageLanguages are the languages that pages are written in, the default first,
// each with its own name.
var pageLanguages = []struct{ code, name string }{{"kk", "Қазақша"}, {"ru", "Русский"}, {"en", "English"}}

// pageLanguage is the language of a page: the one chosen by hand, else the one that
// the browser likes best of those there are, else Kazakh.
func pageLanguage(chosen string, req *http.Request) string {
	known := func(code string) bool {
		return slices.ContainsFunc(pageLanguages, func(l struct{ code, name string }) bool { return l.code == code })
	}
	if known(chosen) {
		return chosen
	}
	// A header that can't be read says nothing; the tags come best first.
	tags, _, _ := language.ParseAcceptLanguage(req.Header.Get("Accept-Language"))
	for _, tag := range tags {
		if base, sure := tag.Base(); sure >= language.High && known(base.String()) {
			return base.String()
		}
	}
	return pageLanguages[0].code
}
