package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"aman/api/auth"
	"aman/api/intake"
	"aman/api/openapi"
	"aman/geo/tracker"
)

const (
	// linkBatch is how many links are looked through at a time for those in scope.
	linkBatch = 1000
	// longestLink is how far ahead a link may expire.
	longestLink = 366 * 24 * time.Hour
)

// ListLinks implements the contract's listLinks: those of the caller's people,
// and campaigns of the caller's mission. The ministry sees all.
func (s *Server) ListLinks(ctx context.Context, r openapi.ListLinksRequestObject) (openapi.ListLinksResponseObject, error) {
	in, v := callOf(ctx), s.view(ctx)
	c, err := s.crisis(v, r.Params.Crisis)
	if err != nil {
		return nil, err
	}
	after, paged, err := readCursor(r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	limit := defaultPage
	if r.Params.Limit != nil {
		limit = *r.Params.Limit
	}
	q := auth.LinkQuery{Limit: max(limit, linkBatch) + 1}
	if k := r.Params.Kind; k != nil {
		q.Campaigns, q.Personal = *k == openapi.ListLinksParamsKindCampaign, *k == openapi.ListLinksParamsKindPersonal
	}
	if paged {
		q.BeforeAt, q.BeforeID = time.UnixMicro(after.at), after.id
	}
	if !v.Scope().All {
		q.Mission = in.Mission
	}
	if p := r.Params.Person; p != nil {
		row, ok := personOf(v, *p)
		if !ok {
			return nil, tracker.ErrNotFound
		}
		q.People = v.Snapshot().Members(row.ID)
	}
	// Who the people of a mission are only the picture knows: one looks on until the
	// page is full.
	out := openapi.ListLinks200JSONResponse{Items: []openapi.Link{}}
	now := s.now()
	var last *auth.Link
	for {
		ls, err := s.store.Links(ctx, c.ID, q)
		if err != nil {
			return nil, err
		}
		for i := range ls {
			if !seesLink(v, in, &ls[i]) {
				continue
			}
			if len(out.Items) == limit {
				out.Next = some(standingOf(0, last.CreatedAt, last.ID).cursor())
				return out, nil
			}
			last = &ls[i]
			out.Items = append(out.Items, linkOf(last, now))
		}
		if len(ls) < q.Limit {
			return out, nil
		}
		q.BeforeAt, q.BeforeID = ls[len(ls)-1].CreatedAt, ls[len(ls)-1].ID
	}
}

// CreateLink implements the contract's createLink.
func (s *Server) CreateLink(ctx context.Context, r openapi.CreateLinkRequestObject) (openapi.CreateLinkResponseObject, error) {
	in, v, now := callOf(ctx), s.view(ctx), s.now()
	c, err := s.crisis(v, r.Params.Crisis)
	if err != nil {
		return nil, err
	}
	l := auth.Link{
		ID: tracker.NewID(), Crisis: c.ID, Airport: orZero(r.Body.Airport), Country: orZero(r.Body.Country), Mission: in.Mission,
		Label: orZero(r.Body.Label), CreatedBy: in.ID, CreatedAt: now, ExpiresAt: r.Body.ExpiresAt.UTC().Truncate(time.Microsecond),
	}
	if err := s.checkLink(v, r.Body, &l); err != nil {
		return nil, err
	}
	secret := ""
	if r.Body.Kind == "personal" {
		secret, l.SecretHash = auth.NewToken()
		l.HasSecret, l.Person = true, *r.Body.PersonId
	}
	err = newCodes([]auth.Link{l}, func(ls []auth.Link) error {
		l = ls[0]
		return s.store.CreateLink(ctx, l, in.Audit("link.create", "link "+l.ID.String()))
	})
	if err != nil {
		return nil, err
	}
	return openapi.CreateLink201JSONResponse{Link: linkOf(&l, now), Url: l.Address(s.public.String(), secret)}, nil
}

// newCodes gives links codes and stores them, with others when one is taken: a code
// of 50 bits is taken once in an age.
func newCodes(ls []auth.Link, store func([]auth.Link) error) error {
	for try := 0; ; try++ {
		for i := range ls {
			ls[i].Code = auth.NewLinkCode()
		}
		if err := store(ls); !errors.Is(err, tracker.ErrConflict) || try == 3 {
			return err
		}
	}
}

// CreateLinks implements the contract's createLinks. Whoever asks learns the names
// and numbers of the people: it is audited, with how many, in the same transaction.
func (s *Server) CreateLinks(ctx context.Context, r openapi.CreateLinksRequestObject) (openapi.CreateLinksResponseObject, error) {
	in, v, now := callOf(ctx), s.view(ctx), s.now()
	c, err := s.crisis(v, r.Params.Crisis)
	if err != nil {
		return nil, err
	}
	ls := make([]auth.Link, len(r.Body.PersonIds))
	secrets := make([]string, len(ls))
	out := openapi.CreateLinks201JSONResponse{Items: make([]openapi.PersonalLink, len(ls))}
	seen := map[tracker.ID]bool{}
	for i, id := range r.Body.PersonIds {
		one := openapi.LinkInput{Kind: "personal", PersonId: &id, ExpiresAt: r.Body.ExpiresAt, Label: r.Body.Label}
		ls[i] = auth.Link{
			ID: tracker.NewID(), Crisis: c.ID, Person: id, HasSecret: true, Mission: in.Mission, Label: orZero(r.Body.Label),
			CreatedBy: in.ID, CreatedAt: now, ExpiresAt: r.Body.ExpiresAt.UTC().Truncate(time.Microsecond),
		}
		secrets[i], ls[i].SecretHash = auth.NewToken()
		if err := s.checkLink(v, &one, &ls[i]); err != nil {
			return nil, err
		}
		if seen[id] {
			return nil, refuseField(http.StatusUnprocessableEntity, "duplicate", fmt.Sprintf("person_ids[%d]", i), "Somebody is in the list twice.")
		}
		seen[id] = true
		row, _ := v.Person(id) // checkLink found them in this view
		name := cmp.Or(row.Name, row.Latin)
		phone, err := s.sendTo(ctx, v, &row)
		if err != nil {
			return nil, err
		}
		out.Items[i] = openapi.PersonalLink{PersonId: id, Name: name, Phone: some(phone)}
	}
	err = newCodes(ls, func(ls []auth.Link) error {
		return s.store.CreateLinks(ctx, ls, in.Audit("link.create", strconv.Itoa(len(ls))+" links"))
	})
	if err != nil {
		return nil, err
	}
	for i := range ls {
		out.Items[i].Link, out.Items[i].Url = linkOf(&ls[i], now), ls[i].Address(s.public.String(), secrets[i])
	}
	return out, nil
}

// sendTo is the number that a person's link goes to: a minor's to the guardian's,
// and to nobody else's where one is named.
func (s *Server) sendTo(ctx context.Context, v tracker.View, row *tracker.Row) (string, error) {
	if row.Guardian.IsZero() {
		return row.Phone, nil
	}
	minor, err := s.isMinor(ctx, *row)
	if err != nil || !minor {
		return row.Phone, err
	}
	guardian, _ := v.Person(row.Guardian) // out of scope: whoever asks doesn't see the number
	return guardian.Phone, nil
}

// checkLink holds a new link to the rules that the contract can't say.
func (s *Server) checkLink(v tracker.View, in *openapi.LinkInput, l *auth.Link) error {
	field := func(name, code, detail string) error {
		return refuseField(http.StatusUnprocessableEntity, code, name, detail)
	}
	if err := intake.Line("label", l.Label); err != nil {
		return err
	}
	switch {
	case !l.ExpiresAt.After(l.CreatedAt):
		return field("expires_at", "in_the_past", "A link must expire in the future.")
	case l.ExpiresAt.Sub(l.CreatedAt) > longestLink:
		return field("expires_at", "out_of_range", "A link lasts a year at most.")
	case in.Kind == "personal" && in.PersonId == nil:
		return field("person_id", "required", "A personal link is somebody's.")
	case in.Kind == "campaign" && in.PersonId != nil:
		return field("person_id", "not_allowed", "A campaign's link is nobody's own.")
	case in.Kind == "personal" && (in.Airport != nil || in.Country != nil):
		return field("airport", "not_allowed", "Only a campaign's link has a place.")
	}
	if in.PersonId != nil {
		if row, ok := v.Person(*in.PersonId); !ok || row.Crisis != l.Crisis {
			return tracker.ErrNotFound
		}
	}
	if in.Airport != nil {
		i, ok := s.tracker.World().Airport(*in.Airport)
		if !ok {
			return field("airport", "unknown_airport", "No airport has this code.")
		}
		l.Airport = s.tracker.World().Airports()[i].Code()
	}
	if in.Country != nil {
		if _, ok := s.tracker.World().Country(*in.Country); !ok {
			return field("country", "unknown_country", "No country has this code.")
		}
	}
	return nil
}

// RevokeLink implements the contract's revokeLink. Revoking twice is no error.
func (s *Server) RevokeLink(ctx context.Context, r openapi.RevokeLinkRequestObject) (openapi.RevokeLinkResponseObject, error) {
	in := callOf(ctx)
	l, err := s.store.LinkByID(ctx, r.Id)
	if err != nil {
		return nil, err
	}
	if !seesLink(s.view(ctx), in, &l) {
		return nil, tracker.ErrNotFound
	}
	if l.RevokedAt.IsZero() {
		if err := s.store.RevokeLink(ctx, l.ID, s.now(), in.Audit("link.revoke", "link "+l.ID.String())); err != nil {
			return nil, err
		}
	}
	return openapi.RevokeLink204Response{}, nil
}

// seesLink tells whether a link is in the caller's scope: its person is, or it is
// a campaign of the caller's own mission.
func seesLink(v tracker.View, in *call, l *auth.Link) bool {
	if v.Scope().All {
		return true
	}
	if l.Person.IsZero() {
		return !in.Mission.IsZero() && l.Mission == in.Mission
	}
	_, ok := personOf(v, l.Person) // a merged record's too: it may be the stolen one
	return ok
}

func linkOf(l *auth.Link, now time.Time) openapi.Link {
	out := openapi.Link{
		Id: l.ID, Kind: "personal", Code: l.Code, PersonId: some(l.Person), Airport: some(l.Airport), Country: some(l.Country),
		Label: l.Label, CreatedAt: l.CreatedAt.UTC(), ExpiresAt: l.ExpiresAt.UTC(), State: openapi.LinkState(l.State(now).String()),
	}
	if l.Person.IsZero() {
		out.Kind = "campaign"
	}
	return out
}
