package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"aman/api/auth"
	"aman/api/intake"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// ListMappings implements the contract's listMappings.
func (s *Server) ListMappings(ctx context.Context, _ openapi.ListMappingsRequestObject) (openapi.ListMappingsResponseObject, error) {
	in := callOf(ctx)
	ms, err := s.store.Mappings(ctx)
	if err != nil {
		return nil, err
	}
	out := openapi.ListMappings200JSONResponse{Items: []openapi.ListMapping{}}
	for i := range ms {
		if seesMapping(in, &ms[i]) {
			m, err := mappingOf(&ms[i], in)
			if err != nil {
				return nil, err
			}
			out.Items = append(out.Items, m)
		}
	}
	return out, nil
}

// SaveMapping implements the contract's saveMapping.
func (s *Server) SaveMapping(ctx context.Context, r openapi.SaveMappingRequestObject) (openapi.SaveMappingResponseObject, error) {
	in := callOf(ctx)
	text, err := json.Marshal(r.Body.Options)
	if err != nil {
		return nil, fmt.Errorf("encode a mapping: %w", err)
	}
	// The contract can't say what fields there are: package intake does.
	if _, err := intake.ReadListMapping(text, s.tracker.World()); err != nil {
		return nil, ofOptions(err)
	}
	m := tracker.Mapping{
		ID: tracker.NewID(), Name: strings.TrimSpace(r.Body.Name), Owner: in.ID, Mission: in.Mission, Text: text, At: s.now(),
	}
	if err := intake.Line("name", m.Name); err != nil {
		return nil, err
	}
	if err := s.store.SaveMapping(ctx, m, in.Audit("mapping.save", "mapping "+m.ID.String())); err != nil {
		return nil, err
	}
	out, err := mappingOf(&m, in)
	return openapi.SaveMapping201JSONResponse(out), err
}

// DeleteMapping implements the contract's deleteMapping.
func (s *Server) DeleteMapping(ctx context.Context, r openapi.DeleteMappingRequestObject) (openapi.DeleteMappingResponseObject, error) {
	in := callOf(ctx)
	m, err := s.mapping(ctx, r.Id)
	if err != nil {
		return nil, err
	}
	if m.Owner != in.ID && in.Role != auth.RoleAdmin {
		return nil, refuse(403, "forbidden", "Only who saved a mapping, or an administrator, may forget it.")
	}
	if err := s.store.DeleteMapping(ctx, m.ID, in.Audit("mapping.delete", "mapping "+m.ID.String())); err != nil {
		return nil, err
	}
	return openapi.DeleteMapping204Response{}, nil
}

// mapping finds a saved mapping that the caller may use. Errors: tracker.ErrNotFound.
func (s *Server) mapping(ctx context.Context, id tracker.ID) (tracker.Mapping, error) {
	ms, err := s.store.Mappings(ctx)
	if err != nil {
		return tracker.Mapping{}, err
	}
	for i := range ms {
		if ms[i].ID == id && seesMapping(callOf(ctx), &ms[i]) {
			return ms[i], nil
		}
	}
	return tracker.Mapping{}, fmt.Errorf("%w: mapping %s", tracker.ErrNotFound, id)
}

// seesMapping: a mapping is its owner's, and shared within a mission or the
// ministry; a partner's is its own. The headings of a list may say what it is about.
func seesMapping(in *call, m *tracker.Mapping) bool {
	if m.Owner == in.ID {
		return true
	}
	return in.Role != auth.RolePartner && (m.Mission == in.Mission && !in.Mission.IsZero() || in.Scope().All)
}

func mappingOf(m *tracker.Mapping, in *call) (openapi.ListMapping, error) {
	out := openapi.ListMapping{Id: m.ID, Name: m.Name, SavedAt: m.At.UTC(), Own: m.Owner == in.ID}
	if err := json.NewDecoder(bytes.NewReader(m.Text)).Decode(&out.Options); err != nil {
		return out, fmt.Errorf("read mapping %s: %w", m.ID, err)
	}
	return out, nil
}
