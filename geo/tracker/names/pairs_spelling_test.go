package names_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
)

// spellings are the rules of PAIRS.md. Each gets a name in lower case as the
// lists have it.
var spellings = []struct {
	name  string
	write func(s string, r *rand.Rand) string
}{
	{"kazakh", func(s string, _ *rand.Rand) string { return s }},
	{"russified", func(s string, _ *rand.Rand) string { return russified(s) }},
	{"passport", func(s string, _ *rand.Rand) string { return passport.Replace(s) }},
	{"icao", func(s string, _ *rand.Rand) string { return icao.Replace(russified(s)) }},
	{"gost", func(s string, _ *rand.Rand) string { return gost.Replace(russified(s)) }},
	{"bgn", func(s string, _ *rand.Rand) string { return bgn(s) }},
	{"latin2021", func(s string, _ *rand.Rand) string { return latin2021.Replace(s) }},
	{"plain2021", func(s string, _ *rand.Rand) string { return unmarked.Replace(latin2021.Replace(s)) }},
	{"english", english},
	{"turkish", func(s string, _ *rand.Rand) string { return turkish.Replace(russified(s)) }},
	{"german", func(s string, _ *rand.Rand) string { return german.Replace(russified(s)) }},
}

// letters makes a replacer of "а a" lines: pairs parted by spaces, "_" for
// nothing, after the letters that nearly every rule shares.
func letters(pairs string) *strings.Replacer {
	const shared = `а a б b в v г g д d е e з z и i к k л l м m н n о o п p р r с s т t у u ф f`
	own := strings.Fields(pairs)
	seen := map[string]bool{}
	for i := 0; i < len(own); i += 2 {
		seen[own[i]] = true
		own[i+1] = strings.ReplaceAll(own[i+1], "_", "")
	}
	rest := strings.Fields(shared)
	for i := 0; i < len(rest); i += 2 {
		if !seen[rest[i]] {
			own = append(own, rest[i], rest[i+1])
		}
	}
	return strings.NewReplacer(own...)
}

var (
	toRussian = strings.NewReplacer("ңғ", "нг", "ә", "а", "ғ", "г", "қ", "к", "ң", "н", "ө", "о", "ұ", "у", "ү", "у", "һ", "х", "і", "и")
	hushed    = strings.NewReplacer("шы", "ши", "жы", "жи", "чы", "чи")

	passport = letters(`ж zh х kh ш sh ч ch щ shch ц ts ю yu я ya й y ы y і i ё yo э e ә a ғ g қ k ң n ө o ұ u ү u һ h ь _ ъ _`)
	icao     = letters(`ж zh х kh ш sh ч ch щ shch ц ts ю iu я ia й i ы y ё e э e ь _ ъ ie`)
	gost     = letters(`ж zh х x ш sh ч ch щ shh ц cz ю yu я ya й j ы y' ё yo э e' ь ' ъ ''`)
	bgnRest  = letters(`ж zh х kh ш sh ч ch щ shch ц ts ю yu я ya й y ы y і i ё yë э e ә a ғ gh қ q ң ng ө ö ұ u ү ü һ h ь ’ ъ ”`)

	latin2021 = letters(`ж j х h ш ş ч ch щ ş ц ts ю iu я ia й i ы y і i ё io э e ә ä ғ ğ қ q ң ñ ө ö ұ ū ү ü һ h ь _ ъ _`)
	unmarked  = strings.NewReplacer("ş", "s", "ä", "a", "ğ", "g", "ñ", "n", "ö", "o", "ū", "u", "ü", "u")

	turkish = letters(`ж c х h ш ş ч ç щ ş ц ts ю yu я ya й y ы ı ё yo э e ь _ ъ _`)
	german  = letters(`в w з s ж dsch х ch ш sch ч tsch щ schtsch ц z ю ju я ja й j ы y ё jo э e ь _ ъ _`)
)

func russified(s string) string { return hushed.Replace(toRussian.Replace(s)) }

// bgn writes е as ye at the start of a word and after vowels.
func bgn(s string) string {
	var b strings.Builder
	last := ' '
	for _, r := range s {
		if r == 'е' && strings.ContainsRune(" -аәеёиоөуұүыіэюяйьъ", last) {
			b.WriteString("ye")
		} else {
			b.WriteRune(r)
		}
		last = r
	}
	return bgnRest.Replace(b.String())
}

// english draws each folk habit by itself.
func english(s string, r *rand.Rand) string {
	one := func(of ...string) string { return of[r.IntN(len(of))] }
	l := letters("ж " + one("zh", "j") + " х " + one("kh", "h") + " ш sh ч ch щ sch ц ts ю " + one("yu", "iu") + " я " + one("ya", "ia") +
		" й " + one("y", "i") + " ы " + one("y", "i") + " і i ё " + one("yo", "e") + " э e ә a ғ " + one("g", "gh") + " қ " + one("k", "q") +
		" ң " + one("n", "ng") + " ө o ұ u ү u һ h ь _ ъ _")
	open := strings.HasPrefix(s, "е") && r.IntN(2) == 0
	out := l.Replace(s)
	if open {
		out = "y" + out
	}
	if r.IntN(2) == 0 {
		out = doubled(out)
	}
	if strings.HasSuffix(out, "v") && r.IntN(4) == 0 {
		out = out[:len(out)-1] + "ff"
	}
	return out
}

// doubled doubles s between vowels.
func doubled(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(s[i])
		if s[i] == 's' && i > 0 && i+1 < len(s) && strings.IndexByte("aeiou", s[i-1]) >= 0 && strings.IndexByte("aeiou", s[i+1]) >= 0 {
			b.WriteByte('s')
		}
	}
	return b.String()
}

var keyboards = func() map[rune][]rune {
	near := map[rune][]rune{}
	for _, row := range []string{"qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"} {
		keys := []rune(row)
		for i := 1; i < len(keys); i++ {
			near[keys[i]] = append(near[keys[i]], keys[i-1])
			near[keys[i-1]] = append(near[keys[i-1]], keys[i])
		}
	}
	return near
}()

// mistyped makes one error in one word of four letters or more.
func mistyped(name string, r *rand.Rand) string {
	words := strings.Fields(name)
	var long []int
	for i, w := range words {
		if len([]rune(w)) >= 4 {
			long = append(long, i)
		}
	}
	if len(long) == 0 {
		return name
	}
	n := long[r.IntN(len(long))]
	s := []rune(words[n])
	for {
		i := r.IntN(len(s))
		t := append([]rune(nil), s...)
		switch r.IntN(4) {
		case 0: // swapped
			if i+1 == len(s) {
				continue
			}
			t[i], t[i+1] = t[i+1], t[i]
		case 1: // dropped
			t = append(t[:i], t[i+1:]...)
		case 2: // doubled
			t = slices.Insert(t, i, s[i])
		default: // its neighbour
			near := keyboards[unicode.ToLower(s[i])]
			if len(near) == 0 {
				continue
			}
			t[i] = near[r.IntN(len(near))]
		}
		if string(t) != string(s) {
			words[n] = string(t)
			return strings.Join(words, " ")
		}
	}
}
