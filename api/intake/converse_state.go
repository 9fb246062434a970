package intake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"aman/geo/tracker"
)

// talkVersion is of the encoding of talkState. Another one begins anew.
const talkVersion = 1

// maxTalkState bounds what a line remembers, in bytes.
const maxTalkState = 4 << 10

// What a conversation is waiting for.
const (
	askNothing = ""
	askStatus  = "status"
	askPlace   = "place"
	askPersons = "persons"
	askNumber  = "number" // five or more: how many exactly
)

// talkState is where a conversation stands: Thread.State of a chat. It holds
// hardly anything that people said of themselves, only that they did.
type talkState struct {
	V   int    `json:"v"`
	Ask string `json:"ask,omitempty"`
	// Status, Placed and Persons tell what was answered, or skipped, since the
	// questions began.
	Status  bool `json:"status,omitempty"`
	Placed  bool `json:"placed,omitempty"`
	Persons bool `json:"persons,omitempty"`
	// Country and Airport are preset by a campaign's link, for somebody new.
	Country string `json:"country,omitempty"`
	Airport string `json:"airport,omitempty"`
	// Here is the country that they were last in, for the numbers to ring.
	Here string `json:"here,omitempty"`
	// About is whose personal link it was that came without its secret: reports are
	// about them, of low trust, and the line is not theirs.
	About tracker.ID `json:"about,omitzero"`
	// Stopped: they want nothing from us but answers. Shut: we were shut out.
	Stopped bool `json:"stopped,omitempty"`
	Shut    bool `json:"shut,omitempty"`
	// UnreadAt is when somebody was last asked to ring them because of a message
	// that can't be read.
	UnreadAt time.Time `json:"unread_at,omitzero"`
	// CriedAt is when that was last for words that may be a cry for help.
	CriedAt time.Time `json:"cried_at,omitzero"`
	// Code is the campaign's that a group was bound with.
	Code string `json:"code,omitempty"`
}

// readTalk reads a line's state; what is damaged, or of another version, begins anew.
func readTalk(text []byte) talkState {
	begin := talkState{V: talkVersion}
	if len(text) == 0 || len(text) > maxTalkState {
		return begin
	}
	var st talkState
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&st); err != nil || d.More() || st.V != talkVersion {
		return begin
	}
	switch st.Ask {
	case askNothing, askStatus, askPlace, askPersons, askNumber:
		return st
	default:
		return begin
	}
}

// encode is the state as it is stored, at most 4 KiB: its texts are codes.
func (st talkState) encode() []byte {
	text, err := json.Marshal(st)
	if err != nil || len(text) > maxTalkState {
		panic(fmt.Sprintf("encode the state of a talk: %d bytes, %v", len(text), err)) // codes and flags: always short
	}
	return text
}

// next is what to ask now.
func (st *talkState) next() string {
	switch {
	case !st.Status:
		return askStatus
	case !st.Placed:
		return askPlace
	case !st.Persons:
		return askPersons
	default:
		return askNothing
	}
}

// Reachable tells whether staff may write on a line: they were not told to stop, and
// we were not shut out. why is a stable code where they may not.
func Reachable(t *tracker.Thread) (ok bool, why string) {
	if t.Channel != tracker.ChannelTelegram && t.Channel != tracker.ChannelWhatsApp {
		return false, "no_messages"
	}
	switch st := readTalk(t.State); {
	case st.Shut:
		return false, "blocked"
	case st.Stopped:
		return false, "stopped"
	}
	return true, ""
}

// GroupCode is the code of the campaign that a group was bound with, or empty.
func GroupCode(t *tracker.Thread) string { return readTalk(t.State).Code }
