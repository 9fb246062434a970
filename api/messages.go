package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"aman/api/intake"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// listedMessages bounds one answer.
const listedMessages = 200

// ageOfMajority is when nobody answers for somebody any more, in years.
const ageOfMajority = 18

// VisitSendMessageResponse implements the contract's answer.
func (r reply) VisitSendMessageResponse(w http.ResponseWriter) error { return r.write(w) }

// SendMessage implements the contract's sendMessage: it stores what staff write to
// somebody, and answers before it is sent.
func (s *Server) SendMessage(ctx context.Context, r openapi.SendMessageRequestObject) (openapi.SendMessageResponseObject, error) {
	in := callOf(ctx)
	v := s.view(ctx)
	row, ok := personOf(v, r.Id)
	if !ok {
		return nil, tracker.ErrNotFound
	}
	text, err := messageText(r.Body.Text)
	if err != nil {
		return nil, err
	}
	var only tracker.Channel
	if r.Body.Channel != nil {
		if only, err = tracker.ParseChannel(string(*r.Body.Channel)); err != nil {
			return nil, err
		}
	}
	key := idempotency(in, r.Params.IdempotencyKey, row.ID) // to another person it is another message
	if done, err := s.store.Replayed(ctx, key); !errors.Is(err, tracker.ErrNotFound) {
		return reply{status: http.StatusCreated, body: done.Reply, replayed: true}, err
	}
	to, err := s.lineTo(ctx, row, only)
	if err != nil {
		return nil, err
	}
	m := s.newMessage(in, &to, text)
	m.Person = row.ID
	key.Reply = encoded(s.messageOf(ctx, &m))
	done, err := s.store.Commit(ctx, &tracker.Write{
		Talk: tracker.Talk{Messages: []tracker.Message{m}}, Audit: in.Audit("message.send", "person "+row.ID.String()), Idempotency: key,
	})
	if err != nil {
		return nil, err
	}
	s.wakeOutbox()
	if done.Replay { // of one that came at the same moment
		return reply{status: http.StatusCreated, body: done.Reply, replayed: true}, nil
	}
	return reply{status: http.StatusCreated, body: key.Reply}, nil
}

// messageText holds what staff write to the rules of texts.
func messageText(text string) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if text == "" {
		return "", refuseField(http.StatusUnprocessableEntity, "too_short", "text", "Write something.")
	}
	return text, nil
}

// newMessage is a message on a line, to be sent at once.
func (s *Server) newMessage(in *call, to *tracker.Thread, text string) tracker.Message {
	now := s.now().UTC().Truncate(time.Microsecond)
	return tracker.Message{
		ID: tracker.NewID(), Crisis: to.Crisis, Thread: to.ID, Channel: to.Channel, Text: text,
		Author: in.ID, AuthorName: in.Name, CreatedAt: now, NextAt: now, State: tracker.MessageQueued,
	}
}

var (
	errMourning   = refuse(http.StatusConflict, "household_in_mourning", "Messages to this household are stopped. Ring the duty officer.")
	errNoGuardian = refuse(http.StatusConflict, "minor_without_guardian", "This is a minor for whom nobody is named to answer. Ring them.")
	errNoChannel  = refuse(http.StatusConflict, "no_channel", "There is no chat with them in which we may write. Ring them.")
)

// lineTo is the line on which staff may write to somebody: their latest one, of one
// channel or any; of a minor, their guardian's.
func (s *Server) lineTo(ctx context.Context, row tracker.Row, only tracker.Channel) (tracker.Thread, error) {
	mourning, err := s.inMourning(row.Crisis, row.ID)
	if err != nil {
		return tracker.Thread{}, err
	}
	if mourning {
		return tracker.Thread{}, errMourning
	}
	minor, err := s.isMinor(ctx, row)
	if err != nil {
		return tracker.Thread{}, err
	}
	to := row.ID
	if minor {
		if to = row.Guardian; to.IsZero() {
			return tracker.Thread{}, errNoGuardian
		}
	}
	ths, err := s.store.ThreadsOf(ctx, s.tracker.Snapshot().Members(to))
	if err != nil {
		return tracker.Thread{}, err
	}
	var best tracker.Thread
	for _, th := range ths {
		ok, _ := intake.Reachable(&th)
		if !ok || th.Group || th.Crisis != row.Crisis || only != 0 && th.Channel != only || s.replies.senders[th.Channel] == nil {
			continue
		}
		if best.ID.IsZero() || !th.RecordedAt.Before(best.RecordedAt) {
			best = th
		}
	}
	if best.ID.IsZero() {
		return best, errNoChannel
	}
	return best, nil
}

// isMinor tells whether somebody else answers for a person, by what is marked or by
// their date of birth.
func (s *Server) isMinor(ctx context.Context, row tracker.Row) (bool, error) {
	if row.Needs&(tracker.IsMinor|tracker.IsUnaccompanied) != 0 {
		return true, nil
	}
	for _, id := range s.tracker.Snapshot().Members(row.ID) {
		p, err := s.store.PersonVersion(ctx, id)
		if errors.Is(err, tracker.ErrNotFound) {
			continue // erased
		}
		if err != nil {
			return false, err
		}
		born, err := time.Parse(time.DateOnly, p.Details.BirthDate)
		if p.Needs&(tracker.IsMinor|tracker.IsUnaccompanied) != 0 || err == nil && born.AddDate(ageOfMajority, 0, 0).After(s.now()) {
			return true, nil
		}
	}
	return false, nil
}

// inMourning tells whether any of the people died, or somebody of their household: of
// the same party, or whom they answer for, or who answers for them.
func (s *Server) inMourning(crisis tracker.ID, people ...tracker.ID) (bool, error) {
	// Everything is looked at here, whatever the caller may see; what comes of it
	// doesn't tell who it is.
	v := s.tracker.Snapshot().View(tracker.Scope{All: true, Casualty: true}, s.now())
	var rows []tracker.Row
	for _, id := range people {
		if row, ok := personOf(v, id); ok {
			rows = append(rows, row)
		}
	}
	root := func(id tracker.ID) tracker.ID {
		if r, ok := v.Snapshot().Root(id); ok {
			return r
		}
		return id
	}
	related := func(dead *tracker.Row) bool {
		return slices.ContainsFunc(rows, func(r tracker.Row) bool {
			same := func(a, b tracker.ID) bool { return !a.IsZero() && root(a) == root(b) }
			return r.ID == dead.ID || !r.Party.IsZero() && r.Party == dead.Party ||
				same(r.Guardian, dead.ID) || same(dead.Guardian, r.ID) || same(r.Guardian, dead.Guardian)
		})
	}
	const page = 1000
	f := tracker.Filter{Crisis: crisis}
	f.Wellbeing.Add(uint8(tracker.Deceased))
	for cursor := ""; ; {
		p, err := v.People(f, page, cursor)
		if err != nil {
			return false, err
		}
		for i := range p.Rows {
			if related(&p.Rows[i]) {
				return true, nil
			}
		}
		if cursor = p.Next; cursor == "" {
			return false, nil
		}
	}
}

// ListMessages implements the contract's listMessages. Reading them is a read of a
// person: it is audited before it is answered.
func (s *Server) ListMessages(ctx context.Context, r openapi.ListMessagesRequestObject) (openapi.ListMessagesResponseObject, error) {
	v := s.view(ctx)
	row, ok := personOf(v, r.Id)
	if !ok {
		return nil, tracker.ErrNotFound
	}
	if err := s.tracker.Audit(ctx, callOf(ctx).Audit("message.list", "person "+row.ID.String())); err != nil {
		return nil, err
	}
	ms, err := s.store.MessagesTo(ctx, v.Snapshot().Members(row.ID), listedMessages)
	if err != nil {
		return nil, err
	}
	list := openapi.ListMessages200JSONResponse{Items: []openapi.Message{}}
	for i := range ms {
		list.Items = append(list.Items, s.messageOf(ctx, &ms[i]))
	}
	return list, nil
}

func (s *Server) messageOf(_ context.Context, m *tracker.Message) openapi.Message {
	out := openapi.Message{
		Id: m.ID, PersonId: some(m.Person), Channel: openapi.Channel(m.Channel.String()), Text: m.Text, Author: m.AuthorName,
		CreatedAt: m.CreatedAt.UTC(), State: openapi.MessageState(m.State.String()), Attempts: m.Attempts, Failure: some(m.Failure),
	}
	if !m.SentAt.IsZero() {
		at := m.SentAt.UTC()
		out.SentAt = &at
	}
	return out
}
