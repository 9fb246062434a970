package names

import "math"

// Weights of evidence, as logarithms of odds. They were set by hand, and looked
// over on the tuning part of PAIRS.md.
const (
	prior           = -5.5
	wordWeight      = 3.2 // each of two words that agree
	moreWeight      = 1.5 // each further word, and a patronymic
	shortWord       = 0.7 // of that, for three letters or fewer
	initialWeight   = 0.5
	wordMissing     = -0.3
	wordConflict    = -8.0
	fatherConflict  = -2.0
	birthWeight     = 4.5
	birthSwapped    = 3.5
	birthNear       = 0.5
	birthConflict   = -3.5
	phoneWeight     = 2.5
	partyWeight     = 1.5
	tourWeight      = 1.2
	placeWeight     = 0.4
	sexConflict     = -2.5
	leastAlike      = 0.65  // below it two words are two words
	alikeEnough     = 0.925 // from it on two spellings of one
	otherEndingCost = 3     // hundredths, for -ов against -ова or none
)

// Score says how likely two records are of one human, 0 to 1, and why. It is
// symmetric, and nobody scores higher with a than a itself. It is no ground for
// joining records unasked: twins, namesakes and families exist.
func Score(a, b *Prepared) (float64, Reasons) {
	if b.text < a.text { // so that ties fall the same way
		a, b = b, a
	}
	sum, why, _ := compareNames(a, b)
	sum += prior
	switch {
	case a.birth == 0 || b.birth == 0:
	case a.birth == b.birth:
		sum, why = sum+birthWeight, why|SameBirthDate
	case transposed(a.birth) == b.birth:
		sum, why = sum+birthSwapped, why|BirthDateTransposed
	case oneDigit(a.birth, b.birth):
		sum, why = sum+birthNear, why|BirthDateNear
	default:
		sum, why = sum+birthConflict, why|ConflictingBirthDate
	}
	if sharePhone(a, b) {
		sum, why = sum+phoneWeight, why|SamePhone
	}
	if a.party != 0 && a.party == b.party {
		sum, why = sum+partyWeight, why|SameParty
	}
	if a.tour != 0 && a.tour == b.tour {
		sum, why = sum+tourWeight, why|SameTour
	}
	if a.place != 0 && a.place == b.place {
		sum, why = sum+placeWeight, why|SamePlace
	}
	if a.sex != 0 && b.sex != 0 && a.sex != b.sex {
		sum, why = sum+sexConflict, why|ConflictingSex
	}
	return 1 / (1 + math.Exp(-sum)), why
}

// transposed swaps day and month.
func transposed(date uint32) uint32 {
	return date/10000*10000 + date%100*100 + date/100%100
}

func oneDigit(a, b uint32) bool {
	n := 0
	for ; a != b; a, b = a/10, b/10 {
		if a%10 != b%10 {
			n++
		}
	}
	return n == 1
}

func sharePhone(a, b *Prepared) bool {
	for _, p := range a.phones {
		if p != 0 && (p == b.phones[0] || p == b.phones[1] || p == b.phones[2]) {
			return true
		}
	}
	return false
}

// compareNames weighs the spellings of a and b that agree best, and tells how
// many words other than patronymics have found their like.
func compareNames(a, b *Prepared) (best float64, why Reasons, words int) {
	if len(a.words) == 0 || len(b.words) == 0 {
		return 0, 0, 0
	}
	best = math.Inf(-1)
	var fathers fathers
	for i := 0; i < len(a.words); {
		n := spelling(a.words[i:])
		for j := 0; j < len(b.words); {
			m := spelling(b.words[j:])
			w := weighing{a: a, b: b, as: a.words[i : i+n], bs: b.words[j : j+m]}
			s, r := w.weigh()
			if !w.fathers { // another spelling may have them: passports don't
				f, against := fathers.compare(a, b)
				s += f
				if against {
					r = r&^(SameName|LikeName) | ConflictingName
				}
			}
			if s > best {
				best, why, words = s, r, w.words
			}
			j += m
		}
		i += n
	}
	return best, why, words
}

// spelling is how many words the first spelling has.
func spelling(w []word) int {
	n := 1
	for n < len(w) && w[n].kind&opens == 0 {
		n++
	}
	return n
}

// fathers compares patronymics of any spelling, once.
type fathers struct {
	done    bool
	sum     float64
	against bool
}

func (f *fathers) compare(a, b *Prepared) (sum float64, against bool) {
	if f.done {
		return f.sum, f.against
	}
	f.done = true
	w := weighing{a: a, b: b}
	best := float32(-1)
	for i := range a.words {
		for j := range b.words {
			if x, y := &a.words[i], &b.words[j]; x.is(patronymic) && y.is(patronymic) {
				best = max(best, w.alike(x, y))
			}
		}
	}
	switch {
	case best < 0:
	case best <= leastAlike:
		f.sum, f.against = fatherConflict, true
	default:
		f.sum = moreWeight * grade(float64(best))
	}
	return f.sum, f.against
}
