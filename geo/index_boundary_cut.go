package geo

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

const (
	// crowdRun is how many neighbouring edges are tried together: fewer are looked at in no time.
	crowdRun = 64 * fan
	// crowded is in how many of the leaves of a run a place in the run's box lies, on average, in a crowd. An outline's
	// leaves lie side by side: its figure is about 1 or less.
	crowded = 8
	// crowdPieces is how many pieces an edge of a crowd makes, on average, at most.
	crowdPieces = 4
)

// cutCrowds cuts the long slanted edges of crowds, and orders the pieces by where they are. Where thousands of such
// edges run side by side (a comb, a star), each has a box that is almost that of all of them, and every disc in it
// would be sent to all. Others stay as they are. A piece begins at the very point where the one before it ends. The
// leaves are those of the edges as they are; it reports whether they have to be made anew.
func (bd *boundary) cutCrowds(leaves []orb.Bound) bool {
	var crowds []int // where crowded runs begin in edges
	for i := 0; i < len(leaves); i += crowdRun / fan {
		if crowd(leaves[i:min(i+crowdRun/fan, len(leaves))]) {
			crowds = append(crowds, i*fan)
		}
	}
	if len(crowds) == 0 {
		return false
	}
	type piece struct {
		code uint64
		edge uint32
	}
	most := crowdPieces * min(len(crowds)*crowdRun, len(bd.edges))
	pieces := make([]piece, 0, most)
	bd.more = slices.Grow(bd.more, most+most/crowdPieces) // every edge's pieces have one end more
	add := func(e uint32) {
		a, b := bd.ends(e)
		col, row, _ := unitsAt((a[0]+b[0])/2, (a[1]+b[1])/2) // beyond the rim they are any, and only slower
		pieces = append(pieces, piece{morton(col, row), e})
	}
	edges := make([]uint32, 0, len(bd.edges)+most)
	done := 0
	for _, i := range crowds {
		edges = append(edges, bd.edges[done:i]...)
		done = min(i+crowdRun, len(bd.edges))
		run := bd.edges[i:done]
		sum := 0.0
		for _, e := range run {
			sum += slant(bd.ends(e))
		}
		mean := sum / float64(len(run))
		for _, e := range run {
			a, b := bd.ends(e)
			n := 1
			if mean > 0 { // not all along parallels and meridians
				n += int((crowdPieces - 1) * slant(a, b) / mean)
			}
			if n == 1 {
				add(e)
				continue
			}
			bd.more = append(bd.more, a)
			for k := 1; k < n; k++ {
				t := float64(k) / float64(n)
				bd.more = append(bd.more, orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])})
				add(uint32(len(bd.pts) + len(bd.more) - 2))
			}
			bd.more = append(bd.more, b)
			add(uint32(len(bd.pts) + len(bd.more) - 2))
		}
	}
	edges = append(edges, bd.edges[done:]...)
	slices.SortFunc(pieces, func(a, b piece) int {
		return cmp.Or(cmp.Compare(a.code, b.code), cmp.Compare(a.edge, b.edge))
	})
	for _, p := range pieces {
		edges = append(edges, p.edge)
	}
	bd.edges = edges
	return true
}

// crowd reports whether the leaves of a run lie over each other.
func crowd(run []orb.Bound) bool {
	if len(run) <= crowded {
		return false
	}
	all, sum := run[0], 0.0
	for _, b := range run {
		sum += (b.Max[0] - b.Min[0]) * (b.Max[1] - b.Min[1])
		all = unite(all, b)
	}
	return sum > crowded*(all.Max[0]-all.Min[0])*(all.Max[1]-all.Min[1])
}

// slant is the side of a square as large as the box of a→b, degrees: 0 for parallels and meridians, whose boxes are
// no larger for being long.
func slant(a, b orb.Point) float64 {
	return math.Sqrt(math.Abs(a[0]-b[0])) * math.Sqrt(math.Abs(a[1]-b[1]))
}
