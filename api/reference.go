package api

import (
	"context"
	"strings"

	"aman/api/openapi"
	"aman/geo/tracker"
)

// ListCrises implements the contract's listCrises.
func (s *Server) ListCrises(_ context.Context, _ openapi.ListCrisesRequestObject) (openapi.ListCrisesResponseObject, error) {
	r := openapi.ListCrises200JSONResponse{Items: []openapi.Crisis{}}
	for _, c := range s.tracker.Snapshot().Crises() {
		r.Items = append(r.Items, openapi.Crisis{
			Id: c.ID, Slug: c.Slug, Names: namesOf(c.Names), Region: c.Region, Default: c.Default,
			Starts: c.Starts.UTC(), Ends: moment(c.Ends),
		})
	}
	return r, nil
}

// ListMissions implements the contract's listMissions.
func (s *Server) ListMissions(_ context.Context, _ openapi.ListMissionsRequestObject) (openapi.ListMissionsResponseObject, error) {
	r := openapi.ListMissions200JSONResponse{Items: []openapi.Mission{}}
	for _, m := range s.tracker.Snapshot().Missions() {
		r.Items = append(r.Items, missionOf(m))
	}
	return r, nil
}

func missionOf(m tracker.Mission) openapi.Mission {
	return openapi.Mission{
		Id: m.ID, Code: m.Code, Names: namesOf(m.Names),
		Countries: append([]string{}, m.Countries...), DutyPhone: some(m.DutyPhone),
	}
}

// SearchPlaces implements the contract's searchPlaces: airports whose code or
// name starts with the text, then cities.
func (s *Server) SearchPlaces(_ context.Context, r openapi.SearchPlacesRequestObject) (openapi.SearchPlacesResponseObject, error) {
	limit := 10
	if r.Body.Limit != nil {
		limit = *r.Body.Limit
	}
	w := s.tracker.World()
	out := openapi.SearchPlaces200JSONResponse{Items: []openapi.FoundPlace{}}
	text := strings.TrimSpace(r.Body.Text)
	for _, a := range airportsCalled(w, text, (limit+1)/2) {
		out.Items = append(out.Items, openapi.FoundPlace{
			Kind: "airport", Name: a.Name, Code: some(a.Code()), Country: a.Country, Lon: a.Point[0], Lat: a.Point[1],
		})
	}
	for _, c := range w.SearchPlaces(text, limit-len(out.Items)) {
		out.Items = append(out.Items, openapi.FoundPlace{
			Kind: "city", Name: c.Name, Country: c.Country, Lon: c.Point[0], Lat: c.Point[1],
		})
	}
	return out, nil
}

// airportsCalled lists at most n airports whose code is the text or whose name or
// city starts with it; the largest first among equals.
func airportsCalled(w *tracker.World, text string, n int) []tracker.Airport {
	var exact, starts []tracker.Airport
	lower := strings.ToLower(text)
	for _, a := range w.Airports() {
		switch {
		case strings.EqualFold(a.IATA, text) || strings.EqualFold(a.ICAO, text):
			exact = append(exact, a)
		case strings.HasPrefix(strings.ToLower(a.Name), lower) || strings.HasPrefix(strings.ToLower(a.City), lower):
			starts = append(starts, a)
		}
	}
	for size := tracker.LargeAirport; size >= tracker.SmallAirport; size-- {
		for _, a := range starts {
			if a.Size == size {
				exact = append(exact, a)
			}
		}
	}
	return exact[:min(n, len(exact))]
}
