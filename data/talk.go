package data

import (
	"fmt"
	"unicode/utf8"

	"aman/geo/tracker"
)

const (
	// maxState bounds what a channel keeps of a conversation, in bytes.
	maxState = 4 << 10
	// maxMessage bounds a message, in characters.
	maxMessage = 2000
)

func countTalk(t *tracker.Talk) int { return len(t.Threads) + len(t.Messages) + len(t.Callbacks) }

// normalizeTalk is normalize for what the feed doesn't tell of.
func normalizeTalk(in *tracker.Talk) (tracker.Talk, error) {
	var c checker
	out := tracker.Talk{Threads: list(in.Threads), Messages: list(in.Messages), Callbacks: list(in.Callbacks)}
	for i := range out.Threads {
		x := &out.Threads[i]
		c.id("thread.id", x.ID)
		c.id("thread.crisis", x.Crisis)
		c.version("thread.version", x.Version, 1)
		c.text("thread.lang", x.Lang)
		if x.Key == "" {
			c.fail("thread.key", "required", "a line has a name")
		}
		if len(x.State) > maxState {
			c.fail("thread.state", "too_long", fmt.Sprintf("must be of at most %d bytes", maxState))
		}
		x.State = list(x.State)
		at(&x.RecordedAt)
	}
	for i := range out.Messages {
		x := &out.Messages[i]
		c.id("message.id", x.ID)
		c.id("message.crisis", x.Crisis)
		c.id("message.thread", x.Thread)
		c.text("message.failure", x.Failure)
		c.version("message.attempts", x.Attempts, 0)
		if utf8.RuneCountInString(x.Text) > maxMessage {
			c.fail("message.text", "too_long", fmt.Sprintf("must be of at most %d characters", maxMessage))
		}
		at(&x.CreatedAt, &x.NextAt, &x.SentAt)
	}
	for i := range out.Callbacks {
		x := &out.Callbacks[i]
		c.id("callback.id", x.ID)
		c.id("callback.crisis", x.Crisis)
		c.version("callback.version", x.Version, 1)
		at(&x.CreatedAt, &x.RecordedAt)
	}
	sortBy(out.Threads, threadKey)
	sortBy(out.Messages, messageKey)
	sortBy(out.Callbacks, callbackKey)
	return out, c.err
}

func threadKey(t *tracker.Thread) rowKey     { return keyN(t.ID, t.Version) }
func messageKey(m *tracker.Message) rowKey   { return keyN(m.ID, 0) }
func callbackKey(c *tracker.Callback) rowKey { return keyN(c.ID, c.Version) }

// encodeTalk turns normalised talk into what is written; the people whom the same
// write makes were admitted.
func (s *sealer) encodeTalk(t *tracker.Talk, e *encoded) error {
	for i := range t.Threads {
		if err := s.thread(e, &t.Threads[i]); err != nil {
			return err
		}
	}
	for i := range t.Messages {
		if err := s.message(e, &t.Messages[i]); err != nil {
			return err
		}
	}
	for i := range t.Callbacks {
		if err := s.callback(e, &t.Callbacks[i]); err != nil {
			return err
		}
	}
	return nil
}

// sealTexts seals a row's texts: by the key of the person whom it is about, or
// where that is nobody by the master key.
func (s *sealer) sealTexts(crisis, person tracker.ID, aad []byte, texts ...string) ([]byte, error) {
	plain := appendTexts(nil, texts...)
	if person.IsZero() {
		return s.v.seal(plain, aad)
	}
	k, aead, err := s.key(person)
	if err != nil {
		return nil, err
	}
	if k.crisis != crisis {
		return nil, fmt.Errorf("person %s in crisis %s: %w", person, crisis, tracker.ErrNotFound)
	}
	return aead.Seal(nil, nil, plain, aad), nil
}

// openTexts reads what sealTexts wrote.
func (o *opener) openTexts(table string, person tracker.ID, wrapped []byte, id tracker.ID, n uint64, sealed []byte, texts ...*string) error {
	var plain []byte
	var err error
	if person.IsZero() {
		plain, err = o.v.open(sealed, rowAAD(table, id, n))
	} else {
		plain, err = o.open(table, person, wrapped, id, n, sealed)
	}
	if err != nil {
		return err
	}
	return decodeTexts(plain, texts...)
}
