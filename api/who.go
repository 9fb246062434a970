package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"aman/api/intake"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// suggested is how many candidates one look-up gives.
const suggested = 10

// MatchPeople implements the contract's matchPeople.
func (s *Server) MatchPeople(ctx context.Context, r openapi.MatchPeopleRequestObject) (openapi.MatchPeopleResponseObject, error) {
	v := s.view(ctx)
	c, err := s.crisis(v, r.Params.Crisis)
	if err != nil {
		return nil, err
	}
	in := callOf(ctx)
	p, err := intake.Person(in.body, s.defaults(in, c))
	if err != nil {
		return nil, err
	}
	list, err := s.candidates(ctx, v, c.ID, &p, "new")
	return openapi.MatchPeople200JSONResponse(list), err
}

// ListMatches implements the contract's listMatches.
func (s *Server) ListMatches(ctx context.Context, r openapi.ListMatchesRequestObject) (openapi.ListMatchesResponseObject, error) {
	p, err := s.tracker.Details(ctx, callOf(ctx).actor(), r.Id)
	if err != nil {
		return nil, err
	}
	list, err := s.candidates(ctx, s.view(ctx), p.Crisis, &p, p.ID.String())
	return openapi.ListMatches200JSONResponse(list), err
}

// candidates lists who may be p; the read is audited.
func (s *Server) candidates(ctx context.Context, v tracker.View, crisis tracker.ID, p *tracker.Person, whom string) (openapi.CandidateList, error) {
	list := openapi.CandidateList{Items: []openapi.Candidate{}}
	found, err := v.Suggest(crisis, p, suggested)
	if err != nil {
		return list, err
	}
	if err := s.tracker.Audit(ctx, callOf(ctx).Audit("person.match", "person "+whom)); err != nil {
		return list, err
	}
	for i := range found {
		list.Items = append(list.Items, openapi.Candidate{Person: rowOf(&found[i].Row), Score: found[i].Score, Why: found[i].Why})
	}
	return list, nil
}

// MergePerson implements the contract's mergePerson.
func (s *Server) MergePerson(ctx context.Context, r openapi.MergePersonRequestObject) (openapi.MergePersonResponseObject, error) {
	seq, err := s.tracker.Merge(ctx, callOf(ctx).actor(), r.Id, r.Body.Gone, strings.TrimSpace(r.Body.Reason))
	if errors.Is(err, tracker.ErrTwoHumans) {
		return nil, refuse(http.StatusConflict, "two_humans", "The records carry different IINs: they are two people, or one number is wrong.")
	}
	if err != nil {
		return nil, err
	}
	s.settle(ctx, seq)
	return openapi.MergePerson204Response{}, nil
}

// UnmergePerson implements the contract's unmergePerson.
func (s *Server) UnmergePerson(ctx context.Context, r openapi.UnmergePersonRequestObject) (openapi.UnmergePersonResponseObject, error) {
	if !slices.Contains(s.tracker.Snapshot().Members(r.Id), r.Body.Gone) {
		return nil, tracker.ErrNotFound
	}
	seq, err := s.tracker.Unmerge(ctx, callOf(ctx).actor(), r.Body.Gone, strings.TrimSpace(r.Body.Reason))
	if err != nil {
		return nil, err
	}
	s.settle(ctx, seq)
	return openapi.UnmergePerson204Response{}, nil
}

// ErasePerson implements the contract's erasePerson.
func (s *Server) ErasePerson(ctx context.Context, r openapi.ErasePersonRequestObject) (openapi.ErasePersonResponseObject, error) {
	seq, err := s.tracker.Erase(ctx, callOf(ctx).actor(), r.Id, strings.TrimSpace(r.Body.Reason))
	if err != nil {
		return nil, err
	}
	s.settle(ctx, seq)
	return openapi.ErasePerson204Response{}, nil
}

// RuleReport implements the contract's ruleReport.
func (s *Server) RuleReport(ctx context.Context, r openapi.RuleReportRequestObject) (openapi.RuleReportResponseObject, error) {
	seq, err := s.tracker.Rule(ctx, callOf(ctx).actor(), r.Body.PersonId, r.Id, r.Body.Trusted, strings.TrimSpace(r.Body.Reason))
	if err != nil {
		return nil, err
	}
	s.settle(ctx, seq)
	return openapi.RuleReport204Response{}, nil
}
