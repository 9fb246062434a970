package names

import (
	"math"
	"math/bits"
)

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
	for i := 0; i < len(a.words); {
		n := spelling(a.words[i:])
		for j := 0; j < len(b.words); {
			m := spelling(b.words[j:])
			w := weighing{a: a, b: b, as: a.words[i : i+n], bs: b.words[j : j+m]}
			if s, r := w.weigh(); s > best {
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

// weighing pairs the words of two spellings.
type weighing struct {
	a, b         *Prepared
	as, bs       []word
	left, taken  uint8 // words of as and bs that have found their like, as bits
	core         [2]float64
	more, lowest float64
	words        int // pairs that are no patronymics
	crossed      bool
	initials     bool
}

func (w *weighing) weigh() (float64, Reasons) {
	var alike [mostWords][mostWords]float32
	for i := range w.as {
		for j := range w.bs {
			alike[i][j] = w.alike(&w.as[i], &w.bs[j])
		}
	}
	w.lowest = 1
	var to [mostWords]int
	pairs := 0
	for {
		best, x, y := float32(leastAlike), -1, -1
		for i := range w.as {
			for j := range w.bs {
				if w.left>>i&1 == 0 && w.taken>>j&1 == 0 && alike[i][j] > best {
					best, x, y = alike[i][j], i, j
				}
			}
		}
		if x < 0 {
			break
		}
		w.left, w.taken = w.left|1<<x, w.taken|1<<y
		to[x] = y + 1
		pairs++
		w.match(x, y, float64(best))
	}
	w.join()
	w.matchInitials()
	for i, last := 0, 0; i < len(w.as); i++ {
		if to[i] != 0 {
			w.crossed = w.crossed || to[i] < last
			last = to[i]
		}
	}
	return w.sum(pairs)
}

// alike is how alike two words are, 0 to 1.
func (w *weighing) alike(x, y *word) float32 {
	if x.is(initial) || y.is(initial) {
		return 0
	}
	s, t := w.a.text[x.start:x.end], w.b.text[y.start:y.end]
	if s == t {
		return 1
	}
	if x.is(patronymic) != y.is(patronymic) { // Рустам is not who Рустамович is
		return 0
	}
	longest := max(x.stem-x.start, y.stem-y.start)
	limit := int((1 - leastAlike) * 100 * float32(longest))
	// A consonant that the other word hasn't costs an edit at least.
	if edit*max(bits.OnesCount16(x.kinds&^y.kinds), bits.OnesCount16(y.kinds&^x.kinds)) >= limit {
		return 0
	}
	cost := distance(w.a.text[x.start:x.stem], w.b.text[y.start:y.stem], limit)
	alike := float32(0)
	if cost != unlike {
		if w.a.text[x.stem:x.end] != w.b.text[y.stem:y.end] {
			cost += otherEndingCost
		}
		alike = 1 - float32(cost)/(100*float32(longest))
	}
	if (x.stem == x.end) != (y.stem == y.end) { // an error in an ending makes another stem
		longest = max(x.end-x.start, y.end-y.start)
		if cost = distance(s, t, int((1-leastAlike)*100*float32(longest))); cost != unlike {
			alike = max(alike, 1-float32(cost)/(100*float32(longest)))
		}
	}
	return alike
}

// weight is less than 1 for words that many names share by chance.
func (w *word) weight() float64 {
	if w.stem-w.start <= 3 {
		return shortWord
	}
	return 1
}

// match counts two words that agree.
func (w *weighing) match(i, j int, alike float64) {
	x, y := &w.as[i], &w.bs[j]
	w.lowest = min(w.lowest, alike)
	grade := (alike - leastAlike) / (1 - leastAlike)
	grade *= min(x.weight(), y.weight())
	if x.is(patronymic) || y.is(patronymic) {
		w.more += moreWeight * grade
		return
	}
	w.count(grade)
}

// count keeps the two greatest grades apart from the rest.
func (w *weighing) count(grade float64) {
	w.words++
	if grade > w.core[0] {
		grade, w.core[0] = w.core[0], grade
	}
	if grade > w.core[1] {
		grade, w.core[1] = w.core[1], grade
	}
	w.more += moreWeight * grade
}

// join finds words that one side writes apart and the other together: Нур
// Султан, Нурсултан.
func (w *weighing) join() {
	w.joinTo(w.a, w.b, w.as, w.bs, &w.left, &w.taken)
	w.joinTo(w.b, w.a, w.bs, w.as, &w.taken, &w.left)
}

func (w *weighing) joinTo(a, b *Prepared, as, bs []word, left, taken *uint8) {
	for i := 0; i+1 < len(as); i++ {
		if *left>>i&3 != 0 || !as[i].is(plain) || !as[i+1].is(plain) {
			continue
		}
		s := a.text[as[i].start:as[i].end]
		t := a.text[as[i+1].start:as[i+1].end]
		for j := range bs {
			u := b.text[bs[j].start:bs[j].end]
			if *taken>>j&1 == 0 && bs[j].is(plain) && len(u) == len(s)+len(t) && u[:len(s)] == s && u[len(s):] == t {
				*left, *taken = *left|3<<i, *taken|1<<j
				w.count(bs[j].weight())
				break
			}
		}
	}
}

// matchInitials lets an initial stand for a word that has found no other.
func (w *weighing) matchInitials() {
	for i := range w.as {
		for j := range w.bs {
			x, y := &w.as[i], &w.bs[j]
			if w.left>>i&1 != 0 || w.taken>>j&1 != 0 || !x.is(initial) && !y.is(initial) {
				continue
			}
			if w.a.text[x.start] == w.b.text[y.start] || x.sound&15 == y.sound&15 && x.sound != 0 {
				w.left, w.taken = w.left|1<<i, w.taken|1<<j
				w.more += initialWeight
				w.initials = true
			}
		}
	}
}

func (w *weighing) sum(pairs int) (float64, Reasons) {
	sum := wordWeight*(w.core[0]+w.core[1]) + w.more
	aPlain, aFathers := lone(w.as, w.left)
	bPlain, bFathers := lone(w.bs, w.taken)
	var why Reasons
	conflict := min(aPlain, bPlain)
	sum += wordConflict*float64(conflict) + wordMissing*float64(max(aPlain, bPlain)-conflict)
	if conflict > 0 {
		why |= ConflictingName
	}
	if aFathers > 0 && bFathers > 0 {
		sum += fatherConflict
		why |= ConflictingName
	} else if conflict == 0 && aPlain+bPlain+aFathers+bFathers > 0 || w.initials {
		why |= NameParts
	}
	switch {
	case pairs == 0 || why&ConflictingName != 0:
	case w.lowest >= alikeEnough:
		why |= SameName
	default:
		why |= LikeName
	}
	if w.crossed {
		why |= NameOrder
	}
	return sum, why
}

// lone counts words that found no like; initials aside.
func lone(words []word, found uint8) (plains, fathers int) {
	for i := range words {
		switch {
		case found>>i&1 != 0:
		case words[i].is(plain):
			plains++
		case words[i].is(patronymic):
			fathers++
		}
	}
	return plains, fathers
}
