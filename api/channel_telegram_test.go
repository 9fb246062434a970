package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aman/api"
	"aman/api/auth"
	"aman/api/openapi"
	"aman/data"
	"aman/geo/tracker"
	"aman/web"
)

// everybody waits until the picture shows n people, and reads their reports from the
// store, newest first.
func (h *harness) everybody(n int) (people []openapi.PersonRow, reports map[tracker.ID][]tracker.Report) {
	h.t.Helper()
	c := h.key(auth.RoleAnalyst, tracker.ID{})
	var list openapi.PersonList
	eventually(h.t, fmt.Sprintf("%d people", n), func() bool {
		list = openapi.PersonList{}
		c.want(200, "GET", "/api/v1/people?limit=1000", nil).into(h.t, &list)
		return len(list.Items) == n
	})
	reports = map[tracker.ID][]tracker.Report{}
	for _, row := range list.Items {
		rs, _, err := h.db.ReportsOf(h.t.Context(), row.Id, 0)
		must(h.t, err)
		reports[row.Id] = rs
	}
	return list.Items, reports
}

// TestTelegramConversation holds a whole conversation, through the webhook and the real
// client, in each language; every answer comes with the code of a report that is there.
func TestTelegramConversation(t *testing.T) {
	b := newFakeBot(t)
	h := newHarness(t, b.withTelegram(false))
	h.messengers()
	code := regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{4}\.`)
	sent := 0
	for i, lang := range []string{"kk", "ru", "en"} {
		w := web.Catalogue(lang)
		p := &teller{h: h, chat: int64(100 + i), lang: "de"}
		step := func(update, text, markup string) spoken {
			t.Helper()
			h.delivered(update)
			sent++
			got := b.said(sent)[sent-1]
			if got.to != fmt.Sprint(p.chat) || !strings.Contains(got.text, text) || !strings.Contains(got.markup, markup) {
				t.Errorf("%s: said %+v, want %q with %q", lang, got, text, markup)
			}
			return got
		}
		step(p.message(`"text":"/start"`), "Choose a language", "lang:"+lang)
		step(p.press("lang:"+lang), w["citizen.how"], "status:help")
		if m := step(p.press("status:safe"), w["chat.where"], "request_location"); !code.MatchString(m.text) {
			t.Errorf("%s: no code in %q", lang, m.text)
		}
		step(p.message(`"location":{"latitude":25.1972,"longitude":55.2744,"horizontal_accuracy":20}`), w["chat.persons"], "persons:more")
		m := step(p.press("persons:3"), w["citizen.next"], "remove_keyboard")
		people, reports := h.everybody(i + 1)
		for _, row := range people {
			if rs := reports[row.Id]; len(rs) != 3 {
				t.Errorf("%s: %d reports", lang, len(rs))
			}
		}
		if !strings.Contains(m.text, "+97100000001") { // the duty phone of the mission that answers for the Emirates
			t.Errorf("%s: no number to ring in %q", lang, m.text)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.answered) != 9 {
		t.Errorf("%d buttons were acknowledged", len(b.answered))
	}
	for _, m := range b.sent {
		if strings.Contains(m.markup, "copy_text") || strings.Contains(m.text, "55.27") {
			t.Errorf("sent %+v", m)
		}
	}
}

// TestTelegramRedelivery: the same update again, at once or many times at the same
// moment, stores nothing more and says nothing more; edits that overtake each other
// leave the newest place.
func TestTelegramRedelivery(t *testing.T) {
	b := newFakeBot(t)
	h := newHarness(t, b.withTelegram(false))
	h.messengers()
	p := &teller{h: h, chat: 7, lang: "ru"}
	first := p.message(`"text":"Помогите"`)
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() { h.delivered(first) })
	}
	wg.Wait()
	h.delivered(first)
	people, reports := h.everybody(1)
	if len(reports[people[0].Id]) != 1 {
		t.Fatalf("reports %+v", reports)
	}
	if got := b.said(1); len(got) != 1 {
		t.Errorf("said %d times", len(got))
	}

	// The edits of a live location, last first.
	began := time.Now().Add(-time.Hour).Unix()
	edit := func(i int) string {
		return fmt.Sprintf(`{"update_id":%d,"edited_message":{"message_id":50,"date":%d,"edit_date":%d,"from":{"id":7,"is_bot":false,"first_name":"x"},"chat":{"id":7,"type":"private"},"location":{"latitude":25.1,"longitude":55.%d,"live_period":7200,"horizontal_accuracy":10}}}`,
			nextUpdate(), began, began+int64(60*i), 20+i)
	}
	updates := []string{edit(1), edit(2), edit(3), edit(4)}
	for _, i := range []int{3, 0, 2, 1, 3} {
		h.delivered(updates[i])
	}
	eventually(t, "the newest place", func() bool {
		people, reports = h.everybody(1)
		return people[0].Position != nil && people[0].Position.Lon == 55.24
	})
	if n := len(reports[people[0].Id]); n != 5 {
		t.Errorf("%d reports", n)
	}
	if got := b.said(1); len(got) != 1 {
		t.Errorf("live fixes were answered: %+v", got[1:])
	}
}

// unread fails the test when somebody reads it.
type unread struct{ read atomic.Bool }

func (u *unread) Read([]byte) (int, error) {
	u.read.Store(true)
	return 0, fmt.Errorf("the body was read")
}

// TestTelegramSecret: without the secret nothing is read, and with the channel off
// there is no such page.
func TestTelegramSecret(t *testing.T) {
	b := newFakeBot(t)
	h := newHarness(t, b.withTelegram(false))
	for name, secret := range map[string]string{"none": "", "wrong": "canary-secret-0123456780", "longer": botSecret + "x", "shorter": botSecret[:10]} {
		body := &unread{}
		req := httptest.NewRequest("POST", "/in/telegram", body)
		req.Header.Set("Content-Type", "application/json")
		if secret != "" {
			req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
		}
		rec := httptest.NewRecorder()
		h.server.Handler().ServeHTTP(rec, req)
		if rec.Code != http.StatusUnauthorized || body.read.Load() {
			t.Errorf("%s: status %d, read %v", name, rec.Code, body.read.Load())
		}
	}
	if a := h.deliver("{"); a.StatusCode != http.StatusBadRequest {
		t.Errorf("not JSON: %d %s", a.StatusCode, a.body)
	}
	if a := h.deliver(`{"update_id":1,"x":"` + strings.Repeat("x", 256<<10) + `"}`); a.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: %d %s", a.StatusCode, a.body)
	}
	h.delivered(`{"update_id":2,"message_reaction":{}}`)
	off := newHarness(t)
	if a := off.deliver(`{"update_id":3}`); a.StatusCode != http.StatusNotFound {
		t.Errorf("off: %d", a.StatusCode)
	}
}

// flaky is a store that can be away.
type flaky struct {
	*data.DB
	away atomic.Bool
	// refuse is how many commits are refused before they are tried.
	refuse atomic.Int64
}

func (f *flaky) gone() error {
	if f.away.Load() || f.refuse.Add(-1) >= 0 {
		return fmt.Errorf("%w: the database is away", tracker.ErrUnavailable)
	}
	return nil
}

func (f *flaky) Commit(ctx context.Context, w *tracker.Write) (tracker.Committed, error) {
	if len(w.Reports)+len(w.Threads) > 0 {
		if err := f.gone(); err != nil {
			return tracker.Committed{}, err
		}
	}
	return f.DB.Commit(ctx, w)
}

// withFlaky puts a flaky store under the server and its tracker.
func withFlaky(t *testing.T, f *flaky) func(*api.Options) {
	return func(o *api.Options) {
		f.DB = o.Store.(*data.DB)
		w, err := world()
		must(t, err)
		tr := tracker.New(f, w, tracker.Options{Poll: 50 * time.Millisecond})
		must(t, tr.Start(t.Context()))
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- tr.Run(ctx) }()
		t.Cleanup(func() {
			cancel()
			must(t, <-done)
		})
		o.Tracker, o.Store = tr, f
	}
}

// TestTelegramStoreAway: while nothing can be stored Telegram is told to come again, and
// what it brings again is stored once.
func TestTelegramStoreAway(t *testing.T) {
	b, f := newFakeBot(t), &flaky{}
	h := newHarness(t, b.withTelegram(false), withFlaky(t, f))
	h.messengers()
	p := &teller{h: h, chat: 9, lang: "en"}
	update := p.message(`"text":"Dubai, AE"`)
	f.away.Store(true)
	a := h.deliver(update)
	if a.StatusCode != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
		t.Errorf("away: %d, Retry-After %q", a.StatusCode, a.Header.Get("Retry-After"))
	}
	f.away.Store(false)
	h.delivered(update)
	h.delivered(update)
	people, reports := h.everybody(1)
	if len(reports[people[0].Id]) != 1 {
		t.Errorf("reports %+v", reports)
	}
	if got := b.said(1); len(got) != 1 {
		t.Errorf("said %+v", got)
	}
}

// TestTelegramPolling: updates are forgotten by Telegram only when they are durable,
// whatever fails in between, and although the poller is stopped and started.
func TestTelegramPolling(t *testing.T) {
	b, f := newFakeBot(t), &flaky{}
	h := newHarness(t, b.withTelegram(true), withFlaky(t, f))
	const chats, each = 10, 12
	var tellers []*teller
	for i := range chats {
		tellers = append(tellers, &teller{h: h, chat: int64(1000 + i), lang: "ru"})
	}
	b.mu.Lock()
	for n := range each {
		for _, p := range tellers {
			b.updates = append(b.updates, json.RawMessage(p.message(fmt.Sprintf(`"text":"сообщение %d"`, n))))
		}
	}
	last := updateID(t, b.updates[len(b.updates)-1])
	b.updates = append(b.updates, json.RawMessage(fmt.Sprintf(`{"update_id":%d,"message":"not as documented"}`, nextUpdate())))
	b.mu.Unlock()
	b.refuse(refusedCall{method: "getUpdates", code: 502, text: "Bad Gateway"})
	f.refuse.Store(5)
	stop := h.messengers()
	eventually(t, "the first commits", func() bool { return f.refuse.Load() < -3 })
	stop()
	h.messengers()
	eventually(t, "an offset past everything", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.forgotten == last+2
	})
	_, reports := h.everybody(chats)
	for id, rs := range reports {
		if len(rs) != each {
			t.Errorf("person %s has %d reports", id, len(rs))
		}
		for i, r := range rs { // newest first, in the order of the chat
			if want := fmt.Sprintf("сообщение %d", each-1-i); r.Note != want {
				t.Errorf("report %d says %q, want %q", i, r.Note, want)
			}
		}
	}
}

// TestTelegramRetries: an answer that Telegram puts off is sent later; one that it
// won't take isn't tried again.
func TestTelegramRetries(t *testing.T) {
	b := newFakeBot(t)
	h := newHarness(t, b.withTelegram(false))
	h.messengers()
	p := &teller{h: h, chat: 11, lang: "ru"}
	b.refuse(refusedCall{method: "sendMessage", code: 429, retry: 1, text: "Too Many Requests: retry after 1"})
	h.delivered(p.message(`"text":"/start"`))
	b.said(1)
	b.refuse(refusedCall{method: "sendMessage", code: 403, text: "Forbidden: bot was blocked by the user"})
	h.delivered(p.message(`"text":"/help"`))
	eventually(t, "the refusal", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.refusals) == 0
	})
	h.delivered(p.message(`"text":"/language"`))
	if got := b.said(2); len(got) != 2 || !strings.Contains(got[1].markup, "lang:kk") {
		t.Errorf("said %+v", got)
	}
}

// TestTelegramTokenStaysSecret: nothing that goes wrong with Telegram puts the token,
// which is in every address, or what somebody wrote, into the log.
func TestTelegramTokenStaysSecret(t *testing.T) {
	var mu sync.Mutex
	var logged bytes.Buffer
	log := slog.New(slog.NewJSONHandler(writerFunc(func(b []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return logged.Write(b)
	}), &slog.HandlerOptions{Level: slog.LevelDebug}))
	for _, poll := range []bool{false, true} {
		b := newFakeBot(t)
		h := newHarness(t, b.withTelegram(poll), func(o *api.Options) { o.Logger, o.PublicURL = log, "https://aman.example" })
		p := &teller{h: h, chat: 12, lang: "ru"}
		if !poll {
			h.delivered(p.message(`"text":"канарейка"`))
			h.delivered(p.press("status:help"))
		}
		b.server.CloseClientConnections()
		b.server.Close()
		stop := h.messengers()
		eventually(t, "a warning", func() bool {
			mu.Lock()
			defer mu.Unlock()
			return strings.Count(logged.String(), `"WARN"`) >= 2
		})
		stop()
	}
	for _, canary := range []string{"canary", botToken, "AAF-", "канарейка", "Test 12"} {
		if strings.Contains(logged.String(), canary) {
			t.Errorf("the log holds %q:\n%s", canary, logged.String())
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// TestTelegramWebhookIsSet: a server with an https address tells Telegram where it is.
func TestTelegramWebhookIsSet(t *testing.T) {
	b := newFakeBot(t)
	h := newHarness(t, b.withTelegram(false), func(o *api.Options) { o.PublicURL = "https://aman.example/" })
	b.refuse(refusedCall{method: "setWebhook", code: 500, text: "Internal Server Error"})
	h.messengers()
	eventually(t, "the webhook", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.webhook == "https://aman.example/in/telegram"
	})
}

// TestMessengerSettings: what is set up by half, or plainly wrong, keeps the server from
// starting; the error doesn't show the value.
func TestMessengerSettings(t *testing.T) {
	h := newHarness(t)
	good := api.TelegramOptions{Token: botToken, Name: botName, Secret: botSecret}
	wa := api.WhatsAppOptions{Token: "canary-token-0123456789", PhoneID: "106540352242922", AppSecret: "canary-app-secret", VerifyToken: "canary-verify-token"}
	for name, change := range map[string]func(*api.Options){
		"no token":            func(o *api.Options) { o.Telegram = good; o.Telegram.Token = "" },
		"a token alone":       func(o *api.Options) { o.Telegram = api.TelegramOptions{Token: botToken} },
		"no secret":           func(o *api.Options) { o.Telegram = good; o.Telegram.Secret = "" },
		"a short secret":      func(o *api.Options) { o.Telegram = good; o.Telegram.Secret = "canary" },
		"a name with @":       func(o *api.Options) { o.Telegram = good; o.Telegram.Name = "@canary" },
		"plain http":          func(o *api.Options) { o.Telegram = good; o.Telegram.API = "http://canary.example" },
		"no verify token":     func(o *api.Options) { o.WhatsApp = wa; o.WhatsApp.VerifyToken = "" },
		"no app secret":       func(o *api.Options) { o.WhatsApp = wa; o.WhatsApp.AppSecret = "" },
		"a number for the id": func(o *api.Options) { o.WhatsApp = wa; o.WhatsApp.PhoneID = "+7canary" },
		"an address with a user": func(o *api.Options) {
			o.WhatsApp = wa
			o.WhatsApp.API = "https://canary@graph.example"
		},
	} {
		o := api.Options{Tracker: h.tracker, Store: h.db, PublicURL: "http://127.0.0.1"}
		change(&o)
		if _, err := api.New(o); err == nil || strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "AAF-") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	o := api.Options{Tracker: h.tracker, Store: h.db, PublicURL: "http://127.0.0.1", Telegram: good, WhatsApp: wa}
	if _, err := api.New(o); err != nil {
		t.Errorf("all of it: %v", err)
	}
}

// TestWhoWritesAfterErasing: somebody whose record was erased, or whose link's person
// was, is heard all the same, as somebody new.
func TestWhoWritesAfterErasing(t *testing.T) {
	b := newFakeBot(t)
	h := newHarness(t, b.withTelegram(false))
	h.messengers()
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	p, own := h.newcomer(901, 54.4, 23.8)
	r := analyst.file(at("Чужая ссылка", 54.4, 23.8))
	var link openapi.NewLink
	analyst.want(201, "POST", "/api/v1/links", object{"kind": "personal", "person_id": r.PersonId.String(), "expires_at": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}).into(t, &link)
	other := &teller{h: h, chat: 902, lang: "ru"}
	h.delivered(other.message(`"text":"/start ` + link.Link.Code + `"`))
	h.everybody(2)
	for _, id := range []tracker.ID{own, r.PersonId} {
		_, err := h.tracker.Erase(t.Context(), tracker.Actor{Role: "admin", Scope: tracker.Scope{All: true}}, id, "asked on the phone")
		must(t, err)
	}
	h.everybody(0)
	h.delivered(p.message(`"text":"это снова я"`))
	h.delivered(other.message(`"text":"и я"`))
	_, reports := h.everybody(2)
	for id, rs := range reports {
		if len(rs) != 1 || id == own || id == r.PersonId {
			t.Errorf("person %s: %+v", id, rs)
		}
	}
}
