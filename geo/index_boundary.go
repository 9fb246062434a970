package geo

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// boundary holds the edges that part inside from outside on the globe under a tree of boxes over runs of neighbours:
// along the rings, and from ring to ring by where they are. Edges that part nothing are left out: seams where a shape was cut at the
// antimeridian, edges along a pole, and edges that rings share; and so are edges that aren't on the map.
type boundary struct {
	pts    []orb.Point
	more   []orb.Point   // seams, and the ends of pieces of edges; they count on from pts
	edges  []uint32      // where edges and pieces begin (ends)
	levels [][]orb.Bound // levels[0][i] boxes edges [fan*i, fan*(i+1)); levels[k][i] boxes the next level's
}

// fan is how many edges or boxes a box holds.
const fan = 8

func newBoundary(pts []orb.Point, edges []uint32) boundary {
	bd := boundary{pts: pts, edges: make([]uint32, 0, len(edges))}
	var seam []float64
	seen := newEdgeSet(pts, len(edges))
	for _, e := range edges {
		a, b := pts[e], pts[e+1]
		switch {
		case !chartable(a) || !chartable(b):
		case a[1] == b[1] && math.Abs(a[1]) == 90:
		case a[0] == b[0] && math.Abs(a[0]) == 180:
			seam = append(seam, a[1], b[1])
		default:
			seen.toggle(e)
		}
	}
	for _, e := range edges {
		if seen.odd(e) {
			bd.edges = append(bd.edges, e)
		}
	}
	bd.sortChains()
	// Every lat is passed by an even or odd number of seam edges, of either side; between two neighbouring ends
	// where that is odd, the seam parts inside from outside.
	slices.Sort(seam)
	for i := 0; i+1 < len(seam); i += 2 {
		if seam[i] != seam[i+1] {
			bd.edges = append(bd.edges, uint32(len(bd.pts)+len(bd.more)))
			bd.more = append(bd.more, orb.Point{180, seam[i]}, orb.Point{180, seam[i+1]})
		}
	}
	if len(bd.edges) == 0 {
		return bd
	}
	level := bd.leaves()
	if bd.cutCrowds(level) {
		level = bd.leaves()
	}
	bd.levels = append(bd.levels, level)
	for len(level) > 1 {
		up := make([]orb.Bound, 0, len(level)/fan+1)
		for run := range slices.Chunk(level, fan) {
			b := run[0]
			for _, o := range run[1:] {
				b = unite(b, o)
			}
			up = append(up, b)
		}
		level = up
		bd.levels = append(bd.levels, level)
	}
	return bd
}

// leaves returns the boxes of the edges, fan of them each.
func (bd *boundary) leaves() []orb.Bound {
	level := make([]orb.Bound, 0, len(bd.edges)/fan+1)
	for run := range slices.Chunk(bd.edges, fan) {
		b := edgeBox(bd.ends(run[0]))
		for _, e := range run[1:] {
			b = unite(b, edgeBox(bd.ends(e)))
		}
		level = append(level, b)
	}
	return level
}

// chartable reports whether p may be the end of an edge that discs meet. Longitudes may go around once too far; far-off
// numbers would have to be halved for ever, and no distance leads to a place beyond a pole.
func chartable(p orb.Point) bool { return math.Abs(p[0]) <= 360 && math.Abs(p[1]) <= 90 }

// ends returns where the edge or piece e begins and ends.
func (bd *boundary) ends(e uint32) (a, b orb.Point) {
	if int(e) < len(bd.pts) {
		return bd.pts[e], bd.pts[e+1]
	}
	e -= uint32(len(bd.pts))
	return bd.more[e], bd.more[e+1]
}

// sortChains puts the chains of edges that follow upon each other in the order of where they begin, so that those of
// neighbouring rings are neighbours: a file may have its thousand islands in any order, and boxes over islands far
// apart would send every disc to all of them.
func (bd *boundary) sortChains() {
	type chain struct {
		code     uint64
		from, to int // in edges
	}
	var chains []chain
	for i, e := range bd.edges {
		if i > 0 && bd.edges[i-1]+1 == e {
			chains[len(chains)-1].to = i + 1
			continue
		}
		col, row, _ := units(bd.pts[e]) // beyond the rim they are any, and only slower
		chains = append(chains, chain{morton(col, row), i, i + 1})
	}
	if len(chains) < 3 {
		return
	}
	slices.SortFunc(chains, func(a, b chain) int { return cmp.Or(cmp.Compare(a.code, b.code), a.from-b.from) })
	sorted := make([]uint32, 0, len(bd.edges))
	for _, c := range chains {
		sorted = append(sorted, bd.edges[c.from:c.to]...)
	}
	bd.edges = sorted
}

// edgeBox returns the box of an edge.
func edgeBox(a, b orb.Point) orb.Bound {
	return orb.Bound{
		Min: orb.Point{min(a[0], b[0]), min(a[1], b[1])},
		Max: orb.Point{max(a[0], b[0]), max(a[1], b[1])},
	}
}

func unite(a, b orb.Bound) orb.Bound {
	a.Min[0], a.Min[1] = min(a.Min[0], b.Min[0]), min(a.Min[1], b.Min[1])
	a.Max[0], a.Max[1] = max(a.Max[0], b.Max[0]), max(a.Max[1], b.Max[1])
	return a
}

func meets(a, b *orb.Bound) bool {
	return a.Min[0] <= b.Max[0] && a.Max[0] >= b.Min[0] && a.Min[1] <= b.Max[1] && a.Max[1] >= b.Min[1]
}

// edgeSet counts, modulo two, how often each pair of ends occurs among edges, in either direction.
type edgeSet struct {
	pts   []orb.Point
	slots []uint32 // open addressing; 1 + the first edge seen with these ends
	odds  []bool   // per slot
}

func newEdgeSet(pts []orb.Point, n int) *edgeSet {
	size := 16
	for size < 2*n {
		size *= 2
	}
	return &edgeSet{pts: pts, slots: make([]uint32, size), odds: make([]bool, size)}
}

// slot returns where the ends of e are kept, or would be.
func (s *edgeSet) slot(e uint32) int {
	a, b := s.pts[e], s.pts[e+1]
	// A symmetric hash: the sum of the ends' hashes. Adding 0 makes -0 and 0 alike, as == does.
	h := mix(math.Float64bits(a[0]+0)*3+math.Float64bits(a[1]+0)) + mix(math.Float64bits(b[0]+0)*3+math.Float64bits(b[1]+0))
	mask := len(s.slots) - 1
	for i := int(h>>32) & mask; ; i = (i + 1) & mask {
		if s.slots[i] == 0 {
			return i
		}
		c, d := s.pts[s.slots[i]-1], s.pts[s.slots[i]]
		if a == c && b == d || a == d && b == c {
			return i
		}
	}
}

func (s *edgeSet) toggle(e uint32) {
	i := s.slot(e)
	if s.slots[i] == 0 {
		s.slots[i] = e + 1
	}
	s.odds[i] = !s.odds[i]
}

// odd reports whether e is the first of an odd number of edges with its ends.
func (s *edgeSet) odd(e uint32) bool {
	i := s.slot(e)
	return s.slots[i] == e+1 && s.odds[i]
}

// mix spreads the bits of x (the finalizer of splitmix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
