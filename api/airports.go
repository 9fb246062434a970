package api

import (
	"context"
	"strings"

	"aman/api/openapi"
	"aman/geo/tracker"
)

// ListAirports implements the contract's listAirports.
func (s *Server) ListAirports(ctx context.Context, r openapi.ListAirportsRequestObject) (openapi.ListAirportsResponseObject, error) {
	v, p := s.view(ctx), r.Params
	c, err := s.crisis(v, p.Crisis)
	if err != nil {
		return nil, err
	}
	f := tracker.AirportFilter{Crisis: c.ID, Country: orZero(p.Country), Relevant: p.Relevant == nil || *p.Relevant}
	// Where an airport is is no secret: the box is not coarsened.
	if p.Bbox != nil {
		b := *p.Bbox
		if f.Boxes, err = tracker.Boxes(b[0], b[1], b[2], b[3]); err != nil {
			return nil, err
		}
	}
	limit := 1000
	if p.Limit != nil {
		limit = *p.Limit
	}
	as, total, err := v.Airports(f, limit)
	if err != nil {
		return nil, err
	}
	list := openapi.AirportList{Items: make([]openapi.Airport, len(as)), Total: total, AsOf: asOf(v)}
	for i := range as {
		list.Items[i] = airportOf(&as[i])
	}
	return openapi.ListAirports200JSONResponse(list), nil
}

// GetAirport implements the contract's getAirport.
func (s *Server) GetAirport(ctx context.Context, r openapi.GetAirportRequestObject) (openapi.GetAirportResponseObject, error) {
	v := s.view(ctx)
	c, err := s.crisis(v, r.Params.Crisis)
	if err != nil {
		return nil, err
	}
	a, ok := v.Airport(c.ID, r.Code)
	if !ok {
		return nil, tracker.ErrNotFound
	}
	return openapi.GetAirport200JSONResponse{
		Body: airportOf(&a), Headers: openapi.GetAirport200ResponseHeaders{ETag: etagOf(a.State.Version)},
	}, nil
}

// ListAirportPeople implements the contract's listAirportPeople.
func (s *Server) ListAirportPeople(ctx context.Context, r openapi.ListAirportPeopleRequestObject) (openapi.ListAirportPeopleResponseObject, error) {
	v := s.view(ctx)
	if _, ok := s.tracker.World().Airport(r.Code); !ok {
		return nil, tracker.ErrNotFound
	}
	f, err := s.filter(v, filterParams{Crisis: r.Params.Crisis, Airport: &r.Code, Stranded: r.Params.Stranded})
	if err != nil {
		return nil, err
	}
	list, err := s.people(ctx, v, f, r.Params.Limit, r.Params.Cursor)
	return openapi.ListAirportPeople200JSONResponse(list), err
}

// SetAirportState implements the contract's setAirportState.
func (s *Server) SetAirportState(ctx context.Context, r openapi.SetAirportStateRequestObject) (openapi.SetAirportStateResponseObject, error) {
	c, err := s.crisis(s.view(ctx), r.Params.Crisis)
	if err != nil {
		return nil, err
	}
	status, err := tracker.ParseAirportStatus(string(r.Body.Status))
	if err != nil {
		return nil, err
	}
	st, seq, err := s.tracker.SetAirport(ctx, callOf(ctx).actor(), tracker.AirportState{
		Crisis: c.ID, Airport: r.Code, Status: status, Reason: strings.TrimSpace(r.Body.Reason), Until: orZero(r.Body.Until).UTC(),
	})
	if err != nil {
		return nil, err
	}
	s.settle(ctx, seq)
	a, ok := s.view(ctx).Airport(c.ID, r.Code)
	if !ok {
		return nil, tracker.ErrNotFound
	}
	if a.State.Version < st.Version { // the picture is late
		a.State = st
	}
	return openapi.SetAirportState200JSONResponse{
		Body: airportOf(&a), Headers: openapi.SetAirportState200ResponseHeaders{ETag: etagOf(a.State.Version)},
	}, nil
}

func airportOf(a *tracker.AirportView) openapi.Airport {
	out := openapi.Airport{
		Code: a.Code(), Iata: some(a.IATA), Icao: some(a.ICAO), Name: a.Name, City: some(a.City), Country: a.Country,
		Lon: a.Point[0], Lat: a.Point[1], Size: openapi.AirportSize(a.Size.String()), TimeZone: some(a.TimeZone),
		Status: openapi.AirportStatus(a.State.Status.String()), Reason: some(a.State.Reason), Until: moment(a.State.Until),
		Version: a.State.Version, People: countOf(a.People), Stranded: countOf(a.Stranded),
	}
	zones := []openapi.AirportZone{}
	for _, z := range a.Zones {
		zones = append(zones, openapi.AirportZone{Zone: z.Zone, Level: z.Level, DistanceM: tidy(z.DistanceM)})
	}
	out.Zones = &zones
	return out
}
