package tracker

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"

	"aman/geo"
)

// Matcher finds the zones of a crisis that are in force at one moment. It uses memory of its own again and again: one
// goroutine at a time.
type Matcher struct {
	s      *Snapshot
	crisis uint16
	hits   []geo.Hit
}

// MatchedZone is a zone that a place is in, or may be in.
type MatchedZone struct {
	ID      ID
	Level   int
	Verdict geo.Verdict // Inside or Possible
	Share   float32     // of the error disc that lies inside, (0,1]
}

// Matcher returns a matcher of the view's picture. Zones are not scoped, so neither is it. Errors: ErrNotFound.
func (v View) Matcher(crisis ID) (*Matcher, error) {
	q, err := v.prepare(&Filter{Crisis: crisis})
	if err != nil {
		return nil, err
	}
	return &Matcher{s: v.s, crisis: q.crisis}, nil
}

// Match appends to dst the zones that the disc of radiusM metres around p is in or may be in (0: the point p), the
// highest level first, then the surest verdict, then the largest share, and returns it. Airspace matches nobody.
func (m *Matcher) Match(dst []MatchedZone, p orb.Point, radiusM float64) []MatchedZone {
	start := len(dst)
	m.hits = m.s.index.Match(m.hits[:0], p, radiusM)
	for _, h := range m.hits {
		if z := m.s.zones[h.ID]; z.crisis == m.crisis {
			dst = append(dst, MatchedZone{ID: z.active.ID, Level: z.active.Level, Verdict: h.Verdict, Share: h.Share})
		}
	}
	slices.SortStableFunc(dst[start:], func(a, b MatchedZone) int {
		return cmp.Or(cmp.Compare(b.Level, a.Level), cmp.Compare(b.Verdict, a.Verdict), cmp.Compare(b.Share, a.Share))
	})
	return dst
}
