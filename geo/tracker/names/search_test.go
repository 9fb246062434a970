package names_test

import (
	"slices"
	"strings"
	"testing"

	"aman/geo/tracker/names"
)

func TestMatch(t *testing.T) {
	person := names.Searchable("Үсенов Шыңғыс Болатұлы", "USSENOV SHYNGYS", "KZ-TUR-07", "+7 701 123-45-67", "@shyngys_85")
	for _, c := range []struct {
		query string
		want  bool
	}{
		{"", false},
		{"   ", false},
		{"Chingiz", true},
		{"Chingiz Ussenov", true},
		{"ussenov, chingiz", true},
		{"Усен", true},
		{"us shyn", true},
		{"Үсенова", true}, // of a wife's paper
		{"Шынгыс Болатович", true},
		{"Chingiz Ahmetov", false},
		{"Сағын", false},
		{"kz-tur-07", true},
		{"tur 08", false},
		{"8 701 123 45 67", true},
		{"+7 (701) 123", true},
		{"4567", true},
		{"4568", false},
		{"shyngys_85", true},
		{"!", false},
	} {
		t.Run(c.query, func(t *testing.T) {
			q := names.NewQuery(c.query)
			if got := q.Match(person); got != c.want {
				t.Errorf("%v in %q", got, person)
			}
			if q.Empty() && c.want {
				t.Error("an empty question")
			}
		})
	}
}

func TestArabicScript(t *testing.T) {
	for _, c := range []struct{ query, stored string }{
		{"Мұхаммед", "محمد"},
		{"Muhammad", "محمد کریمی"},
		{"محمد", "Mohammed"},
		{"کریم", "كريم"},
	} {
		if q := names.NewQuery(c.query); !q.Match(names.Searchable(c.stored)) {
			t.Errorf("%q doesn't find %q", c.query, c.stored)
		}
	}
}

// TestTyping: a name is found as it is typed, from the first letter on. A stop
// inside letters that make one sound (дж, айе) may lose it, until the next one.
func TestTyping(t *testing.T) {
	typed, lost := 0, 0
	for _, c := range communities {
		for _, name := range slices.Concat(c.men, c.women, c.surname) {
			searchable := names.Searchable(name)
			runes := []rune(name)
			found := true
			for n := 1; n <= len(runes); n++ {
				q := names.NewQuery(string(runes[:n]))
				before := found
				found = q.Match(searchable)
				if typed++; found {
					continue
				}
				lost++
				if !before || n == len(runes) {
					t.Errorf("%q doesn't find %q (%q)", string(runes[:n]), name, searchable)
				}
			}
		}
	}
	if lost*200 > typed {
		t.Errorf("lost at %d of %d letters typed", lost, typed)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("Үсенов Шыңғыс", "Chingiz")
	f.Add("Jusuf Xasan Victor", "8 701 123 45 67")
	f.Add("\n.A\n", "sch.")
	f.Add("محمد", "\xff")
	f.Fuzz(func(t *testing.T, text, query string) {
		s := names.Searchable(text)
		q := names.NewQuery(query)
		q.Match(s)
		if own := names.NewQuery(text); !own.Empty() && !own.Match(s) {
			t.Errorf("%q isn't found by itself in %q", text, s)
		}
		if strings.Contains(s, " ") {
			t.Errorf("%q has a space", s)
		}
	})
}

// TestLikeOrdersWhatIsFound: as asked for, begun, within, and by sound alone.
func TestLikeOrdersWhatIsFound(t *testing.T) {
	for _, c := range []struct {
		query string
		names []string // the most alike first
	}{
		{"Усенов", []string{"Үсенов Шыңғыс", "Үсенова Әлия", "Үсен Болат"}},
		{"Chingiz", []string{"Чингиз Ахметов", "Шыңғыс Ахметов", "Қуаныш Ахметов"}},
		{"asel", []string{"Әсел Нұр", "Aselya Nur", "Zhasel Nur"}},
	} {
		q := names.NewQuery(c.query)
		last := 101
		for _, name := range c.names {
			like := q.Like(names.Searchable(name))
			t.Logf("%s ~ %s: %d", c.query, name, like)
			if like < 0 || like >= last {
				t.Errorf("%s ~ %s: %d, after %d", c.query, name, like, last)
			}
			last = like
		}
	}
	if q := names.NewQuery("Асель"); q.Like(names.Searchable("Асель")) != 100 {
		t.Error("the same isn't 100")
	}
}
