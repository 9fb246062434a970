package api

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"aman/api/auth"
	"aman/api/intake"
	"aman/geo/tracker"
)

// linkReceipt is the contract's LinkReceipt.
type linkReceipt struct {
	ReceivedAt time.Time `json:"received_at"`
	Code       string    `json:"code"`
	// Receipt is sealed: with it the page asks whether the report was read.
	Receipt string `json:"receipt"`
}

// filed is what is kept of a report, to know its retries and its person again.
type filed struct {
	ReceivedAt time.Time  `json:"received_at"`
	Code       string     `json:"code"`
	Person     tracker.ID `json:"person"`
	Report     tracker.ID `json:"report"`
	// Key and Hash are of the report that made a guest, as they were kept before
	// guests had threads.
	Key  string `json:"key,omitempty"`
	Hash string `json:"hash,omitempty"`
}

// guestHash stood for the body of whatever made a guest, before guests had threads.
var guestHash = [32]byte{1}

// errPersonGone: the person of the link was erased.
var errPersonGone = refuse(http.StatusGone, "link_revoked", "This link was closed.")

// retries bounds how often a report is filed anew when somebody else was faster.
const retries = 5

// file stores a report; a retry gets what the first try got.
//
//	link      secret        child  about
//	personal  any           no     the link's person, once for each id
//	personal  any           named  the child of that name of the link's person
//	campaign  a phone's     no     the guest with that secret, made by the first report
//	campaign  a phone's     named  the child of that name of that guest
//	campaign  none          any    somebody new
func (p *linkPages) file(ctx context.Context, l *auth.Link, r *intake.LinkReport, form bool) (filed, error) {
	hash := r.Hash()
	var once *tracker.Idempotency
	if !r.ID.IsZero() {
		once = &tracker.Idempotency{Source: "link " + l.ID.String(), Key: r.ID.String(), BodyHash: hash}
		if form {
			// A form that comes back by the Back button has the same id and may say
			// something else: that is another report, not a mistake.
			once.Key += "-" + hex.EncodeToString(hash[:8])
		}
	}
	for try := 1; ; try++ {
		f, err := p.fileOnce(ctx, l, r, once)
		switch {
		case err == nil || try == retries:
			if errors.Is(err, tracker.ErrConflict) {
				err = fmt.Errorf("%w: %w", tracker.ErrUnavailable, err)
			}
			return f, err
		case errors.Is(err, tracker.ErrConflict): // a guest's first reports came together
		case errors.Is(err, errPersonGone) && l.Person.IsZero(): // erased: whoever reports now is new
		default:
			return f, err
		}
	}
}

func (p *linkPages) fileOnce(ctx context.Context, l *auth.Link, r *intake.LinkReport, once *tracker.Idempotency) (filed, error) {
	guest, isGuest := r.Guest(*l)
	if !isGuest && (l.Person.IsZero() || r.Child == "") {
		f := r.Filing(*l, tracker.ID{}, p.countries(*l), p.tracker.World())
		p.late(l, r, &f)
		return p.submit(ctx, l, f, once)
	}
	speaker := l.Person
	var line *tracker.Thread
	if isGuest {
		was, err := p.guestBefore(ctx, l, guest)
		if err != nil {
			return filed{}, err
		}
		if once != nil && was.Key == once.Key && was.Hash == hex.EncodeToString(once.BodyHash[:]) {
			return was, nil // a retry of the report that made them
		}
		if speaker, line, err = p.onThread(ctx, l, intake.LinkThread(*l, guest, ""), was.Person); err != nil {
			return filed{}, err
		}
	}
	if r.Child == "" {
		f := r.Filing(*l, speaker, p.countries(*l), p.tracker.World())
		f.Thread = line
		return p.submit(ctx, l, f, once)
	}
	if speaker.IsZero() {
		// Who answers for a child is here too, and is registered first.
		adult := intake.LinkReport{Phone: r.Phone}
		f := adult.Filing(*l, tracker.ID{}, p.countries(*l), p.tracker.World())
		f.Report = tracker.Report{Crisis: l.Crisis, Channel: tracker.ChannelLink, Source: l.ID}
		f.Thread = line
		made, err := p.submit(ctx, l, f, nil)
		if err != nil {
			return filed{}, err
		}
		speaker, line = made.Person, nil
	}
	child, childLine, err := p.onThread(ctx, l, intake.LinkThread(*l, guest, r.Child), tracker.ID{})
	if err != nil {
		return filed{}, err
	}
	f := r.Filing(*l, child, p.countries(*l), p.tracker.World())
	f.Thread = childLine
	if f.Person != nil {
		f.Person.Guardian = speaker
	}
	p.late(l, r, &f)
	return p.submit(ctx, l, f, once)
}

// onThread finds who is on a thread of the link page. Where there is none yet, line
// is the one to store with the next report, about known if that is set.
func (p *linkPages) onThread(ctx context.Context, l *auth.Link, key string, known tracker.ID) (person tracker.ID, line *tracker.Thread, err error) {
	t, err := p.store.ThreadByKey(ctx, l.Crisis, tracker.ChannelLink, key)
	switch {
	case err == nil:
		return t.Person, nil, nil
	case errors.Is(err, tracker.ErrNotFound):
		return known, &tracker.Thread{
			ID: tracker.NewID(), Crisis: l.Crisis, Channel: tracker.ChannelLink, Key: key, Version: 1, Person: known,
			Mission: l.Mission, RecordedAt: p.now().UTC().Truncate(time.Microsecond),
		}, nil
	default:
		return tracker.ID{}, nil, fmt.Errorf("find thread: %w", err)
	}
}

// guestBefore finds a guest who was made before guests had threads: their first
// report was kept under a key of theirs. Whoever is on no such report, or was
// erased since, is zero.
func (p *linkPages) guestBefore(ctx context.Context, l *auth.Link, guest string) (filed, error) {
	kept, err := p.store.Replayed(ctx, &tracker.Idempotency{Source: "link " + l.ID.String(), Key: "guest-" + guest, BodyHash: guestHash})
	if errors.Is(err, tracker.ErrNotFound) {
		return filed{}, nil
	}
	if err != nil {
		return filed{}, fmt.Errorf("find guest: %w", err)
	}
	var f filed
	if err := json.Unmarshal(kept.Reply, &f); err != nil {
		return filed{}, fmt.Errorf("read guest: %w", err)
	}
	if _, ok := p.everybody().Person(f.Person); !ok {
		return filed{}, nil
	}
	return f, nil
}

// whom finds whom a link's page is about for whoever knows secret: a personal
// link's person, or the guest with that secret. own tells that the secret proves
// it: the link's own, or a guest's. person is zero where there is nobody yet.
func (p *linkPages) whom(ctx context.Context, l *auth.Link, secret string) (person tracker.ID, own bool, err error) {
	guest, isGuest := intake.LinkGuest(*l, secret)
	if !isGuest {
		return l.Person, l.Verify(secret), nil
	}
	was, err := p.guestBefore(ctx, l, guest)
	if err != nil {
		return tracker.ID{}, false, err
	}
	person, _, err = p.onThread(ctx, l, intake.LinkThread(*l, guest, ""), was.Person)
	return person, !person.IsZero(), err
}

// everybody is the picture without bounds, for what a link's report is about.
func (p *linkPages) everybody() tracker.View {
	return p.tracker.Snapshot().View(tracker.Scope{All: true}, p.now())
}

// linkActor is as whom the citizens' pages write.
var linkActor = tracker.Actor{Role: "link", Scope: tracker.Scope{All: true}}

// submit stores one filing. once may be nil.
func (p *linkPages) submit(ctx context.Context, l *auth.Link, f tracker.Filing, once *tracker.Idempotency) (filed, error) {
	sub := tracker.Submission{Crisis: l.Crisis, Filings: []tracker.Filing{f}, Idempotency: once}
	return p.deliver(ctx, sub)
}

// deliver stores a submission of one filing, or of a call-back alone.
func (p *linkPages) deliver(ctx context.Context, sub tracker.Submission) (filed, error) {
	if !p.tracker.Snapshot().Ready() {
		return filed{}, fmt.Errorf("%w: the picture is being loaded", tracker.ErrUnavailable)
	}
	sub.Actor, sub.Action = linkActor, "link.report"
	sub.Encode = func(receipts []tracker.Receipt, _ []error) []byte {
		kept := filed{ReceivedAt: p.now().UTC().Truncate(time.Microsecond)}
		if len(receipts) > 0 {
			kept = filed{ReceivedAt: receipts[0].ReceivedAt, Code: receipts[0].Code, Person: receipts[0].Person, Report: receipts[0].Report}
		} else if len(sub.Talk.Callbacks) > 0 {
			kept.Person = sub.Talk.Callbacks[0].Person
		}
		b, err := json.Marshal(kept)
		if err != nil {
			panic(err) // can't be: texts and a time
		}
		return b
	}
	done, err := p.inQueue(ctx, sub)
	if errors.Is(err, tracker.ErrNotFound) {
		if len(sub.Filings) == 0 {
			return filed{}, errPersonGone
		}
		// The crisis isn't in the picture (yet): the link is good, so try again.
		return filed{}, fmt.Errorf("%w: %w", tracker.ErrUnavailable, err)
	}
	if err != nil {
		return filed{}, err
	}
	if len(done.Errors) > 0 && done.Errors[0] != nil {
		if errors.Is(done.Errors[0], tracker.ErrNotFound) {
			return filed{}, errPersonGone
		}
		return filed{}, done.Errors[0]
	}
	reply := done.Reply
	if reply == nil {
		reply = sub.Encode(done.Receipts, done.Errors)
	}
	var kept filed
	if err := json.Unmarshal(reply, &kept); err != nil {
		return filed{}, fmt.Errorf("read receipt: %w", err)
	}
	return kept, nil
}
