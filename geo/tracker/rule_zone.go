package tracker

import (
	"strings"
	"unicode/utf8"

	"aman/geo"
)

// lowers tells whether putting next in force in place of old lowers, shrinks,
// shortens or withdraws a level 3 or 4: what rule 6 asks two people for. Where
// the shapes can't be compared it does.
func (s *Snapshot) lowers(old, next *Zone) bool {
	switch {
	case old.Level < 3 || old.Kind == Airspace:
		return false
	case next.State == Withdrawn, next.Level < old.Level, next.Kind == Airspace:
		return true
	case old.ValidTo.IsZero() && !next.ValidTo.IsZero(),
		!old.ValidTo.IsZero() && !next.ValidTo.IsZero() && next.ValidTo.Before(old.ValidTo),
		next.ValidFrom.After(old.ValidFrom):
		return true
	case old.Country != "" && old.Country == next.Country:
		return false
	}
	covers, err := geo.Covers(s.ShapeOf(next), s.ShapeOf(old))
	return err != nil || !covers
}

// CheckZone holds a zone's fields to their rules, ids and versions aside; the
// shape itself was checked when it was decoded. All zones together keep to the
// limits of a ZoneSet. Errors: *FieldError.
func (t *Tracker) CheckZone(z *Zone) error {
	switch {
	case z.Level < 1 || z.Level > 4:
		return invalid("level", "out_of_range", "level must be 1, 2, 3 or 4")
	case z.Action == 0:
		return invalid("action", "missing", "an action is needed; none is one")
	case z.Kind == 0:
		return invalid("kind", "missing", "a kind is needed")
	case z.ValidFrom.IsZero():
		return invalid("valid_from", "missing", "a start is needed")
	case !z.ValidTo.IsZero() && !z.ValidTo.After(z.ValidFrom):
		return invalid("valid_to", "not_after_start", "the end must come after the start")
	case strings.TrimSpace(z.Names.KK+z.Names.RU+z.Names.EN) == "":
		return invalid("names", "missing", "a name is needed in at least one language")
	case strings.TrimSpace(z.Reason) == "":
		return invalid("reason", "missing", "a reason is needed")
	case !utf8.ValidString(z.Source + z.Reason):
		return invalid("reason", "not_utf8", "text must be UTF-8")
	case z.Country != "" && len(z.Shape) > 0:
		return invalid("geometry", "both_given", "give a geometry or a country, not both")
	case z.Country == "" && len(z.Shape) == 0:
		return invalid("geometry", "missing", "a geometry or a country is needed")
	case z.Kind != Airspace && (z.FloorM != 0 || z.CeilingM != 0):
		return invalid("floor_m", "airspace_only", "only airspace has a floor and a ceiling")
	case z.Kind == Airspace && z.CeilingM <= z.FloorM:
		return invalid("ceiling_m", "not_above_floor", "the ceiling must be above the floor")
	}
	if z.Country != "" {
		if _, ok := t.world.Country(z.Country); !ok {
			return invalid("country", "unknown_country", "no country has this code")
		}
	}
	s := t.Snapshot()
	set := s.zonesBut(z.ID)
	return set.Add(countVertices(s.ShapeOf(z)))
}
