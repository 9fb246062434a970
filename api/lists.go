package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"aman/api/auth"
	"aman/api/intake"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// maxListProblems bounds how many problems an answer shows; all are counted.
const maxListProblems = 200

// taking is a list on its way in: what was read of it, and what it comes to.
type taking struct {
	in      *call
	crisis  tracker.Crisis
	options intake.ListOptions
	list    *intake.List
	hash    [32]byte // of the file and of how it is read

	filings []tracker.Filing
	rows    []int // filing → row
	// notFound are the rows of a closing list that name nobody who is held.
	notFound    []intake.ListRow
	suggestions []openapi.ListSuggestion
}

// partner tells whether the caller must not learn who is held.
func (t *taking) partner() bool { return t.in.Role == auth.RolePartner }

// PreviewList implements the contract's previewList.
func (s *Server) PreviewList(ctx context.Context, r openapi.PreviewListRequestObject) (openapi.PreviewListResponseObject, error) {
	t, err := s.openList(ctx, r.Params.Crisis, r.Body)
	if err != nil {
		return nil, err
	}
	if err := s.readList(ctx, t); err != nil {
		return nil, err
	}
	tried, err := s.tracker.Submit(ctx, t.submission(true))
	if err != nil {
		return nil, err
	}
	t.addErrors(tried.Errors)
	_, err = s.store.Replayed(ctx, t.once())
	if err != nil && !errors.Is(err, tracker.ErrNotFound) {
		return nil, err
	}
	out := t.preview(tried)
	out.Taken = err == nil
	if err := s.tracker.Audit(ctx, t.in.Audit("list.preview", fmt.Sprintf("%d rows", t.list.Total))); err != nil {
		return nil, err
	}
	return openapi.PreviewList200JSONResponse(out), nil
}

// TakeList implements the contract's takeList. Two keys stand for a list: the
// caller's, which tells a retry, and the file's own, which tells that it was taken
// before under whatever key.
func (s *Server) TakeList(ctx context.Context, r openapi.TakeListRequestObject) (openapi.TakeListResponseObject, error) {
	t, err := s.openList(ctx, r.Params.Crisis, r.Body)
	if err != nil {
		return nil, err
	}
	retry := &tracker.Idempotency{Source: t.in.ID.String(), Key: r.Params.IdempotencyKey.String(), BodyHash: t.hash}
	for _, known := range []*tracker.Idempotency{retry, t.once()} {
		done, err := s.store.Replayed(ctx, known)
		switch {
		case err == nil:
			return s.keepAnswer(ctx, t, retry, done.Reply, true)
		case !errors.Is(err, tracker.ErrNotFound):
			return nil, err
		}
	}
	if err := s.readList(ctx, t); err != nil {
		return nil, err
	}
	if t.list.Refused > 0 && !t.options.SkipBad {
		return nil, t.refusal()
	}
	if len(t.list.Rows) == 0 {
		return nil, badList("file", "nothing_to_take", "There is no row that can be taken.")
	}
	sub := t.submission(false)
	sub.Encode = func(rs []tracker.Receipt, errs []error) []byte { return encoded(t.result(rs, errs)) }
	done, err := s.tracker.Submit(ctx, sub)
	if err != nil {
		return nil, err
	}
	if done.Reply == nil { // nothing was stored
		if !t.options.SkipBad && t.addErrors(done.Errors) {
			return nil, t.refusal()
		}
		sub.Idempotency.Reply = sub.Encode(done.Receipts, done.Errors)
		au := t.in.Audit("list.take", "nothing stored")
		kept, err := s.store.Commit(ctx, &tracker.Write{Audit: au, Idempotency: sub.Idempotency})
		if err != nil {
			return nil, err
		}
		if done.Reply = sub.Idempotency.Reply; kept.Replay {
			done.Reply, done.Replay = kept.Reply, true
		}
	}
	s.settle(ctx, done.Seq)
	return s.keepAnswer(ctx, t, retry, done.Reply, done.Replay)
}

// keepAnswer remembers what a list was answered under the caller's key, for retries
// and receipts. The list is durable by now: should this fail, the file's own key
// gives a retry the same answer.
func (s *Server) keepAnswer(ctx context.Context, t *taking, retry *tracker.Idempotency, body []byte, replayed bool) (reply, error) {
	retry.Reply = body
	if _, err := s.store.Commit(ctx, &tracker.Write{Audit: t.in.Audit("list.answer", ""), Idempotency: retry}); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: body, replayed: replayed}, nil
}

// VisitTakeListResponse implements the contract's answer.
func (r reply) VisitTakeListResponse(w http.ResponseWriter) error { return r.write(w) }

// once is the key of this very list, read this very way, by this caller.
func (t *taking) once() *tracker.Idempotency {
	return &tracker.Idempotency{Source: "list:" + t.in.ID.String(), Key: hex.EncodeToString(t.hash[:]), BodyHash: t.hash}
}

// submission is what the list comes to. A partner's closing list is believed as
// what it is, an exact number from somebody who has the list of a border: it is
// matched with everybody, and the partner isn't told with whom.
func (t *taking) submission(try bool) tracker.Submission {
	sub := tracker.Submission{
		Actor: t.in.actor(), Crisis: t.crisis.ID, Filings: t.filings, Action: "list.take",
		Whole: !t.options.SkipBad, Match: true, Try: try, Idempotency: t.once(),
	}
	if t.options.Closes {
		sub.Action = "list.close"
		if t.partner() {
			sub.Actor.Scope = tracker.Scope{All: true}
		}
	}
	if try {
		sub.Whole, sub.Idempotency = false, nil
	}
	return sub
}

// addErrors turns what the core refuses into problems of rows; it tells whether
// there was any.
func (t *taking) addErrors(errs []error) (any bool) {
	for i, err := range errs {
		if err == nil {
			continue
		}
		any = true
		t.list.Refused++
		p, _ := problemOf(err)
		x := intake.ListProblem{Row: t.rows[i], Code: p.Code, Refused: true}
		if p.Detail != nil {
			x.Detail = *p.Detail
		}
		if p.Field != nil {
			x.Field = listFieldOf(*p.Field)
		}
		for _, c := range t.list.Columns {
			if c.Field == x.Field && c.Field != "" {
				x.Column = c.Heading
			}
		}
		t.list.Problems = append(t.list.Problems, x)
	}
	return any
}

// listFieldOf is the field of a list that a member of a person comes from.
func listFieldOf(path string) intake.ListField {
	switch path {
	case "person.iin":
		return intake.FieldIIN
	case "person.passport":
		return intake.FieldPassport
	case "person.birth_date":
		return intake.FieldBirthDate
	case "person.passport_expiry":
		return intake.FieldExpiry
	case "person.name":
		return intake.FieldName
	case "person.latin":
		return intake.FieldLatin
	case "person.phones":
		return intake.FieldPhone
	}
	return ""
}

// refusal says that nothing was taken, and the first row that is why.
func (t *taking) refusal() error {
	for _, p := range t.list.Problems {
		if !p.Refused {
			continue
		}
		at := fmt.Sprintf("rows[%d]", p.Row)
		if p.Field != "" {
			at += "." + string(p.Field)
		}
		return badList(at, p.Code, fmt.Sprintf("Row %d: %s Nothing was stored: %d rows can't be taken. The preview shows them; "+
			"with skip_bad the others are taken without them.", p.Row, sentence(p.Detail), t.list.Refused))
	}
	return badList("file", "nothing_to_take", "There is no row that can be taken.")
}

// badList is a fault of an upload.
func badList(field, code, detail string) error {
	return refuseField(http.StatusUnprocessableEntity, code, field, detail)
}

// hashOf tells lists apart: the file, and whatever changes how it is read.
func hashOf(crisis tracker.ID, file []byte, o intake.ListOptions) (sum [32]byte) {
	o.SkipBad, o.Mapping = false, tracker.ID{}
	options, err := json.Marshal(o)
	if err != nil {
		panic("encode a list's options: " + err.Error()) // texts, flags and a time: they can be encoded
	}
	h := sha256.New()
	h.Write(crisis[:])
	of := sha256.Sum256(file)
	h.Write(of[:])
	h.Write(options)
	h.Sum(sum[:0])
	return sum
}

// sentence ends a detail with one full stop.
func sentence(s string) string { return strings.TrimRight(s, ".") + "." }
