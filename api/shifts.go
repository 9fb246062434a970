package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"aman/api/intake"
	"aman/api/openapi"
	"aman/geo/tracker"
)

const (
	// longestShift is how long one turn of duty may be.
	longestShift = 7 * 24 * time.Hour
	// longestRota is how far a request for turns may reach.
	longestRota = 100 * 24 * time.Hour
)

// ListShifts implements the contract's listShifts.
func (s *Server) ListShifts(ctx context.Context, r openapi.ListShiftsRequestObject) (openapi.ListShiftsResponseObject, error) {
	mission := orZero(r.Params.Mission)
	if err := s.knownMission(mission); err != nil {
		return nil, err
	}
	from, to, err := rota(r.Params.From, r.Params.To)
	if err != nil {
		return nil, err
	}
	list, err := s.shifts(ctx, mission, from, to)
	return openapi.ListShifts200JSONResponse(list), err
}

// rota reads a stretch of time, [from, to).
func rota(from, to time.Time) (time.Time, time.Time, error) {
	from, to = from.UTC().Truncate(time.Microsecond), to.UTC().Truncate(time.Microsecond)
	switch {
	case !to.After(from):
		return from, to, refuseField(http.StatusUnprocessableEntity, "out_of_order", "to", "This is not after from.")
	case to.Sub(from) > longestRota:
		return from, to, refuseField(http.StatusUnprocessableEntity, "out_of_range", "to", "This is more than 100 days after from.")
	}
	return from, to, nil
}

func (s *Server) shifts(ctx context.Context, mission tracker.ID, from, to time.Time) (openapi.ShiftList, error) {
	ss, err := s.store.Shifts(ctx, mission, from, to)
	if err != nil {
		return openapi.ShiftList{}, err
	}
	list := openapi.ShiftList{Items: []openapi.Shift{}}
	for _, x := range ss {
		list.Items = append(list.Items, openapi.Shift{
			Id: x.ID, Mission: some(x.Mission), Name: x.Name, Phone: x.Phone, From: x.From.UTC(), To: x.To.UTC(),
		})
	}
	return list, nil
}

// SetShifts implements the contract's setShifts. Turns that overlap are allowed:
// two may be on duty together.
func (s *Server) SetShifts(ctx context.Context, r openapi.SetShiftsRequestObject) (openapi.SetShiftsResponseObject, error) {
	mission, err := s.dutyOf(ctx, r.Body.Mission)
	if err != nil {
		return nil, err
	}
	from, to, err := rota(r.Body.From, r.Body.To)
	if err != nil {
		return nil, err
	}
	var ss []tracker.Shift
	for i, x := range r.Body.Items {
		at := "items." + strconv.Itoa(i) + "."
		field := func(name, code, detail string) error {
			return refuseField(http.StatusUnprocessableEntity, code, at+name, detail)
		}
		sh := tracker.Shift{
			ID: tracker.NewID(), Mission: mission, Name: strings.TrimSpace(x.Name),
			From: x.From.UTC().Truncate(time.Microsecond), To: x.To.UTC().Truncate(time.Microsecond),
		}
		if err := intake.Line(at+"name", sh.Name); err != nil {
			return nil, err
		}
		if sh.Phone, err = intake.Phone(x.Phone); err != nil {
			return nil, inField(at+"phone", err)
		}
		switch {
		case sh.From.Before(from) || !sh.From.Before(to):
			return nil, field("from", "out_of_range", "The turn doesn't begin within the stretch that is replaced.")
		case !sh.To.After(sh.From):
			return nil, field("to", "out_of_order", "A turn ends after it begins.")
		case sh.To.Sub(sh.From) > longestShift:
			return nil, field("to", "out_of_range", "A turn lasts a week at most.")
		}
		ss = append(ss, sh)
	}
	au := callOf(ctx).Audit("shift.set", "mission "+mission.String())
	if err := s.store.SetShifts(ctx, mission, from, to, ss, au); err != nil {
		return nil, err
	}
	list, err := s.shifts(ctx, mission, from, to)
	return openapi.SetShifts200JSONResponse(list), err
}
