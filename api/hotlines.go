package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"aman/api/auth"
	"aman/api/intake"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// ListHotlines implements the contract's listHotlines.
func (s *Server) ListHotlines(ctx context.Context, _ openapi.ListHotlinesRequestObject) (openapi.ListHotlinesResponseObject, error) {
	list, err := s.hotlines(ctx)
	return openapi.ListHotlines200JSONResponse(list), err
}

func (s *Server) hotlines(ctx context.Context) (openapi.HotlineList, error) {
	hs, err := s.store.Hotlines(ctx)
	if err != nil {
		return openapi.HotlineList{}, err
	}
	list := openapi.HotlineList{Items: []openapi.Hotline{}}
	for _, h := range hs {
		list.Items = append(list.Items, openapi.Hotline{Id: h.ID, Mission: some(h.Mission), Phone: h.Phone, Names: namesOf(h.Names), Public: h.Public})
	}
	return list, nil
}

// SetHotlines implements the contract's setHotlines.
func (s *Server) SetHotlines(ctx context.Context, r openapi.SetHotlinesRequestObject) (openapi.SetHotlinesResponseObject, error) {
	mission, err := s.dutyOf(ctx, r.Body.Mission)
	if err != nil {
		return nil, err
	}
	var hs []tracker.Hotline
	for i, x := range r.Body.Items {
		at := "items." + strconv.Itoa(i) + "."
		h := tracker.Hotline{ID: tracker.NewID(), Mission: mission, Names: coreNames(x.Names), Public: x.Public, Order: i + 1}
		if h.Phone, err = intake.Phone(x.Phone); err != nil {
			return nil, inField(at+"phone", err)
		}
		if h.Names == (tracker.Names{}) {
			return nil, refuseField(http.StatusUnprocessableEntity, "required", at+"names", "Say what the number is for.")
		}
		for _, n := range []string{h.Names.KK, h.Names.RU, h.Names.EN} {
			if err := intake.Line(at+"names", n); err != nil {
				return nil, err
			}
		}
		hs = append(hs, h)
	}
	au := callOf(ctx).Audit("hotline.set", "mission "+mission.String())
	if err := s.store.SetHotlines(ctx, mission, hs, au); err != nil {
		return nil, err
	}
	list, err := s.hotlines(ctx)
	return openapi.SetHotlines200JSONResponse(list), err
}

// dutyOf is the mission whose hotlines and rota a request changes: zero is the
// ministry. An embassy changes its own alone, and as if no other were there.
func (s *Server) dutyOf(ctx context.Context, asked *tracker.ID) (tracker.ID, error) {
	in, id := callOf(ctx), orZero(asked)
	if in.Role == auth.RoleEmbassy {
		if asked != nil && id != in.Mission {
			return id, tracker.ErrNotFound
		}
		return in.Mission, nil
	}
	return id, s.knownMission(id)
}

// knownMission is ErrNotFound for the id of no mission; zero is the ministry.
func (s *Server) knownMission(id tracker.ID) error {
	if _, ok := s.tracker.Snapshot().Mission(id); !ok && !id.IsZero() {
		return tracker.ErrNotFound
	}
	return nil
}

// inField puts a member's path to an error that has none.
func inField(path string, err error) error {
	var fe *tracker.FieldError
	if !errors.As(err, &fe) {
		return err
	}
	in := *fe
	in.Field = path
	return &in
}
