package tracker

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"aman/geo"
)

// airportIndex finds airports by code and by place.
type airportIndex struct {
	list   []Airport
	codes  map[string]int
	extent []float64 // metres: from Point to the farthest point of the fence
	fences []*geo.Area
	// overBorder marks airports whose fence is a guessed circle that reaches over
	// a land border. The circle ends there, or people in one country would be
	// at the airport of another.
	overBorder []bool
	cells      map[int32][]int32 // grid cell -> airports whose fence touches it
	points     *geo.Points
}

// Airports returns all airports. Their order is the order given to NewWorld; an
// airport's number is its index. The caller must not change the slice.
func (w *World) Airports() []Airport { return w.airports.list }

// Airport returns the number of the airport with an IATA or ICAO code, in upper case.
func (w *World) Airport(code string) (i int, ok bool) {
	i, ok = w.airports.codes[code]
	return i, ok
}

// AirportAt returns the number of the airport whose fence holds p; the edge is
// inside. Where several hold it, it is the one whose Point is nearest. A fence
// that is only a radius ends at its country's land border.
func (w *World) AirportAt(p orb.Point) (i int, ok bool) {
	if !onEarth(p) {
		return 0, false
	}
	col, row := cellAt(p)
	best, bestM := -1, math.Inf(1)
	for _, k := range w.airports.cells[int32(row*gridCols+col)] {
		if d := w.fenceHolds(int(k), p); d < bestM {
			best, bestM = int(k), d
		}
	}
	return max(best, 0), best >= 0
}

// fenceHolds returns the distance of p from the airport's Point, +Inf when its
// fence doesn't hold p.
func (w *World) fenceHolds(i int, p orb.Point) float64 {
	a := &w.airports.list[i]
	if fence := w.airports.fences[i]; fence != nil {
		if !fence.Contains(p) {
			return math.Inf(1)
		}
		return geo.Distance(p, a.Point)
	}
	// A quick no, by less than the least length of a degree (110,574 m).
	const degreeM = 110_000
	dLon := math.Abs(p[0] - a.Point[0])
	dLon = min(dLon, 360-dLon) * math.Cos(max(math.Abs(p[1]), math.Abs(a.Point[1]))*math.Pi/180)
	if max(math.Abs(p[1]-a.Point[1]), dLon)*degreeM > a.FenceRadiusM {
		return math.Inf(1)
	}
	d := geo.Distance(p, a.Point)
	if d > a.FenceRadiusM || w.abroad(i, p) {
		return math.Inf(1)
	}
	return d
}

// abroad reports whether p is on land of another country only, near an airport
// whose circle reaches over a border.
func (w *World) abroad(i int, p orb.Point) bool {
	if !w.airports.overBorder[i] {
		return false
	}
	var room [8]geo.Hit
	abroad := false
	for _, h := range w.parts.Match(room[:0], p, 0) {
		if w.countries[w.partOf[h.ID]].Code == w.airports.list[i].Country {
			return false
		}
		abroad = true
	}
	return abroad
}

// NearAirport is an airport and how far it is.
type NearAirport struct {
	Index     int
	DistanceM float64 // metres to its Point
}

// AirportsNear returns at most n airports whose Point is within withinM metres of
// p, nearest first (ties: in the order of their numbers).
func (w *World) AirportsNear(p orb.Point, withinM float64, n int) []NearAirport {
	if !onEarth(p) || !(withinM >= 0) || n <= 0 {
		return nil
	}
	var near []NearAirport
	for _, b := range geo.DiscBounds(p, withinM) {
		w.airports.points.Search(b, func(id uint32, q orb.Point) bool {
			if d := geo.Distance(p, q); d <= withinM {
				near = append(near, NearAirport{int(id), d})
			}
			return true
		})
	}
	slices.SortFunc(near, func(a, b NearAirport) int {
		return cmp.Or(cmp.Compare(a.DistanceM, b.DistanceM), cmp.Compare(a.Index, b.Index))
	})
	near = slices.CompactFunc(near, func(a, b NearAirport) bool { return a.Index == b.Index }) // both boxes may hold the antimeridian
	return near[:min(n, len(near))]
}

func (as *airportIndex) build(w *World, list []Airport) error {
	as.list = list
	as.codes = make(map[string]int, 2*len(list))
	as.extent = make([]float64, len(list))
	as.fences = make([]*geo.Area, len(list))
	as.overBorder = make([]bool, len(list))
	as.cells = make(map[int32][]int32, 8*len(list))
	as.points = geo.NewPoints(func(id uint32) orb.Point { return list[id].Point })
	for i := range list {
		a := &list[i]
		if err := as.name(i, a); err != nil {
			return err
		}
		if !onEarth(a.Point) {
			return fmt.Errorf("airport %s: (%v, %v) is not on earth", a.Code(), a.Point[0], a.Point[1])
		}
		as.points.Set(uint32(i), a.Point, 0)
		if len(a.Fence) > 0 {
			as.fences[i] = geo.NewArea(a.Fence)
			for _, polygon := range a.Fence {
				as.cover(polygon.Bound(), i)
				for _, ring := range polygon {
					for _, q := range ring {
						as.extent[i] = max(as.extent[i], geo.Distance(a.Point, q))
					}
				}
			}
			continue
		}
		if !(a.FenceRadiusM > 0) || a.FenceRadiusM > 100_000 {
			return fmt.Errorf("airport %s: no fence, and a radius of %v m", a.Code(), a.FenceRadiusM)
		}
		as.extent[i] = a.FenceRadiusM
		for _, b := range geo.DiscBounds(a.Point, a.FenceRadiusM) {
			as.cover(b, i)
		}
		as.overBorder[i] = w.reachesAbroad(a)
	}
	return nil
}

// name records the codes of airport i.
func (as *airportIndex) name(i int, a *Airport) error {
	if a.Code() == "" {
		return fmt.Errorf("airport %q has no code", a.Name)
	}
	for _, code := range []string{a.IATA, a.ICAO} {
		if code == "" {
			continue
		}
		if other, taken := as.codes[code]; taken && other != i {
			return fmt.Errorf("airport code %s is given twice", code)
		}
		as.codes[code] = i
	}
	return nil
}

// cover enters airport i in every cell that b touches.
func (as *airportIndex) cover(b orb.Bound, i int) {
	const pad = cellPad
	c0, r0 := int(math.Floor((b.Min[0]+180)*cellsPerDegree-pad)), int(math.Floor((b.Min[1]+90)*cellsPerDegree-pad))
	c1, r1 := int(math.Floor((b.Max[0]+180)*cellsPerDegree+pad)), int(math.Floor((b.Max[1]+90)*cellsPerDegree+pad))
	if c1-c0 >= gridCols {
		c0, c1 = 0, gridCols-1
	}
	for r := max(r0, 0); r <= min(r1, gridRows-1); r++ {
		for c := c0; c <= c1; c++ {
			cell := int32(r*gridCols + (c+gridCols)%gridCols)
			if in := as.cells[cell]; len(in) == 0 || in[len(in)-1] != int32(i) {
				as.cells[cell] = append(in, int32(i))
			}
		}
	}
}

// reachesAbroad reports whether an airport's circle reaches over land of another
// country. It says no when the map draws the airport's own Point abroad, as it
// does on disputed ground and where a border is drawn coarsely.
func (w *World) reachesAbroad(a *Airport) bool {
	switch c := w.grid.certain(a.Point, a.FenceRadiusM); {
	case c == cellSea, c != cellAsk && c != cellCoast && w.countries[c-1].Code == a.Country:
		return false
	}
	reaches, home, abroad := false, false, false
	w.parts.Nearby(a.Point, a.FenceRadiusM, func(id uint32, _ *geo.Area, distM float64) bool {
		own := w.countries[w.partOf[id]].Code == a.Country
		reaches = reaches || !own
		home = home || own && distM == 0
		abroad = abroad || !own && distM == 0
		return true
	})
	return reaches && (home || !abroad)
}

// Reach is how far the airport's fence reaches from its point, metres.
func (a *Airport) Reach() float64 {
	far := 0.0
	for _, polygon := range a.Fence {
		for _, ring := range polygon {
			for _, p := range ring {
				far = math.Max(far, geo.Distance(a.Point, p))
			}
		}
	}
	if far == 0 {
		return a.FenceRadiusM
	}
	return far
}
