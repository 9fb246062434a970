package names

import "math/bits"

// weighing pairs the words of two spellings.
type weighing struct {
	a, b         *Prepared
	as, bs       []word
	left, taken  uint8 // words of as and bs that have found their like, as bits
	core         [2]float64
	more, lowest float64
	words        int  // pairs that are no patronymics
	fathers      bool // patronymics have been compared
	crossed      bool
	initials     bool
}

func (w *weighing) weigh() (float64, Reasons) {
	w.join()
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
	if x.is(patronymic) || y.is(patronymic) {
		w.fathers = true
		w.more += moreWeight * grade(alike)
		return
	}
	w.count(grade(alike) * min(x.weight(), y.weight()))
}

// grade makes 0..1 of likeness that counts.
func grade(alike float64) float64 { return (alike - leastAlike) / (1 - leastAlike) }

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
	if aPlain+aFathers > 0 && bPlain+bFathers > 0 {
		why |= ConflictingName
	}
	if aFathers > 0 && bFathers > 0 && !w.fathers {
		w.fathers = true
		sum += fatherConflict
	}
	if why == 0 && aPlain+bPlain+aFathers+bFathers > 0 || w.initials {
		why |= NameParts
	}
	switch {
	case pairs+w.words == 0 || why&ConflictingName != 0:
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
