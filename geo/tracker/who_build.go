package tracker

import (
	"sync"

	"aman/geo/tracker/names"
)

// whoIndex is the index of who may be whom. Making it costs more than the rest of
// a person, so at start it is made after the picture, beside everything else.
type whoIndex struct {
	names.Index
	ready chan struct{} // closed once everybody is in

	mu      sync.Mutex
	waiting [][]waiting
	// done are the people who changed while others were still being put in.
	done map[uint32]bool
}

// waiting is what the index needs of somebody beside their entry.
type waiting struct {
	num       uint32
	sex       Sex
	text      *entry
	birthDate string
	phones    []string
	party     ID
}

func (x *waiting) identity() *names.Identity {
	return identityFrom(x.text, x.birthDate, x.sex, x.phones, x.party)
}

// waitingPart is how many wait in one piece: a piece is let go once it is put in.
const waitingPart = 1024

func newWhoIndex() *whoIndex {
	return &whoIndex{ready: make(chan struct{}), done: map[uint32]bool{}}
}

// later puts somebody in once build gets to them.
func (w *whoIndex) later(num uint32, p *Person, text *entry) {
	last := len(w.waiting) - 1
	if last < 0 || len(w.waiting[last]) == waitingPart {
		w.waiting = append(w.waiting, make([]waiting, 0, waitingPart))
		last++
	}
	d := &p.Details
	w.waiting[last] = append(w.waiting[last], waiting{num, d.Sex, text, d.BirthDate, d.Phones, p.Party})
}

// build puts everybody in who waits.
func (w *whoIndex) build() {
	for i, part := range w.waiting {
		w.mu.Lock()
		for j := range part {
			if x := &part[j]; !w.done[x.num] {
				w.Add(x.num, names.Prepare(x.identity()))
			}
		}
		w.waiting[i] = nil // a million of them are not kept until the end
		w.mu.Unlock()
	}
	w.mu.Lock()
	w.waiting, w.done = nil, nil
	w.mu.Unlock()
	close(w.ready)
}

// put takes in somebody new or changed; nil takes them out.
func (w *whoIndex) put(num uint32, id *names.Identity) {
	var p *names.Prepared
	if id != nil {
		p = names.Prepare(id)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done != nil {
		w.done[num] = true
	}
	w.Add(num, p)
}
