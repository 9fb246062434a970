package names

import "strings"

// IDs is what may join two records without asking anybody.
type IDs struct {
	IIN       string
	Passport  string
	BirthDate string // YYYY-MM-DD
	Sex       Sex
	// Name, if both sides have one, must agree in every word that both have,
	// spelling aside, and in two words unless both birth dates are known:
	// numbers are copied from a twin's passport, or from the next line of a list,
	// and a mistyped IIN may be somebody's.
	Name *Prepared
}

// SameHuman tells whether documents prove two records to be of one human: an
// equal valid IIN, or an equal passport number. Whatever else is known of both
// (birth date, sex, name, the other document's IIN) must not speak against it;
// where it does, they are only to be suggested. It is symmetric.
func SameHuman(a, b *IDs) bool {
	iinA, iinB := validOrNone(a.IIN), validOrNone(b.IIN)
	passport := passportKey(a.Passport)
	switch {
	case iinA != "" && iinB != "" && iinA != iinB:
		return false
	case iinA != "" && iinA == iinB:
	case len(passport) >= leastPassport && passport == passportKey(b.Passport):
	default:
		return false
	}
	if conflict(parseDate(a.BirthDate), parseDate(b.BirthDate)) || conflict(a.Sex, b.Sex) ||
		!iinFits(iinA, b) || !iinFits(iinB, a) {
		return false
	}
	return sameName(a, b)
}

func sameName(a, b *IDs) bool {
	if a.Name == nil || b.Name == nil || len(a.Name.words) == 0 || len(b.Name.words) == 0 {
		return true
	}
	_, why, words := compareNames(a.Name, b.Name)
	return why&SameName != 0 && (words > 1 ||
		words == 1 && min(a.Name.most(), b.Name.most()) == 1 && parseDate(a.BirthDate) != 0 && parseDate(b.BirthDate) != 0)
}

// most is the number of words, patronymics and initials aside, of the spelling
// that has most.
func (p *Prepared) most() int {
	most, n := 0, 0
	for i := range p.words {
		if p.words[i].kind&opens != 0 {
			n = 0
		}
		if p.words[i].is(plain) {
			n++
		}
		most = max(most, n)
	}
	return most
}

const leastPassport = 5

func conflict[T comparable](a, b T) bool {
	var unknown T
	return a != unknown && b != unknown && a != b
}

func passportKey(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, s)
}

func validOrNone(iin string) string {
	if d := digits(iin); ValidIIN(d) {
		return d
	}
	return ""
}

// iinFits tells whether an IIN, if there is one, is of somebody with d's birth
// date and sex, as far as d knows them.
func iinFits(iin string, d *IDs) bool {
	if iin == "" {
		return true
	}
	date, sex := readIIN(iin)
	return !conflict(date, parseDate(d.BirthDate)) && !conflict(sex, d.Sex)
}

// readIIN tells the birth date (yyyymmdd) and the sex that an IIN states: YYMMDD,
// then 1 and 2 for a man and a woman born in the 19th century, 3 and 4 in the
// 20th, 5 and 6 in the 21st; zero if the seventh digit says none.
func readIIN(iin string) (date uint32, sex Sex) {
	c := uint32(iin[6] - '0')
	if c < 1 || c > 6 {
		return 0, 0
	}
	sex = Male
	if c%2 == 0 {
		sex = Female
	}
	for i := range 6 {
		date = date*10 + uint32(iin[i]-'0')
	}
	return date + (18+(c-1)/2)*100_00_00, sex
}

// ValidIIN tells whether s is twelve digits with the check digit that Kazakhstan
// prescribes: weights 1 to 11, modulo 11; at 10 again with weights 3 to 11, 1, 2,
// and at 10 once more the number was never given out.
func ValidIIN(s string) bool {
	if len(s) != 12 {
		return false
	}
	check, again := 0, 0
	for i := range len(s) {
		d := int(s[i]) - '0'
		if d < 0 || d > 9 {
			return false
		}
		if i < 11 {
			check += d * (i + 1)
			again += d * ((i+2)%11 + 1)
		}
	}
	if check %= 11; check == 10 {
		check = again % 11
	}
	return check == int(s[11]-'0')
}
