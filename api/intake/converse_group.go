package intake

import (
	"bytes"
	"strings"

	"aman/api/auth"
	"aman/geo/tracker"
)

// GroupTalk is what a turn in a chat of many may look at.
type GroupTalk struct {
	Words func(lang, key string) string
	// Link is what the code in the message led to, in force; nil where it led nowhere.
	Link *auth.Link
	// Private is the address of a talk with us alone, with a code or none; Page is the
	// address of a link's page.
	Private func(code string) string
	Page    func(code string) string
}

// LinkCode is the code of a link that a message brings along, and the secret that came
// with it ("CODE_SECRET"); both empty where it brings none.
func LinkCode(in *Inbound) (code, secret string) {
	text := in.Start
	if in.Group {
		if command, rest := commandOf(in.Text); command == "aman" || command == "start" {
			text, _, _ = strings.Cut(rest, " ")
		}
	}
	code, secret, _ = strings.Cut(text, "_")
	return code, secret
}

// ConverseGroup answers in a chat of many. Nothing that anybody says or shows there is
// taken in: everybody reads along. It tells how to write to us in private, and binds
// the group to the mission of a campaign's link whose code staff post ("/aman CODE").
// A group that is bound stays so until we are removed: its members may post codes too.
func ConverseGroup(in Inbound, t tracker.Thread, k GroupTalk) Spoken {
	st := readTalk(t.State)
	before := st.encode()
	was := t.Mission
	t.Group = true
	if t.Lang == "" {
		t.Lang = orEnglish(in.Lang)
	}
	var out Spoken
	command, rest := commandOf(in.Text)
	switch {
	case in.Gone:
		t.Mission, st.Code, st.Shut = tracker.ID{}, "", true
	case in.Back:
		st.Shut = false
		if t.Mission.IsZero() {
			out.Replies = []Reply{{Text: k.Words(t.Lang, "chat.group_how")}}
		}
	case (command == "aman" || command == "start") && rest != "":
		st.Shut = false
		out.Replies = []Reply{{Text: k.Words(t.Lang, bind(&t, &st, k.Link))}}
	default:
		out.Replies = []Reply{private(t.Lang, st.Code, in.Choice == ChoicePlace, k)}
	}
	t.State = st.encode()
	out.Changed = t.Version == 1 || t.Mission != was || !bytes.Equal(before, t.State)
	out.Thread = t
	return out
}

// bind makes the group the link's mission's, and returns the key of what to say.
func bind(t *tracker.Thread, st *talkState, l *auth.Link) string {
	switch {
	case l == nil || !l.Person.IsZero() || l.Mission.IsZero():
		return "chat.group_bad"
	case t.Mission.IsZero():
		t.Mission, st.Code = l.Mission, l.Code
		return "chat.group_bound"
	case t.Mission == l.Mission:
		st.Code = l.Code
		return "chat.group_bound"
	default:
		return "chat.group_other"
	}
}

// private is the way to us that nobody else reads.
func private(lang, code string, placed bool, k GroupTalk) Reply {
	key := "chat.group_private"
	if placed {
		key = "chat.group_place"
	}
	r := Reply{Text: k.Words(lang, key)}
	if address := k.Private(code); address != "" {
		r.Rows = append(r.Rows, []Button{{Label: k.Words(lang, "chat.group_open"), URL: address}})
	}
	if code != "" {
		r.Text += "\n" + k.Page(code)
	}
	return r
}
