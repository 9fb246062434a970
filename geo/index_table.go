package geo

// table maps small numbers to values. copy is cheap: both sides share all pages until one of them writes to one.
// Numbers are best dense; each page of 128 that holds any takes its full space.
type table[T any] struct {
	root []*tableDir[T]
	own  *byte // identity of the writer: nodes of another are copied before they are written
	n    int
}

const (
	pageBits = 7
	dirBits  = 10
)

type tableDir[T any] struct {
	own   *byte
	pages [1 << dirBits]*tablePage[T]
}

type tablePage[T any] struct {
	own  *byte
	held [1 << pageBits / 64]uint64
	vals [1 << pageBits]T
}

func newTable[T any]() table[T] { return table[T]{own: new(byte)} }

// copy returns an independent table of the same content. The receiver keeps working, too.
func (t *table[T]) copy() table[T] {
	t.own = new(byte)
	c := table[T]{root: append([]*tableDir[T](nil), t.root...), own: new(byte), n: t.n}
	return c
}

func (t *table[T]) get(id uint32) (v T, ok bool) {
	r := int(id >> (pageBits + dirBits))
	if r >= len(t.root) || t.root[r] == nil {
		return v, false
	}
	pg := t.root[r].pages[id>>pageBits&(1<<dirBits-1)]
	i := id & (1<<pageBits - 1)
	if pg == nil || pg.held[i/64]>>(i%64)&1 == 0 {
		return v, false
	}
	return pg.vals[i], true
}

// page returns the page of id, ready to be written.
func (t *table[T]) page(id uint32) *tablePage[T] {
	r := int(id >> (pageBits + dirBits))
	for r >= len(t.root) {
		t.root = append(t.root, nil)
	}
	d := t.root[r]
	switch {
	case d == nil:
		d = &tableDir[T]{own: t.own}
	case d.own != t.own:
		cp := *d
		d, cp.own = &cp, t.own
	}
	t.root[r] = d
	slot := &d.pages[id>>pageBits&(1<<dirBits-1)]
	switch pg := *slot; {
	case pg == nil:
		*slot = &tablePage[T]{own: t.own}
	case pg.own != t.own:
		cp := *pg
		cp.own = t.own
		*slot = &cp
	}
	return *slot
}

func (t *table[T]) set(id uint32, v T) {
	pg := t.page(id)
	i := id & (1<<pageBits - 1)
	if pg.held[i/64]>>(i%64)&1 == 0 {
		pg.held[i/64] |= 1 << (i % 64)
		t.n++
	}
	pg.vals[i] = v
}

func (t *table[T]) delete(id uint32) {
	if _, ok := t.get(id); !ok {
		return
	}
	pg := t.page(id)
	i := id & (1<<pageBits - 1)
	pg.held[i/64] &^= 1 << (i % 64)
	var zero T
	pg.vals[i] = zero
	t.n--
}

// each calls yield with all numbers that are held, ascending, and their values.
func (t *table[T]) each(yield func(id uint32, v T)) {
	for r, d := range t.root {
		if d == nil {
			continue
		}
		for s, pg := range d.pages {
			if pg == nil {
				continue
			}
			for i := range pg.vals {
				if pg.held[i/64]>>(i%64)&1 != 0 {
					yield(uint32(r<<(pageBits+dirBits)|s<<pageBits|i), pg.vals[i])
				}
			}
		}
	}
}
