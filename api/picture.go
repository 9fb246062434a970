package api

import (
	"context"
	"math"

	"github.com/paulmach/orb"

	"aman/api/openapi"
	"aman/geo/tracker"
)

// WhatIsAt implements the contract's whatIsAt.
func (s *Server) WhatIsAt(ctx context.Context, r openapi.WhatIsAtRequestObject) (openapi.WhatIsAtResponseObject, error) {
	v := s.view(ctx)
	c, err := s.crisis(v, r.Params.Crisis)
	if err != nil {
		return nil, err
	}
	f, err := v.At(c.ID, orb.Point{r.Body.Lon, r.Body.Lat}, orZero(r.Body.RadiusM))
	if err != nil {
		return nil, err
	}
	out := openapi.PlaceFacts{
		Countries: []string{}, Verdicts: []openapi.PlaceVerdict{}, Airports: []openapi.NearAirport{}, AsOf: asOf(v),
	}
	for _, h := range f.Countries {
		out.Countries = append(out.Countries, h.Code)
		out.CountryNear = out.CountryNear || h.Near
	}
	for _, e := range f.Verdicts {
		out.Verdicts = append(out.Verdicts, openapi.PlaceVerdict{
			Zone: e.Zone, Level: e.Level, Verdict: openapi.Verdict(e.Verdict.String()), Share: e.Share,
		})
	}
	airports := s.tracker.World().Airports()
	for _, n := range f.Airports {
		a := airports[n.Index]
		out.Airports = append(out.Airports, openapi.NearAirport{Code: a.Code(), Name: a.Name, DistanceM: tidy(n.DistanceM)})
	}
	return openapi.WhatIsAt200JSONResponse(out), nil
}

// coarseZoom is as far as those may zoom in who may not see exact places.
const coarseZoom = 9

// GetCells implements the contract's getCells.
func (s *Server) GetCells(ctx context.Context, r openapi.GetCellsRequestObject) (openapi.GetCellsResponseObject, error) {
	v, p := s.view(ctx), r.Params
	f, err := s.filter(v, filterParams{
		p.Crisis, p.Zone, p.Country, p.Airport, p.Mission, p.Verdict, p.Freshness, p.Wellbeing, p.Intention, p.Contact,
		p.Level, p.Stay, p.Stranded, p.Placed, p.Bbox,
	})
	if err != nil {
		return nil, err
	}
	zoom, noPlaces := p.Zoom, v.Scope().NoPlaces
	if noPlaces {
		zoom = min(zoom, coarseZoom)
	}
	cs, err := v.Cells(f, zoom)
	if err != nil {
		return nil, err
	}
	out := openapi.CellList{
		Cells: make([]openapi.Cell, len(cs.Cells)), Total: countOf(cs.Total), Unplaced: countOf(cs.Unplaced), AsOf: asOf(v),
	}
	for i, c := range cs.Cells {
		if noPlaces { // a cell of one person is drawn where they are
			c.Lon, c.Lat = coarsened(c.Lon, 180), coarsened(c.Lat, 90)
		}
		out.Cells[i] = openapi.Cell{
			Lon: c.Lon, Lat: c.Lat, Level: c.Level, Verdict: openapi.Verdict(c.Verdict.String()),
			Records: c.Records, Persons: c.Persons, Fresh: c.Fresh, Safe: c.Safe, NeedsHelp: c.NeedsHelp, Leaving: c.Leaving,
		}
	}
	return openapi.GetCells200JSONResponse(out), nil
}

// coarsened moves a coordinate to the coarse grid, within ±limit degrees.
func coarsened(x, limit float64) float64 {
	x = math.Round(x/coarse) * coarse
	return math.Max(-limit, math.Min(limit, math.Round(x*10)/10))
}

// GetCounts implements the contract's getCounts.
func (s *Server) GetCounts(ctx context.Context, r openapi.GetCountsRequestObject) (openapi.GetCountsResponseObject, error) {
	v, p := s.view(ctx), r.Params
	f, err := s.filter(v, filterParams{
		p.Crisis, p.Zone, p.Country, p.Airport, p.Mission, p.Verdict, p.Freshness, p.Wellbeing, p.Intention, p.Contact,
		p.Level, p.Stay, p.Stranded, p.Placed, p.Bbox,
	})
	if err != nil {
		return nil, err
	}
	cs, err := v.Counts(f, tracker.By(p.By))
	if err != nil {
		return nil, err
	}
	return openapi.GetCounts200JSONResponse{
		Groups: groupsOf(cs.Groups), Total: countOf(cs.Total), Unplaced: countOf(cs.Unplaced), AsOf: asOf(v),
	}, nil
}

func groupsOf(gs []tracker.Group) []openapi.CountGroup {
	out := make([]openapi.CountGroup, len(gs))
	for i, g := range gs {
		out[i] = openapi.CountGroup{
			Key: g.Key, Label: labelOf(g.Label), Records: g.Records, Persons: g.Persons,
			Inside: countOf(g.Inside), Possible: countOf(g.Possible),
		}
	}
	return out
}
