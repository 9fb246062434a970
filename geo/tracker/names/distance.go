package names

// Costs of one edit in hundredths. What spellings and ears confuse costs less
// than what only a slip explains.
const (
	edit        = 100
	swapCost    = 90
	nearCost    = 35 // e and i, o and u, a and e, a and o; v and u; s and z
	vowelFar    = 80
	soundNear   = 40 // of one kind: k and h, t and d
	glideCost   = 40 // i more or less
	vowelCost   = 55 // another vowel more or less
	unlike      = 100 * mostLetters
	letterCount = 28 // a-z, digits and other scripts, the end
)

// substitute and drop are costs by letter: see slot.
var substitute, drop = func() (sub [letterCount][letterCount]uint8, drop [letterCount]uint8) {
	near := [...]string{"ei", "ou", "ae", "ao", "vu", "sz"}
	for a := range sub {
		drop[a] = edit
		for b := range sub[a] {
			sub[a][b] = edit
			x, y := byte('a'+a), byte('a'+b)
			if x > 'z' || y > 'z' {
				continue
			}
			switch {
			case x == y:
				sub[a][b] = 0
			case isVowel(x) && isVowel(y):
				sub[a][b] = vowelFar
			case soundOf[x] != 0 && soundOf[x] == soundOf[y]:
				sub[a][b] = soundNear
			}
		}
	}
	for _, p := range near {
		a, b := p[0]-'a', p[1]-'a'
		sub[a][b], sub[b][a] = nearCost, nearCost
	}
	for _, c := range "aeou" {
		drop[c-'a'] = vowelCost
	}
	drop['i'-'a'] = glideCost
	return sub, drop
}()

// slot is a letter's row in the tables of costs.
func slot(c byte) byte {
	if c -= 'a'; c < 26 {
		return c
	}
	return 26
}

// distance is the least cost of edits, swaps of neighbours included, that make
// b of a; symmetric. From limit on it is unlike, which is more than any limit.
func distance(a, b string, limit int) int {
	if len(a) > mostLetters || len(b) > mostLetters {
		a, b = a[:min(len(a), mostLetters)], b[:min(len(b), mostLetters)]
	}
	if gap := len(a) - len(b); gap*glideCost >= limit || -gap*glideCost >= limit {
		return unlike
	}
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	var rows [3][mostLetters + 1]uint16
	two, one, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) {
		one[j+1] = one[j] + uint16(drop[slot(b[j])])
	}
	before := uint16(0)
	for i := range len(a) {
		x := slot(a[i])
		costs := &substitute[x]
		gone := uint16(drop[x])
		row[0] = one[0] + gone
		least := row[0]
		for j := range len(b) {
			y := slot(b[j])
			cost := uint16(costs[y])
			if a[i] == b[j] {
				cost = 0 // of other scripts, too
			}
			d := min(one[j]+cost, one[j+1]+gone, row[j]+uint16(drop[y]))
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, two[j-1]+swapCost)
			}
			row[j+1] = d
			least = min(least, d)
		}
		if int(min(least, before)) >= limit { // a swap looks two rows back
			return unlike
		}
		before = least
		two, one, row = one, row, two
	}
	if d := int(one[len(b)]); d < limit {
		return d
	}
	return unlike
}
