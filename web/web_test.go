package web

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var placeholder = regexp.MustCompile(`\{\w+\}`)

func placeholders(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// Oracle: the languages hold each other to account. A key of one must be in
// all, say something, and take the same values.
func TestCatalogueIsWhole(t *testing.T) {
	for _, lang := range Languages {
		for key, text := range Catalogue(lang) {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s: %s is empty", lang, key)
			}
			for _, other := range Languages {
				translated, ok := Catalogue(other)[key]
				if !ok {
					t.Errorf("%s: %s is missing (%s has it)", other, key, lang)
					continue
				}
				if a, b := placeholders(text), placeholders(translated); !slices.Equal(a, b) {
					t.Errorf("%s: %s takes %v in %s and %v in %s", key, key, a, lang, b, other)
				}
			}
		}
	}
}

func TestUnknownLanguageIsTheDefault(t *testing.T) {
	if got, want := Catalogue("xx")["word.level.1"], Catalogue("kk")["word.level.1"]; got != want || got == "" {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A key in a source is a literal, or a literal prefix that ends in a dot and
// goes on with a value: `word.state.${zone.state}`, "word.state." + state.
var (
	usedInTypeScript = regexp.MustCompile("['\"`]((?:console|word|error|citizen)\\.[A-Za-z0-9_.]*)")
	usedInGo         = regexp.MustCompile("[\"`]((?:word|citizen|chat|sms)\\.[A-Za-z0-9_.]+)[\"`]")
)

// Oracle: the sources. Each key that they name exists, and no key is kept that
// nobody names.
func TestCatalogueMatchesTheSources(t *testing.T) {
	used := map[string]string{}
	scan := func(root string, key *regexp.Regexp, extensions ...string) {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() {
				if entry.Name() == "node_modules" || entry.Name() == "dist" {
					return filepath.SkipDir
				}
				return nil
			}
			if !slices.Contains(extensions, filepath.Ext(path)) || strings.Contains(path, "_test.go") || strings.Contains(path, ".test.ts") {
				return nil
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, match := range key.FindAllSubmatch(source, -1) {
				used[string(match[1])] = path
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	scan("src", usedInTypeScript, ".ts", ".svelte", ".html", ".mjs")
	for _, folder := range []string{"../api", "../cmd", "../geo", "../data"} {
		scan(folder, usedInGo, ".go", ".html", ".tmpl", ".gohtml")
	}
	keys := Catalogue("en")
	prefixes := []string{}
	for key, path := range used {
		if prefix, ok := strings.CutSuffix(key, "."); ok {
			prefixes = append(prefixes, prefix+".")
			if !slices.ContainsFunc(mapKeys(keys), func(k string) bool { return strings.HasPrefix(k, key) }) {
				t.Errorf("%s names %s…, and no key begins so", path, key)
			}
			continue
		}
		if _, ok := keys[key]; !ok {
			t.Errorf("%s names %s, which the catalogue lacks", path, key)
		}
	}
	for key := range keys {
		if strings.HasPrefix(key, "citizen.") {
			continue // the citizen's page has its own test
		}
		if _, ok := used[key]; !ok && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
			t.Errorf("nobody uses %s", key)
		}
	}
}

func mapKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	return keys
}
