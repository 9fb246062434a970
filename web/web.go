// Package web embeds what the browser gets: the built pages and the one
// catalogue of texts that Go and TypeScript share.
package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"sync"
)

//go:embed all:dist i18n/*.json
var files embed.FS

// Languages are the languages of the catalogue, the default one first.
var Languages = []string{"kk", "ru", "en"}

// The catalogue is part of the program: a broken one can only be a broken
// build, which the tests find, so reading it panics rather than fails.
var catalogues = sync.OnceValue(func() map[string]map[string]string {
	all := make(map[string]map[string]string, len(Languages))
	for _, lang := range Languages {
		text, err := files.ReadFile("i18n/" + lang + ".json")
		if err != nil {
			panic(fmt.Sprintf("read catalogue %s: %v", lang, err))
		}
		texts := make(map[string]string)
		if err := json.Unmarshal(text, &texts); err != nil {
			panic(fmt.Sprintf("parse catalogue %s: %v", lang, err))
		}
		all[lang] = texts
	}
	return all
})

// Catalogue returns the texts of a language ("kk", "ru" or "en") by key; those
// of the default language for any other. Placeholders stand in braces: {n}.
// The map is shared: read it, don't change it.
func Catalogue(lang string) map[string]string {
	if texts, ok := catalogues()[lang]; ok {
		return texts
	}
	return catalogues()[Languages[0]]
}

// Dist returns the built pages: index.html, and assets/ with names that change
// with their content. Before the first build of the front end it holds only a
// placeholder.
func Dist() fs.FS {
	dist, err := fs.Sub(files, "dist")
	if err != nil {
		panic(fmt.Sprintf("open embedded pages: %v", err)) // "dist" is a valid path
	}
	return dist
}
