package names_test

import (
	"testing"

	"aman/geo/tracker/names"
)

// The IINs below are made up: born 1990-02-03, a man; and 2004-02-03, a woman.
func TestSameHuman(t *testing.T) {
	man, woman := withCheck("90020330012"), withCheck("04020360012")
	name := func(s string) *names.Prepared { return names.Prepare(&names.Identity{Name: s}) }
	for _, c := range []struct {
		name string
		a, b names.IDs
		want bool
	}{
		{"nothing", names.IDs{}, names.IDs{}, false},
		{"IIN", names.IDs{IIN: man}, names.IDs{IIN: man}, true},
		{"IIN with spaces", names.IDs{IIN: man[:6] + " " + man[6:]}, names.IDs{IIN: man}, true},
		{"IIN without a right check digit", names.IDs{IIN: "900203300120"[:11] + "x"}, names.IDs{IIN: "900203300120"[:11] + "x"}, false},
		{"IIN, other birth date", names.IDs{IIN: man, BirthDate: "1990-02-03"}, names.IDs{IIN: man, BirthDate: "1990-03-02"}, false},
		{"IIN against a birth date", names.IDs{IIN: man}, names.IDs{IIN: man, BirthDate: "1991-02-03"}, false},
		{"IIN against a sex", names.IDs{IIN: man}, names.IDs{IIN: man, Sex: names.Female}, false},
		{"IIN that fits both", names.IDs{IIN: woman, BirthDate: "2004-02-03"}, names.IDs{IIN: woman, Sex: names.Female}, true},
		{"IIN, other passport", names.IDs{IIN: man, Passport: "N1234567"}, names.IDs{IIN: man, Passport: "N7654321"}, true},
		{"passport", names.IDs{Passport: "N 1234567"}, names.IDs{Passport: "n1234567"}, true},
		{"too short for a passport", names.IDs{Passport: "N12"}, names.IDs{Passport: "N12"}, false},
		{"passport, other birth date", names.IDs{Passport: "N1234567", BirthDate: "1990-02-03"}, names.IDs{Passport: "N1234567", BirthDate: "1990-02-04"}, false},
		{"passport, other sex", names.IDs{Passport: "N1234567", Sex: names.Male}, names.IDs{Passport: "N1234567", Sex: names.Female}, false},
		{"passport, other IIN", names.IDs{Passport: "N1234567", IIN: man}, names.IDs{Passport: "N1234567", IIN: woman}, false},
		{"passport against the other's IIN", names.IDs{Passport: "N1234567", IIN: man}, names.IDs{Passport: "N1234567", BirthDate: "2004-02-03"}, false},
		{
			"name in another spelling",
			names.IDs{IIN: man, Name: name("Үсенов Шыңғыс Болатұлы")},
			names.IDs{IIN: man, Name: name("CHINGIZ USSENOV")},
			true,
		},
		{"a name on one side", names.IDs{IIN: man, Name: name("Үсенов Шыңғыс")}, names.IDs{IIN: man, Name: name("")}, true},
		{
			"a twin's passport",
			names.IDs{Passport: "N1234567", BirthDate: "1990-02-03", Name: name("Үсенов Марат")},
			names.IDs{Passport: "N1234567", BirthDate: "1990-02-03", Name: name("Үсенов Мұрат")},
			false,
		},
		{
			"a namesake's line, other fathers",
			names.IDs{IIN: man, Name: name("Сейітов Арай Дәулетұлы")},
			names.IDs{IIN: man, Name: names.Prepare(&names.Identity{Name: "Сейітов Арай Қайратұлы", Latin: "SEIITOV ARAI"})},
			false,
		},
		{
			"a twin's passport, and no given name in Latin",
			names.IDs{Passport: "N1234567", BirthDate: "1990-02-03", Name: name("Үсенов Серік")},
			names.IDs{Passport: "N1234567", BirthDate: "1990-02-03", Name: names.Prepare(&names.Identity{Name: "Үсенов Ерлан", Latin: "USSENOV"})},
			false,
		},
		{"one word in common, no birth date", names.IDs{IIN: man, Name: name("Қайрат")}, names.IDs{IIN: man, Name: name("Қайрат Ахметов")}, false},
		{
			"one word in common, and the birth date",
			names.IDs{IIN: man, BirthDate: "1990-02-03", Name: name("Қайрат")},
			names.IDs{IIN: man, BirthDate: "1990-02-03", Name: name("Қайрат Ахметов")},
			true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := names.SameHuman(&c.a, &c.b); got != c.want {
				t.Errorf("%v", got)
			}
			if got := names.SameHuman(&c.b, &c.a); got != c.want {
				t.Errorf("the other way round: %v", got)
			}
		})
	}
}

func FuzzSameHuman(f *testing.F) {
	f.Add("900203300120", "N1234567", "1990-02-03", uint8(1), "900203300120", "n 1234567", "", uint8(2))
	f.Add("000000000000", "", "\xff", uint8(9), "000000000000", "-----", "0000-00-00", uint8(0))
	f.Fuzz(func(t *testing.T, iin, passport, birth string, sex uint8, iin2, passport2, birth2 string, sex2 uint8) {
		a := names.IDs{IIN: iin, Passport: passport, BirthDate: birth, Sex: names.Sex(sex)}
		b := names.IDs{IIN: iin2, Passport: passport2, BirthDate: birth2, Sex: names.Sex(sex2)}
		if names.SameHuman(&a, &b) != names.SameHuman(&b, &a) {
			t.Errorf("%+v, %+v: it matters who comes first", a, b)
		}
		if iin != iin2 && passport != passport2 && names.ValidIIN(iin) && names.ValidIIN(iin2) && names.SameHuman(&a, &b) {
			t.Errorf("%+v, %+v: nothing in common", a, b)
		}
	})
}
