package api

import (
	"context"

	"aman/api/openapi"
)

// Login implements the contract's login.
func (s *Server) Login(ctx context.Context, r openapi.LoginRequestObject) (openapi.LoginResponseObject, error) {
	in := callOf(ctx)
	token, p, err := s.accounts.Login(ctx, r.Body.Login, r.Body.Password, in.address)
	if err != nil {
		return nil, err
	}
	in.Principal = p
	return openapi.Login200JSONResponse{
		Body:    s.me(in),
		Headers: openapi.Login200ResponseHeaders{SetCookie: s.cookie.set(token)},
	}, nil
}

// Logout implements the contract's logout.
func (s *Server) Logout(ctx context.Context, _ openapi.LogoutRequestObject) (openapi.LogoutResponseObject, error) {
	if err := s.accounts.Logout(ctx, callOf(ctx).Principal); err != nil {
		return nil, err
	}
	return openapi.Logout204Response{Headers: openapi.Logout204ResponseHeaders{SetCookie: s.cookie.set("")}}, nil
}

// GetMe implements the contract's getMe.
func (s *Server) GetMe(ctx context.Context, _ openapi.GetMeRequestObject) (openapi.GetMeResponseObject, error) {
	return openapi.GetMe200JSONResponse(s.me(callOf(ctx))), nil
}

func (s *Server) me(in *call) openapi.Me {
	me := openapi.Me{
		Login: in.Login, Name: in.Name, Role: openapi.Role(in.Role.String()), Permissions: in.Role.Permissions(),
	}
	if m, ok := s.tracker.Snapshot().Mission(in.Mission); ok {
		mission := missionOf(m)
		me.Mission = &mission
	}
	return me
}
