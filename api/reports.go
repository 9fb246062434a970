package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"aman/api/auth"
	"aman/api/intake"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// maxLines bounds one batch: with more, the answer outgrows what it answers.
const maxLines = 50_000

// channels are what a caller may say a report came through.
var channels = []tracker.Channel{tracker.ChannelAPI, tracker.ChannelStaff, tracker.ChannelHotline, tracker.ChannelPartner}

// defaults is what is known of everything that a caller files.
func (s *Server) defaults(in *call, c tracker.Crisis) intake.Defaults {
	d := intake.Defaults{
		Crisis: c.ID, Channel: tracker.ChannelStaff, Allowed: channels, Source: in.ID, Now: s.now(), World: s.tracker.World(),
	}
	switch {
	case in.Role == auth.RolePartner:
		d.Channel, d.Allowed = tracker.ChannelPartner, []tracker.Channel{tracker.ChannelPartner}
	case in.Machine:
		d.Channel = tracker.ChannelAPI
	case in.Role == auth.RoleOperator:
		d.Channel = tracker.ChannelHotline
	}
	return d
}

// reply is an answer whose bytes were kept, so that a retry gets the same ones.
type reply struct {
	status   int
	body     []byte
	replayed bool
	location string
}

func (r reply) write(w http.ResponseWriter) error {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	if r.replayed {
		h.Set("Idempotency-Replayed", "true")
	}
	if r.location != "" {
		h.Set("Location", r.location)
	}
	w.WriteHeader(r.status)
	_, err := w.Write(r.body)
	return err
}

// VisitCreateReportResponse implements the contract's answer.
func (r reply) VisitCreateReportResponse(w http.ResponseWriter) error { return r.write(w) }

// VisitCreateReportsResponse implements the contract's answer.
func (r reply) VisitCreateReportsResponse(w http.ResponseWriter) error { return r.write(w) }

// VisitCreatePersonResponse implements the contract's answer.
func (r reply) VisitCreatePersonResponse(w http.ResponseWriter) error { return r.write(w) }

// idempotency names a request so that a retry of it is known: the same key from
// the same caller, for the same thing.
func idempotency(in *call, key tracker.ID, crisis tracker.ID) *tracker.Idempotency {
	h := sha256.New()
	h.Write([]byte(in.route.Operation))
	h.Write(crisis[:])
	h.Write(in.body)
	id := &tracker.Idempotency{Source: in.ID.String(), Key: key.String()}
	h.Sum(id.BodyHash[:0])
	return id
}

// CreateReport implements the contract's createReport.
func (s *Server) CreateReport(ctx context.Context, r openapi.CreateReportRequestObject) (openapi.CreateReportResponseObject, error) {
	in := callOf(ctx)
	c, err := s.crisis(s.view(ctx), r.Params.Crisis)
	if err != nil {
		return nil, err
	}
	f, err := intake.Report(in.body, s.defaults(in, c))
	if err != nil {
		return nil, err
	}
	return s.fileOne(ctx, c, f, r.Params.IdempotencyKey, "report.create")
}

// CreatePerson implements the contract's createPerson.
func (s *Server) CreatePerson(ctx context.Context, r openapi.CreatePersonRequestObject) (openapi.CreatePersonResponseObject, error) {
	in := callOf(ctx)
	c, err := s.crisis(s.view(ctx), r.Params.Crisis)
	if err != nil {
		return nil, err
	}
	d := s.defaults(in, c)
	p, err := intake.Person(in.body, d)
	if err != nil {
		return nil, err
	}
	f := tracker.Filing{Person: &p, Report: tracker.Report{Crisis: c.ID, Channel: d.Channel, Source: d.Source}}
	out, err := s.fileOne(ctx, c, f, r.Params.IdempotencyKey, "person.create")
	if err != nil {
		return nil, ofPerson(err)
	}
	var receipt openapi.Receipt
	if err := json.Unmarshal(out.body, &receipt); err != nil {
		return nil, err
	}
	out.location = "/api/v1/people/" + receipt.PersonId.String()
	return out, nil
}

// ofPerson takes "person." off the path of an error: here the body is the person.
func ofPerson(err error) error {
	var fe *tracker.FieldError
	var hd *tracker.HeldError
	switch {
	case errors.As(err, &fe):
		return &tracker.FieldError{Field: strings.TrimPrefix(fe.Field, "person."), Code: fe.Code, Detail: fe.Detail}
	case errors.As(err, &hd):
		return &tracker.HeldError{Field: strings.TrimPrefix(hd.Field, "person.")}
	}
	return err
}

// fileOne stores one filing and answers with its receipt.
func (s *Server) fileOne(ctx context.Context, c tracker.Crisis, f tracker.Filing, key tracker.ID, action string) (reply, error) {
	in := callOf(ctx)
	done, err := s.tracker.Submit(ctx, tracker.Submission{
		Actor: in.actor(), Crisis: c.ID, Filings: []tracker.Filing{f}, Action: action,
		Idempotency: idempotency(in, key, c.ID),
		Encode: func(rs []tracker.Receipt, _ []error) []byte {
			return append(appendReceipt(make([]byte, 0, 256), &rs[0]), '\n')
		},
	})
	if err != nil {
		return reply{}, err
	}
	if !done.Replay && done.Errors[0] != nil {
		return reply{}, done.Errors[0]
	}
	s.settle(ctx, done.Seq)
	return reply{status: http.StatusCreated, body: done.Reply, replayed: done.Replay}, nil
}

// CreateReports implements the contract's createReports. The whole body is read
// before anything is stored, and everything is stored before anything is
// answered: a client that writes before it reads must not stall.
func (s *Server) CreateReports(ctx context.Context, r openapi.CreateReportsRequestObject) (openapi.CreateReportsResponseObject, error) {
	in := callOf(ctx)
	c, err := s.crisis(s.view(ctx), r.Params.Crisis)
	if err != nil {
		return nil, err
	}
	count := bytes.Count(in.body, []byte{'\n'})
	if count > maxLines {
		return nil, refuse(http.StatusRequestEntityTooLarge, "too_many_lines", "A batch has at most 50000 lines.")
	}
	d := s.defaults(in, c)
	var (
		lines   = make([]answerLine, 0, count+1)
		filings = make([]tracker.Filing, 0, count+1)
		lineOf  = make([]int, 0, count+1) // filing -> index in lines
	)
	intake.Lines(in.body, func(n int, text []byte) {
		f, err := intake.Report(text, d)
		if err != nil {
			lines = append(lines, answerLine{line: n, refused: err})
			return
		}
		lineOf = append(lineOf, len(lines))
		lines = append(lines, answerLine{line: n})
		filings = append(filings, f)
	})
	if len(lines) == 0 {
		return nil, refuse(http.StatusBadRequest, "empty_body", "There is no line.")
	}
	encode := func(rs []tracker.Receipt, errs []error) []byte {
		for i, k := range lineOf {
			if lines[k].refused = errs[i]; errs[i] == nil {
				lines[k].receipt = rs[i]
			}
		}
		return appendBatch(make([]byte, 0, 256*len(lines)), lines)
	}
	if len(filings) == 0 {
		return s.remember(ctx, idempotency(in, r.Params.IdempotencyKey, c.ID), encode(nil, nil))
	}
	done, err := s.tracker.Submit(ctx, tracker.Submission{
		Actor: in.actor(), Crisis: c.ID, Filings: filings, Action: "report.batch",
		Idempotency: idempotency(in, r.Params.IdempotencyKey, c.ID), Encode: encode,
	})
	if err != nil {
		return nil, err
	}
	if done.Reply == nil { // nothing could be stored, so nothing was
		return s.remember(ctx, idempotency(in, r.Params.IdempotencyKey, c.ID), encode(done.Receipts, done.Errors))
	}
	s.settle(ctx, done.Seq)
	return reply{status: http.StatusOK, body: done.Reply, replayed: done.Replay}, nil
}

// remember keeps the answer to a batch of which nothing was stored, so that its
// key stands for this body alone, as everybody's does.
func (s *Server) remember(ctx context.Context, id *tracker.Idempotency, body []byte) (reply, error) {
	id.Reply = body
	done, err := s.store.Commit(ctx, &tracker.Write{Audit: callOf(ctx).Audit("report.batch", "nothing stored"), Idempotency: id})
	if err != nil {
		return reply{}, err
	}
	if done.Replay {
		body = done.Reply
	}
	return reply{status: http.StatusOK, body: body, replayed: done.Replay}, nil
}

// RetractReport implements the contract's retractReport.
func (s *Server) RetractReport(ctx context.Context, r openapi.RetractReportRequestObject) (openapi.RetractReportResponseObject, error) {
	seq, err := s.tracker.Retract(ctx, callOf(ctx).actor(), r.Body.PersonId, r.Id, strings.TrimSpace(r.Body.Reason))
	if errors.Is(err, tracker.ErrConflict) {
		return nil, refuse(http.StatusConflict, "already_retracted", "The report was taken back already.")
	}
	if err != nil {
		return nil, err
	}
	s.settle(ctx, seq)
	return openapi.RetractReport204Response{}, nil
}

// encoded is JSON of a value of ours, which has nothing that JSON can't say.
func encoded(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("encode an answer: " + err.Error()) // a type of the contract that can't be encoded is a programming error
	}
	return append(b, '\n')
}
