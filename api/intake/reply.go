package intake

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Reply is one message that goes back on the line that something came in on, as
// far as the channel can show it.
type Reply struct {
	Text string `json:"text"`
	// Rows are buttons under the text. Channels without buttons write their labels.
	Rows [][]Button `json:"rows,omitempty"`
	// Menu is the label of what opens the buttons, where a channel hides them.
	Menu string `json:"menu,omitempty"`
	// AskPlace is the label of a button that sends the phone's location, where the
	// channel has one.
	AskPlace string `json:"ask_place,omitempty"`
	// Clear takes that button away again.
	Clear bool `json:"clear,omitempty"`
}

// Button is a label with either the word that comes back as Inbound.Choice, at most
// 64 bytes, or an address to open.
type Button struct {
	Label  string `json:"label"`
	Choice string `json:"choice,omitempty"`
	URL    string `json:"url,omitempty"`
}

// codeMark stands in a text where the receipt's code goes: it is not known before
// the report is stored.
const codeMark = "{code}"

// EncodeReplies is what is kept of an answer so that a second delivery gets the
// same; code takes the place of {code} in the texts.
func EncodeReplies(rs []Reply, code string) []byte {
	out := make([]Reply, len(rs))
	for i, r := range rs {
		out[i] = r
		out[i].Text = strings.ReplaceAll(r.Text, codeMark, code)
	}
	text, err := json.Marshal(out)
	if err != nil {
		panic("encode replies: " + err.Error()) // texts alone: always possible
	}
	return text
}

// DecodeReplies reads what EncodeReplies wrote; nothing is none.
func DecodeReplies(text []byte) ([]Reply, error) {
	if len(text) == 0 {
		return nil, nil
	}
	var rs []Reply
	if err := json.Unmarshal(text, &rs); err != nil {
		return nil, fmt.Errorf("decode replies: %w", err)
	}
	return rs, nil
}
