package api

import (
	"math"
	"net/http"

	"github.com/paulmach/orb"

	"aman/api/openapi"
	"aman/geo"
	"aman/geo/tracker"
)

// filterParams are the filters that lists, cells, counts and exports share. The
// contract's parameters differ in type only; one function reads them all, so
// that a filter means the same everywhere.
type filterParams struct {
	Crisis    *openapi.CrisisSlug
	Zone      *openapi.FilterZone
	Country   *openapi.FilterCountry
	Airport   *openapi.FilterAirport
	Mission   *openapi.FilterMission
	Verdict   *openapi.FilterVerdict
	Freshness *openapi.FilterFreshness
	Wellbeing *openapi.FilterWellbeing
	Intention *openapi.FilterIntention
	Contact   *openapi.FilterContact
	Level     *openapi.FilterLevel
	Stay      *openapi.FilterStay
	Stranded  *openapi.FilterStranded
	Placed    *openapi.FilterPlaced
	Bbox      *openapi.FilterBbox
}

// filter turns parameters, which the gate has held against the contract, into
// the core's filter.
func (s *Server) filter(v tracker.View, p filterParams) (tracker.Filter, error) {
	c, err := s.crisis(v, p.Crisis)
	if err != nil {
		return tracker.Filter{}, err
	}
	f := tracker.Filter{
		Crisis: c.ID, Zone: orZero(p.Zone), Country: orZero(p.Country), Airport: orZero(p.Airport),
		Mission: orZero(p.Mission), Stranded: p.Stranded, Placed: p.Placed,
	}
	for _, add := range []error{
		addWords(&f.Verdicts, p.Verdict, geo.ParseVerdict),
		addWords(&f.Wellbeing, p.Wellbeing, tracker.ParseWellbeing),
		addWords(&f.Intention, p.Intention, tracker.ParseIntention),
		addWords(&f.Contact, p.Contact, tracker.ParseContact),
		addWords(&f.Stay, p.Stay, tracker.ParseStay),
	} {
		if add != nil {
			return f, add
		}
	}
	for _, n := range orZero(p.Level) {
		f.Levels.Add(uint8(n))
	}
	switch orZero(p.Freshness) {
	case "fresh":
		f.Freshness = tracker.Fresh
	case "stale":
		f.Freshness = tracker.Stale
	}
	f.Boxes, err = boxes(v, p.Bbox)
	return f, err
}

// addWords puts the numbers of words into a set.
func addWords[W ~string, N ~uint8](set *tracker.Set, words *[]W, parse func(string) (N, error)) error {
	for _, w := range orZero(words) {
		n, err := parse(string(w))
		if err != nil {
			return err
		}
		set.Add(uint8(n))
	}
	return nil
}

// coarse is the grid, degrees, on which those who may not see exact places see
// anything at all: about 11 km.
const coarse = 0.1

// boxes reads a bbox. For a scope without exact places its edges move out to the
// coarse grid: ever smaller boxes would find the place.
func boxes(v tracker.View, bbox *[]float64) ([]orb.Bound, error) {
	if bbox == nil {
		return nil, nil
	}
	if len(*bbox) != 4 {
		return nil, refuseField(http.StatusBadRequest, "wrong_form", "bbox", "A bbox is west,south,east,north.")
	}
	w, s, e, n := (*bbox)[0], (*bbox)[1], (*bbox)[2], (*bbox)[3]
	if v.Scope().NoPlaces {
		w, s = math.Max(math.Floor(w/coarse)*coarse, -180), math.Max(math.Floor(s/coarse)*coarse, -90)
		e, n = math.Min(math.Ceil(e/coarse)*coarse, 180), math.Min(math.Ceil(n/coarse)*coarse, 90)
	}
	return tracker.Boxes(w, s, e, n)
}
