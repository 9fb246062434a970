package api

import (
	"context"

	"aman/api/openapi"
	"aman/geo/tracker"
)

// ListEvents implements the contract's listEvents.
func (s *Server) ListEvents(ctx context.Context, r openapi.ListEventsRequestObject) (openapi.ListEventsResponseObject, error) {
	v := s.view(ctx)
	c, err := s.crisis(v, r.Params.Crisis)
	if err != nil {
		return nil, err
	}
	limit := 100
	if r.Params.Limit != nil {
		limit = *r.Params.Limit
	}
	es, err := s.tracker.EventsBefore(ctx, v, c.ID, orZero(r.Params.Before), limit)
	if err != nil {
		return nil, err
	}
	out := openapi.EventList{Items: make([]openapi.Event, len(es)), AsOf: asOf(v)}
	for i := range es {
		out.Items[i] = eventOf(&es[i])
	}
	return openapi.ListEvents200JSONResponse(out), nil
}

func eventOf(e *tracker.EventView) openapi.Event {
	out := openapi.Event{
		Id: e.ID, Seq: e.Seq, Kind: openapi.EventKind(e.Kind.String()), At: e.At.UTC(), Zone: some(e.Zone), ZoneNames: labelOf(e.Names),
		Airport: some(e.Airport), Level: some(e.Level), Count: countOf(e.Count), Enters: countOf(e.Enters), Leaves: countOf(e.Leaves),
	}
	if len(e.People) > 0 {
		out.People = &e.People
	}
	return out
}
