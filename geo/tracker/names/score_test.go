package names_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"aman/geo/tracker/names"
)

func TestReasons(t *testing.T) {
	base := names.Identity{
		Name: "Үсенов Шыңғыс Болатұлы", BirthDate: "1990-02-03", Sex: names.Male,
		Phones: []string{"+77011234567"}, Party: "p1", Tour: "KZ07", Place: "Doha",
	}
	for _, c := range []struct {
		name        string
		change      func(*names.Identity)
		least, most float64
		want        []string
	}{
		{"itself", func(*names.Identity) {}, 0.99, 1, []string{"name", "birth_date", "phone", "party", "tour", "place"}},
		{"passport spelling, given name first", func(d *names.Identity) {
			*d = names.Identity{Name: "SHYNGYS USSENOV", BirthDate: d.BirthDate}
		}, 0.9, 1, []string{"name", "name_order", "name_parts", "birth_date"}},
		{"initials", func(d *names.Identity) {
			*d = names.Identity{Name: "Усенов Ш.Б.", BirthDate: d.BirthDate}
		}, 0.5, 1, []string{"name", "name_parts", "birth_date"}},
		{"typing error", func(d *names.Identity) {
			*d = names.Identity{Name: "Усенво Шынгыс"}
		}, 0.3, 0.9, []string{"name_like", "name_parts"}},
		{"name only", func(d *names.Identity) { *d = names.Identity{Name: d.Name} }, 0.5, 0.95, []string{"name"}},
		{"day and month swapped", func(d *names.Identity) {
			*d = names.Identity{Name: d.Name, BirthDate: "1990-03-02"}
		}, 0.9, 1, []string{"name", "birth_date_transposed"}},
		{"one digit", func(d *names.Identity) {
			*d = names.Identity{Name: d.Name, BirthDate: "1990-02-08"}
		}, 0.5, 1, []string{"name", "birth_date_near"}},
		{"namesake", func(d *names.Identity) {
			*d = names.Identity{Name: d.Name, BirthDate: "1971-12-30"}
		}, 0.05, 0.5, []string{"name", "conflicting_birth_date"}},
		{"twin", func(d *names.Identity) {
			*d = names.Identity{Name: "Үсенов Ерлан Болатұлы", BirthDate: d.BirthDate, Phones: d.Phones}
		}, 0, 0.5, []string{"conflicting_name", "birth_date", "phone"}},
		{"wife of the same phone", func(d *names.Identity) {
			*d = names.Identity{Name: "Үсенова Гүлнар", Sex: names.Female, Phones: d.Phones}
		}, 0, 0.1, []string{"conflicting_name", "phone", "conflicting_sex"}},
		{"phone dialled inside", func(d *names.Identity) {
			*d = names.Identity{Name: "Шыңғыс", Phones: []string{"8 (701) 123-45-67"}}
		}, 0.2, 0.9, []string{"name", "name_parts", "phone"}},
		{"a phone alone", func(d *names.Identity) { *d = names.Identity{Phones: d.Phones} }, 0, 0.1, []string{"phone"}},
		{"nothing known", func(d *names.Identity) { *d = names.Identity{} }, 0, 0.05, nil},
		{"written together", func(d *names.Identity) {
			*d = names.Identity{Name: "Усен ов Шынгыс", BirthDate: "1990-13-40"}
		}, 0.5, 0.95, []string{"name", "name_parts"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := base
			c.change(&d)
			score, why := names.Score(names.Prepare(&base), names.Prepare(&d))
			if score < c.least || score > c.most {
				t.Errorf("score %.3f, want %v to %v", score, c.least, c.most)
			}
			if got := why.Words(); !slices.Equal(got, c.want) {
				t.Errorf("because of %v, want %v", got, c.want)
			}
		})
	}
}

// checkScore holds what Score promises of any two.
func checkScore(t *testing.T, a, b *names.Identity) {
	t.Helper()
	p, q := names.Prepare(a), names.Prepare(b)
	there, why := names.Score(p, q)
	back, whyBack := names.Score(q, p)
	if there != back || why != whyBack {
		t.Errorf("%+v, %+v: %v %v there, %v %v back", a, b, there, why.Words(), back, whyBack.Words())
	}
	if !(there >= 0 && there <= 1) {
		t.Errorf("%+v, %+v: score %v", a, b, there)
	}
	if self, _ := names.Score(p, p); there > self+1e-12 {
		t.Errorf("%+v scores %v with %+v, more than %v with itself", a, there, b, self)
	}
}

func TestScoreProperties(t *testing.T) {
	const seed = 11
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	all := population(3000, r)
	for range 8000 / share {
		h := all[r.IntN(len(all))]
		p := makePair(h, all, r)
		d := h.stored()
		checkScore(t, &d, &p.ask)
		d = all[r.IntN(len(all))].stored()
		checkScore(t, &d, &p.ask)
	}
}

func FuzzScore(f *testing.F) {
	f.Add("Үсенов Шыңғыс Болатұлы", "USSENOV SHYNGYS", "1990-02-03", "Chingiz Ussenov", "Jusuf x c", "1990-03-02")
	f.Add("A. B. C. D. E. F. G.", "a a a a", "", "a a b b", "a", "2000-02-31")
	f.Add("bin ibn uli kizi", "Ali bin", "x", "uli Ali", "Нур Султан", "9999-99-99")
	f.Add("محمد علی", "Mohammed Ali", "1970-01-01", "Мұхаммедәлі", "\xff\xfe", "1970-01-01")
	f.Fuzz(func(t *testing.T, name, latin, birth, name2, latin2, birth2 string) {
		a := names.Identity{Name: name, Latin: latin, BirthDate: birth, Phones: []string{birth}}
		b := names.Identity{Name: name2, Latin: latin2, BirthDate: birth2, Phones: []string{birth2}}
		checkScore(t, &a, &b)
		checkScore(t, &a, &names.Identity{Name: latin, Latin: name2})
		var x names.Index
		x.Add(3, names.Prepare(&a))
		x.Suggest(names.Prepare(&b), 5)
		x.Remove(3)
		if s := x.Suggest(names.Prepare(&a), 5); x.Len() != 0 || len(s) != 0 {
			t.Errorf("removed, but suggested: %v", s)
		}
	})
}
