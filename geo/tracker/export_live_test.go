package tracker

import "time"

// LivePicture is the picture itself, without a store, for benchmarks and for tests
// of what applying one commit does.
type LivePicture struct{ p *picture }

// NewLivePicture loads rows as Start does.
func NewLivePicture(w *World, rows *Rows) *LivePicture {
	p := newPicture(w)
	p.load(rows)
	p.loaded = true
	if c, err := p.index.Compile(); err == nil {
		p.index.Adopt(c)
	}
	p.settleAll()
	p.watch(0)
	go p.who.build()
	return &LivePicture{p}
}

// Apply takes in one commit and derives its events.
func (l *LivePicture) Apply(c Change, rows *Rows) []Event { return l.p.derive(l.p.apply(c, rows, nil)) }

// Age lets the minutes until now act.
func (l *LivePicture) Age(now time.Time) { l.p.age(micros(now)) }

// Snapshot publishes.
func (l *LivePicture) Snapshot() *Snapshot { return l.p.snapshot() }

// CellsByScan is Cells by adding up everybody, the oracle for what is kept.
func (v View) CellsByScan(f Filter, zoom int) (Cells, error) {
	boxes := f.Boxes
	f.Boxes = nil
	q, err := v.prepare(&f)
	if err != nil {
		return Cells{}, err
	}
	return q.scanCells(boxes, min(max(zoom, 0), 18)+2).answer()
}
