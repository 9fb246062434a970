package intake

import (
	"crypto/sha256"
	"encoding/json"
	"time"

	"aman/geo/tracker"
)

// Inbound is one thing that came in on a line: a chat's message, a button that was
// pressed, a text message, a device's fix. Every messenger-like channel decodes its
// deliveries to it. Texts are cleaned (no control characters, none that turn the
// direction of text, at most 4,000 characters); what wasn't said is zero.
type Inbound struct {
	Channel tracker.Channel
	// ID is the provider's name for the delivery, the same when it is delivered
	// again and only then: the idempotency key. It is stored as it is, so it holds
	// neither a number nor a name; where the provider's does, it is a digest.
	ID string
	// Thread is the line, as tracker.Thread.Key: a chat's id, a number in E.164, a
	// device's id.
	Thread string
	// Group is true for a chat of many.
	Group bool
	// Lang is kk, ru or en where the provider told of a language; else empty.
	Lang string
	// Name is how the sender calls themselves there; Handle how the provider does
	// ("telegram:name"), a hint at who it is.
	Name, Handle string
	// Phone is the sender's own in E.164, as the provider vouches for.
	Phone string
	Text  string
	// Choice is the button that was pressed: a word of ours (see Button).
	Choice string
	// Start is what a deep link brought along.
	Start string
	// Place is what a venue is called, with its address.
	Place    string
	Position *tracker.Position
	// FixedAt is the device's or provider's time of the position, SentAt of the
	// message; both may be zero.
	FixedAt, SentAt time.Time
	// Edited is true for a later form of a message that came before.
	Edited bool
	// Quiet is true for what nobody waits for an answer to: the next fix of a
	// location that is shared for hours.
	Quiet bool
	// Flags, of tracker.ReportFlags, hold for the whole report.
	Flags tracker.Flags
	// Aside is true where Text is for people to read only, not for us to make a place
	// or an answer of: somebody else's words, a contact of somebody else's.
	Aside bool
	// Odd is true for something that can't be read: a photograph, a voice message.
	Odd bool
	// Gone is true when we were shut out of the line (blocked, removed from a
	// group), Back when we were let in.
	Gone, Back bool
	// MovedTo is the key that the line has from now on.
	MovedTo string
	// Answer is what a button's press has to be acknowledged by, if by anything.
	Answer string
}

// Hash tells a second delivery from another message under the same ID: it is the
// same for deliveries that say the same, whenever they came.
func (in *Inbound) Hash() [32]byte {
	said := *in
	said.SentAt, said.Answer = time.Time{}, ""
	text, err := json.Marshal(said)
	if err != nil {
		// A coordinate that is not a number, which no decoder lets through.
		panic("encode an inbound message: " + err.Error())
	}
	return sha256.Sum256(text)
}
