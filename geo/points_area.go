package geo

import "github.com/paulmach/orb"

// Count returns how many positions lie in a or on its edge, without regard to their radii: as many as a.Contains.
func (x *PointSet) Count(a *Area) int {
	n := 0
	x.inside(a, func(ids []uint32) { n += len(ids) })
	return n
}

// IDs appends to dst the ids of the positions that lie in a or on its edge, without regard to their radii, in no
// particular order, each once, and returns it.
func (x *PointSet) IDs(dst []uint32, a *Area) []uint32 {
	x.inside(a, func(ids []uint32) { dst = append(dst, ids...) })
	return dst
}

func (x *PointSet) inside(a *Area, take func(ids []uint32)) {
	in := func(id uint32, p orb.Point) bool {
		if a.Contains(p) {
			take([]uint32{id})
		}
		return true
	}
	b := a.Bound()
	x.Search(b, in)
	// ±180 are one meridian: an area at one side holds places written as the other.
	for _, side := range [2]float64{-180, 180} {
		if b.Min[0] <= side && side <= b.Max[0] && !(b.Min[0] <= -side && -side <= b.Max[0]) {
			x.Search(orb.Bound{Min: orb.Point{-side, b.Min[1]}, Max: orb.Point{-side, b.Max[1]}}, in)
		}
	}
}

// Visit sorts the positions by how their error discs lie to a, as Area.Disc would have them: inside gets runs of
// ids whose discs are Inside, maybe those that Disc has to be asked about, and everybody else's disc is Outside. No
// id is passed twice. The slices must not be kept.
func (x *PointSet) Visit(a *Area, inside func(ids []uint32), maybe func(id uint32)) {
	for i := range x.trees {
		for _, nd := range x.trees[i].nodes {
			for _, b := range nd.Blocks() {
				for k, id := range b.IDs() {
					boxes, n := discBounds(x.at(id), classRadiusM[wordClass(b.words[k])])
					for _, box := range boxes[:n] {
						if ab := a.Bound(); placed(ab) && meets(&box, &ab) {
							maybe(id)
							break
						}
					}
				}
			}
		}
	}
}
