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
}

// filed is what is kept of a report, to know its retries and its person again.
type filed struct {
	linkReceipt
	Person tracker.ID `json:"person"`
	Key    string     `json:"key"`  // of the report that made the person
	Hash   string     `json:"hash"` // and what it said
}

// guestHash stands for the body of whatever makes a guest: a later report finds the
// guest by the same key, whatever it says itself.
var guestHash = [32]byte{1}

// file stores a report and gives its receipt; a retry gets the first one.
//
//	link      secret        about
//	personal  any           the link's person, once for each id
//	campaign  a phone's     the guest with that secret, made by the first report
//	campaign  none          somebody new
func (p *linkPages) file(ctx context.Context, l *auth.Link, r *intake.LinkReport, form bool) (linkReceipt, error) {
	key, hash := "", r.Hash()
	if !r.ID.IsZero() {
		key = r.ID.String()
	}
	if form && key != "" {
		// A form that comes back by the Back button has the same id and may say
		// something else: that is another report, not a mistake.
		key += "-" + hex.EncodeToString(hash[:8])
	}
	guest, known := r.Guest(*l)
	if !known {
		f, err := p.submit(ctx, l, r, tracker.ID{}, key, hash, filed{})
		return f.linkReceipt, err
	}
	// The first report of a guest makes them, under a key of theirs; any other finds
	// them by it, whichever server it comes to.
	first := filed{Key: key, Hash: hex.EncodeToString(hash[:])}
	f, err := p.submit(ctx, l, r, tracker.ID{}, "guest-"+guest, guestHash, first)
	if err != nil || !f.replayed || key != "" && f.Key == key && f.Hash == first.Hash {
		return f.linkReceipt, err
	}
	if key != "" && f.Key == key {
		return linkReceipt{}, tracker.ErrKeyReused
	}
	f, err = p.submit(ctx, l, r, f.Person, key, hash, filed{})
	if errors.Is(err, errPersonGone) { // erased: whoever reports now is new
		f, err = p.submit(ctx, l, r, tracker.ID{}, key, hash, filed{})
	}
	return f.linkReceipt, err
}

// errPersonGone: the person of the link was erased.
var errPersonGone = refuse(http.StatusGone, "link_revoked", "This link was closed.")

// storedReport is a report's answer, and whether it had been given before.
type storedReport struct {
	filed
	replayed bool
}

// submit stores one report about the link's person or else guest, under an
// idempotency key (empty: none). keep goes into what is kept of it.
func (p *linkPages) submit(ctx context.Context, l *auth.Link, r *intake.LinkReport, guest tracker.ID, key string, hash [32]byte, keep filed) (storedReport, error) {
	if !p.tracker.Snapshot().Ready() {
		return storedReport{}, fmt.Errorf("%w: the picture is being loaded", tracker.ErrUnavailable)
	}
	encode := func(receipts []tracker.Receipt, _ []error) []byte {
		keep.linkReceipt = linkReceipt{ReceivedAt: receipts[0].ReceivedAt, Code: receipts[0].Code}
		keep.Person = receipts[0].Person
		b, err := json.Marshal(keep)
		if err != nil {
			panic(err) // can't be: texts and a time
		}
		return b
	}
	sub := tracker.Submission{
		Actor:   tracker.Actor{Role: "link", Scope: tracker.Scope{All: true}},
		Crisis:  l.Crisis,
		Filings: []tracker.Filing{r.Filing(*l, guest, p.countries(*l), p.tracker.World())},
		Encode:  encode,
		Action:  "link.report",
	}
	if key != "" {
		sub.Idempotency = &tracker.Idempotency{Source: "link " + l.ID.String(), Key: key, BodyHash: hash}
	}
	done, err := p.tracker.Submit(ctx, sub)
	if errors.Is(err, tracker.ErrNotFound) {
		// The crisis isn't in the picture (yet): the link is good, so try again.
		return storedReport{}, fmt.Errorf("%w: %w", tracker.ErrUnavailable, err)
	}
	if err != nil {
		return storedReport{}, err
	}
	if err := done.Errors[0]; err != nil {
		if errors.Is(err, tracker.ErrNotFound) {
			return storedReport{}, errPersonGone
		}
		return storedReport{}, err
	}
	reply := done.Reply
	if reply == nil {
		reply = encode(done.Receipts, done.Errors)
	}
	s := storedReport{replayed: done.Replay}
	if err := json.Unmarshal(reply, &s.filed); err != nil {
		return storedReport{}, fmt.Errorf("read receipt: %w", err)
	}
	return s, nil
}
