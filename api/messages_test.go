package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"aman/api/auth"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// newcomer writes once by Telegram, from a place, and returns who they are.
func (h *harness) newcomer(chat int64, lon, lat float64) (*teller, tracker.ID) {
	h.t.Helper()
	p := &teller{h: h, chat: chat, lang: "ru"}
	h.delivered(p.message(fmt.Sprintf(`"location":{"latitude":%v,"longitude":%v,"horizontal_accuracy":10}`, lat, lon)))
	th, err := h.db.ThreadByKey(h.t.Context(), h.crisis, tracker.ChannelTelegram, fmt.Sprint(chat))
	must(h.t, err)
	if th.Person.IsZero() {
		h.t.Fatal("the line has no person")
	}
	h.visible(th.Person)
	return p, th.Person
}

// visible waits until the picture shows somebody.
func (h *harness) visible(id tracker.ID) {
	h.t.Helper()
	c := h.key(auth.RoleAnalyst, tracker.ID{})
	eventually(h.t, "the person", func() bool { return c.do("GET", "/api/v1/people/"+id.String(), nil).StatusCode == 200 })
}

func messagesPath(id tracker.ID) string { return "/api/v1/people/" + id.String() + "/messages" }

// stateOf waits until the newest message to somebody is no longer queued.
func (h *harness) stateOf(c caller, id tracker.ID) openapi.Message {
	h.t.Helper()
	var list openapi.MessageList
	eventually(h.t, "the message to be tried", func() bool {
		list = openapi.MessageList{}
		c.want(200, "GET", messagesPath(id), nil).into(h.t, &list)
		return len(list.Items) > 0 && list.Items[0].State != openapi.Queued
	})
	return list.Items[0]
}

// TestMessages: what staff write is stored, sent in its order, once for each key, to
// the line that somebody wrote from, and to nobody out of scope.
func TestMessages(t *testing.T) {
	b := newFakeBot(t)
	h := newHarness(t, b.withTelegram(false))
	operator, embassy, other := h.key(auth.RoleOperator, tracker.ID{}), h.key(auth.RoleEmbassy, h.abuDhabi), h.key(auth.RoleEmbassy, h.doha)
	_, id := h.newcomer(501, 54.4, 23.8)
	stop := h.messengers()
	b.said(1) // the answer to what they wrote
	stop()

	k := key()
	var first openapi.Message
	operator.want(201, "POST", messagesPath(id), object{"text": "первое"}, k).into(t, &first)
	again := operator.want(201, "POST", messagesPath(id), object{"text": "первое"}, k)
	if again.Header.Get("Idempotency-Replayed") != "true" || !strings.Contains(string(again.body), first.Id.String()) {
		t.Errorf("again: %s", again.body)
	}
	operator.want(422, "POST", messagesPath(id), object{"text": "другое"}, k)
	embassy.want(201, "POST", messagesPath(id), object{"text": "второе", "channel": "telegram"}, key())
	embassy.want(409, "POST", messagesPath(id), object{"text": "x", "channel": "whatsapp"}, key())
	embassy.want(422, "POST", messagesPath(id), object{"text": "  "}, key())
	embassy.want(422, "POST", messagesPath(id), object{"text": strings.Repeat("x", 2001)}, key())
	other.want(404, "POST", messagesPath(id), object{"text": "x"}, key())
	other.want(404, "GET", messagesPath(id), nil)

	// Telegram puts the first one off: the second waits for it.
	b.refuse(refusedCall{method: "sendMessage", code: 429, retry: 1, text: "Too Many Requests"})
	h.messengers()
	got := b.said(3)
	if len(got) != 3 || got[1].text != "первое" || got[2].text != "второе" || got[1].to != "501" {
		t.Errorf("sent %+v", got)
	}
	if m := h.stateOf(operator, id); m.State != openapi.Sent || m.SentAt == nil || m.Text != "второе" || m.Author != "embassy" {
		t.Errorf("the newest: %+v", m)
	}
}

func TestMessagesThatCannotBeSent(t *testing.T) {
	b := newFakeBot(t)
	h := newHarness(t, b.withTelegram(false))
	h.messengers()
	c := h.key(auth.RoleOperator, tracker.ID{})

	// Blocked: the provider says so, and then the update does.
	p, id := h.newcomer(601, 54.4, 23.8)
	b.said(1)
	b.refuse(refusedCall{method: "sendMessage", code: 403, text: "Forbidden: bot was blocked by the user"})
	c.want(201, "POST", messagesPath(id), object{"text": "как вы?"}, key())
	if m := h.stateOf(c, id); m.State != openapi.Failed || m.Failure == nil || *m.Failure != "blocked" {
		t.Errorf("blocked: %+v", m)
	}
	h.delivered(fmt.Sprintf(`{"update_id":%d,"my_chat_member":{"chat":{"id":601,"type":"private"},"from":{"id":601,"is_bot":false,"first_name":"x"},"date":%d,"new_chat_member":{"status":"kicked","user":{"id":7,"is_bot":true,"first_name":"b"}}}}`, nextUpdate(), time.Now().Unix()))
	if a := c.want(409, "POST", messagesPath(id), object{"text": "x"}, key()); a.code(t) != "no_channel" {
		t.Errorf("after blocking: %s", a.body)
	}
	h.delivered(p.message(`"text":"вернулись"`)) // they write again
	c.want(201, "POST", messagesPath(id), object{"text": "хорошо"}, key())
	h.delivered(p.message(`"text":"/stop"`))
	if a := c.want(409, "POST", messagesPath(id), object{"text": "x"}, key()); a.code(t) != "no_channel" {
		t.Errorf("after /stop: %s", a.body)
	}

	// Nobody to write to.
	r := h.key(auth.RoleAnalyst, tracker.ID{}).file(at("Без чата", 54.4, 23.8))
	h.visible(r.PersonId)
	if a := c.want(409, "POST", messagesPath(r.PersonId), object{"text": "x"}, key()); a.code(t) != "no_channel" {
		t.Errorf("no chat: %s", a.body)
	}
}

// TestMessagesOfHouseholds: a minor's go to who answers for them; those to a household
// that lost somebody are stopped, even what was written before.
func TestMessagesOfHouseholds(t *testing.T) {
	b := newFakeBot(t)
	h := newHarness(t, b.withTelegram(false))
	c, casualty := h.key(auth.RoleOperator, tracker.ID{}), h.key(auth.RoleCasualty, tracker.ID{})
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	_, parent := h.newcomer(701, 54.4, 23.8)
	made := func(in object) tracker.ID {
		t.Helper()
		a := analyst.want(201, "POST", "/api/v1/people", in, key())
		id, err := tracker.ParseID(strings.TrimPrefix(a.Header.Get("Location"), "/api/v1/people/"))
		must(t, err)
		h.visible(id)
		return id
	}
	refused := func(id tracker.ID, code string) {
		t.Helper()
		if a := c.want(http.StatusConflict, "POST", messagesPath(id), object{"text": "x"}, key()); a.code(t) != code {
			t.Errorf("refused with %s, want %s", a.body, code)
		}
	}
	born := time.Now().AddDate(-17, 0, 0).Format(time.DateOnly)
	refused(made(object{"name": "Бала", "needs": []string{"minor"}}), "minor_without_guardian")
	refused(made(object{"name": "Жасөспірім", "birth_date": born}), "minor_without_guardian")
	refused(made(object{"name": "Ересек", "birth_date": time.Now().AddDate(-18, 0, -1).Format(time.DateOnly)}), "no_channel")
	child := made(object{"name": "Бала", "birth_date": born, "guardian": parent.String()})
	c.want(201, "POST", messagesPath(child), object{"text": "про ребёнка"}, key())

	// Somebody of the household dies before it is sent.
	casualty.want(201, "POST", "/api/v1/reports", object{"person_id": child.String(), "wellbeing": "deceased"}, key())
	eventually(t, "messages to be stopped", func() bool {
		return c.do("POST", messagesPath(parent), object{"text": "x"}, key()).StatusCode == http.StatusConflict
	})
	refused(parent, "household_in_mourning")
	refused(child, "household_in_mourning")
	h.messengers()
	m := h.stateOf(c, child)
	for _, s := range b.said(1) {
		if strings.Contains(s.text, "ребёнка") {
			t.Errorf("sent %+v", s)
		}
	}
	if m.State != openapi.Failed || *m.Failure != "withheld" {
		t.Errorf("what was written before: %+v", m)
	}
}

// TestGroups: a bot in an embassy's group takes nothing in from it, answers with the
// private way, and tells what the embassy announces; when the group changes its kind
// the binding moves along.
func TestGroups(t *testing.T) {
	b := newFakeBot(t)
	h := newHarness(t, b.withTelegram(false))
	h.messengers()
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	embassy, doha := h.key(auth.RoleEmbassy, h.abuDhabi), h.key(auth.RoleEmbassy, h.doha)
	var link openapi.NewLink
	embassy.want(201, "POST", "/api/v1/links", object{"kind": "campaign", "airport": "DXB", "label": "group", "expires_at": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}).into(t, &link)
	in := func(group int64, content string) string {
		return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":1,"date":%d,"from":{"id":9,"is_bot":false,"first_name":"x","language_code":"ru"},"chat":{"id":%d,"type":"supergroup","title":"g"},%s}}`, nextUpdate(), time.Now().Unix(), group, content)
	}
	embassy.want(409, "POST", "/api/v1/announcements", object{"text": "рейс"}, key())
	h.delivered(in(-1001, `"text":"/aman@aman_test_bot `+link.Link.Code+`"`))
	b.said(1)
	h.delivered(in(-1001, `"location":{"latitude":25.1972,"longitude":55.2744}`))
	got := b.said(2)[1]
	if !strings.Contains(got.markup, "https://t.me/"+botName+"?start="+link.Link.Code) || !strings.Contains(got.text, "/s/"+link.Link.Code) || strings.Contains(got.text, "55.27") {
		t.Errorf("a place in public: %+v", got)
	}
	h.delivered(in(-1001, `"text":"разговор между собой"`))
	var list openapi.PersonList
	analyst.want(200, "GET", "/api/v1/people", nil).into(t, &list)
	if list.Total.Records != 0 {
		t.Errorf("a group made %d people", list.Total.Records)
	}

	var said openapi.Announced
	embassy.want(201, "POST", "/api/v1/announcements", object{"text": "Рейс в Алматы завтра"}, key()).into(t, &said)
	if got := b.said(3)[2]; said.Groups != 1 || got.to != "-1001" || got.text != "Рейс в Алматы завтра" {
		t.Errorf("announced to %d: %+v", said.Groups, got)
	}
	doha.want(409, "POST", "/api/v1/announcements", object{"text": "x"}, key())
	doha.want(404, "POST", "/api/v1/announcements", object{"text": "x", "mission_id": h.abuDhabi.String()}, key())
	h.key(auth.RoleOperator, tracker.ID{}).want(403, "POST", "/api/v1/announcements", object{"text": "x"}, key())

	// The group becomes another kind of group.
	move := fmt.Sprintf(`{"update_id":%d,"message":{"message_id":1,"date":1,"chat":{"id":-1001,"type":"group","title":"g"},"migrate_to_chat_id":-1009}}`, nextUpdate())
	h.delivered(move)
	h.delivered(move)
	k := key()
	analyst.want(201, "POST", "/api/v1/announcements", object{"text": "всем"}, k).into(t, &said)
	analyst.want(201, "POST", "/api/v1/announcements", object{"text": "всем"}, k)
	if got := b.said(4); said.Groups != 1 || len(got) != 4 || got[3].to != "-1009" {
		t.Errorf("after moving, announced to %d: %+v", said.Groups, got)
	}
	h.delivered(fmt.Sprintf(`{"update_id":%d,"my_chat_member":{"chat":{"id":-1009,"type":"supergroup"},"from":{"id":9,"is_bot":false,"first_name":"x"},"date":1,"new_chat_member":{"status":"left","user":{"id":7,"is_bot":true,"first_name":"b"}}}}`, nextUpdate()))
	embassy.want(409, "POST", "/api/v1/announcements", object{"text": "x"}, key())
}

// TestPersonalLinkInTelegram: the deep link of a personal link makes the line its
// person's when the secret came along, and trusts it little when not.
func TestPersonalLinkInTelegram(t *testing.T) {
	b := newFakeBot(t)
	h := newHarness(t, b.withTelegram(false))
	h.messengers()
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	r := analyst.file(at("Айгүл", 54.4, 23.8))
	var link openapi.NewLink
	analyst.want(201, "POST", "/api/v1/links", object{"kind": "personal", "person_id": r.PersonId.String(), "expires_at": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}).into(t, &link)
	_, secret, _ := strings.Cut(link.Url, "#")
	for _, x := range []struct {
		chat    int64
		start   string
		low     bool
		ownLine bool
	}{{801, link.Link.Code + "_" + secret, false, true}, {802, link.Link.Code, true, false}, {803, link.Link.Code + "_" + strings.Repeat("A", 43), true, false}} {
		p := &teller{h: h, chat: x.chat, lang: "kk"}
		h.delivered(p.message(`"text":"/start ` + x.start + `"`))
		h.delivered(p.message(fmt.Sprintf(`"text":"хабар %d"`, x.chat)))
		rs, _, err := h.db.ReportsOf(t.Context(), r.PersonId, 0)
		must(t, err)
		found := slices.IndexFunc(rs, func(r tracker.Report) bool { return r.Note == fmt.Sprintf("хабар %d", x.chat) })
		if found < 0 || rs[found].Flags&tracker.FlagLowTrust != 0 != x.low {
			t.Errorf("%d: %d of %+v", x.chat, found, rs)
		}
		ths, err := h.db.ThreadsOf(t.Context(), []tracker.ID{r.PersonId})
		must(t, err)
		if len(ths) != 1 || ths[0].Key != "801" {
			t.Errorf("%d: lines %+v", x.chat, ths)
		}
	}
	h.everybody(1)
}
