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
	waiting []waiting
	// done are the people who changed while others were still being put in.
	done map[uint32]bool
}

type waiting struct {
	num uint32
	id  *names.Identity
}

func newWhoIndex() *whoIndex {
	return &whoIndex{ready: make(chan struct{}), done: map[uint32]bool{}}
}

// later puts somebody in once build gets to them.
func (w *whoIndex) later(num uint32, id *names.Identity) {
	w.waiting = append(w.waiting, waiting{num, id})
}

// build puts everybody in who waits.
func (w *whoIndex) build() {
	const part = 256
	for ps := w.waiting; len(ps) > 0; {
		now := ps[:min(part, len(ps))]
		ps = ps[len(now):]
		w.mu.Lock()
		for i := range now {
			if !w.done[now[i].num] {
				w.Add(now[i].num, names.Prepare(now[i].id))
			}
			now[i].id = nil // a million of them are not kept until the end
		}
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
