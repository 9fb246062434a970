package tracker

import (
	"strconv"

	"github.com/paulmach/orb"
)

// The limits of all zones together that aren't withdrawn, drafts included. Beyond
// them a new zone is refused, not matched slowly: they are what was measured to be
// matched, compiled and kept in memory on one machine with room to spare (some 60
// bytes a vertex), and ten times any list that was ever published.
const (
	MaxZones        = 20_000
	MaxZoneVertices = 10_000_000
)

// ZoneSet adds up zones against their limits. The zero value is empty.
type ZoneSet struct {
	Zones    int
	Vertices int // positions, closing ones included
}

// AddZone counts one more zone with its own shape; a country's counts none.
func (s *ZoneSet) AddZone(z *Zone) error { return s.Add(countVertices(z.Shape)) }

// Add counts one more zone, of so many vertices. Errors: a FieldError with the
// limit and the figure; it is not counted then.
func (s *ZoneSet) Add(vertices int) error {
	if n := s.Zones + 1; n > MaxZones {
		return invalid("geometry", "too_many_zones", strconv.Itoa(n)+" zones are more than the "+strconv.Itoa(MaxZones)+" that are matched; withdraw some")
	}
	if n := s.Vertices + vertices; n > MaxZoneVertices {
		return invalid("geometry", "too_many_vertices",
			strconv.Itoa(n)+" vertices of all zones together are more than the "+strconv.Itoa(MaxZoneVertices)+" that are matched; simplify some or withdraw them")
	}
	s.Zones++
	s.Vertices += vertices
	return nil
}

func countVertices(mp orb.MultiPolygon) (n int) {
	for _, polygon := range mp {
		for _, ring := range polygon {
			n += len(ring)
		}
	}
	return n
}

// zonesBut adds up the zones that aren't withdrawn, without the one of an id.
func (s *Snapshot) zonesBut(id ID) ZoneSet {
	var set ZoneSet
	for _, z := range s.zones {
		if z.latest.ID == id || z.latest.State == Withdrawn {
			continue
		}
		set.Zones++
		n := countVertices(z.latest.Shape)
		if z.area != nil { // a country's, or a larger one below a draft
			n = max(n, z.area.Vertices())
		}
		set.Vertices += n
	}
	return set
}
