package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"aman/api"
	"aman/web"
)

const (
	botToken  = "700000001:AAF-canary_token-0123456789abcdefghi"
	botSecret = "canary-secret-0123456789"
	botName   = "aman_test_bot"
)

// spoken is one message that a provider was asked to send.
type spoken struct {
	to, text string
	// markup is the keyboard or the interactive part as it came.
	markup string
}

// fakeBot speaks the Bot API as far as we use it: it takes multipart forms, as the
// client sends them, and JSON, and keeps updates until an offset past them is asked
// for.
type fakeBot struct {
	t      testing.TB
	server *httptest.Server

	mu sync.Mutex
	// All below are guarded by mu.
	sent      []spoken
	answered  []string
	updates   []json.RawMessage
	polls     int
	webhook   string
	refusals  []refusedCall
	forgotten int64 // the highest offset that was asked for
}

// refusedCall is what the next call of a method is answered.
type refusedCall struct {
	method      string
	code, retry int
	text        string
}

func newFakeBot(t testing.TB) *fakeBot {
	b := &fakeBot{t: t}
	b.server = httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(b.server.Close)
	return b
}

func (b *fakeBot) serve(w http.ResponseWriter, r *http.Request) {
	method, ok := strings.CutPrefix(r.URL.Path, "/bot"+botToken+"/")
	if !ok || r.Method != http.MethodPost {
		b.answer(w, http.StatusNotFound, `{"ok":false,"error_code":404,"description":"Not Found"}`)
		return
	}
	form := b.form(r)
	if x, refused := b.refusal(method); refused {
		more := ""
		if x.retry > 0 {
			more = fmt.Sprintf(`,"parameters":{"retry_after":%d}`, x.retry)
		}
		b.answer(w, x.code, fmt.Sprintf(`{"ok":false,"error_code":%d,"description":%q%s}`, x.code, x.text, more))
		return
	}
	switch method {
	case "sendMessage":
		b.mu.Lock()
		b.sent = append(b.sent, spoken{form["chat_id"], form["text"], form["reply_markup"]})
		n := len(b.sent)
		b.mu.Unlock()
		b.answer(w, 200, fmt.Sprintf(`{"ok":true,"result":{"message_id":%d,"date":1772366400,"chat":{"id":%s,"type":"private"},"text":"x"}}`, 1000+n, form["chat_id"]))
	case "answerCallbackQuery":
		b.mu.Lock()
		b.answered = append(b.answered, form["callback_query_id"])
		b.mu.Unlock()
		b.answer(w, 200, `{"ok":true,"result":true}`)
	case "setWebhook", "deleteWebhook":
		b.mu.Lock()
		b.webhook = form["url"]
		b.mu.Unlock()
		b.answer(w, 200, `{"ok":true,"result":true}`)
	case "getUpdates":
		b.poll(w, r, form)
	default:
		b.answer(w, http.StatusNotFound, `{"ok":false,"error_code":404,"description":"Not Found: method not found"}`)
	}
}

// poll answers with what is not forgotten, soon after something is there.
func (b *fakeBot) poll(w http.ResponseWriter, r *http.Request, form map[string]string) {
	offset, _ := strconv.ParseInt(form["offset"], 10, 64) // none is 0
	limit, _ := strconv.Atoi(form["limit"])
	until := time.Now().Add(200 * time.Millisecond) // of the 25 s that are asked for
	for {
		b.mu.Lock()
		b.forgotten = max(b.forgotten, offset)
		var keep []json.RawMessage
		for _, u := range b.updates {
			if updateID(b.t, u) >= offset {
				keep = append(keep, u)
			}
		}
		b.updates = keep
		give := keep[:min(len(keep), max(limit, 1))]
		b.polls++
		b.mu.Unlock()
		if len(give) > 0 || time.Now().After(until) || r.Context().Err() != nil {
			if give == nil {
				give = []json.RawMessage{}
			}
			body, err := json.Marshal(map[string]any{"ok": true, "result": give})
			if err != nil {
				b.t.Error(err)
			}
			b.answer(w, 200, string(body))
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func updateID(t testing.TB, u json.RawMessage) int64 {
	var x struct {
		ID int64 `json:"update_id"`
	}
	if err := json.Unmarshal(u, &x); err != nil {
		t.Errorf("read %s: %v", u, err)
	}
	return x.ID
}

func (b *fakeBot) answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body) // the client may have gone
}

func (b *fakeBot) form(r *http.Request) map[string]string {
	out := map[string]string{}
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if media == "application/json" {
		var m map[string]any
		d := json.NewDecoder(r.Body)
		d.UseNumber()
		if err := d.Decode(&m); err != nil {
			b.t.Errorf("a call's body: %v", err)
		}
		for k, v := range m {
			out[k] = fmt.Sprint(v)
		}
		return out
	}
	if err := r.ParseMultipartForm(1 << 20); err != nil && r.ContentLength > 0 {
		b.t.Errorf("a call's form: %v", err)
	}
	for k, v := range r.Form {
		out[k] = v[0]
	}
	return out
}

func (b *fakeBot) refusal(method string) (refusedCall, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, x := range b.refusals {
		if x.method == method {
			b.refusals = append(b.refusals[:i:i], b.refusals[i+1:]...)
			return x, true
		}
	}
	return refusedCall{}, false
}

func (b *fakeBot) refuse(x ...refusedCall) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refusals = append(b.refusals, x...)
}

// said waits until at least n messages were sent, and returns all.
func (b *fakeBot) said(n int) []spoken {
	b.t.Helper()
	eventually(b.t, fmt.Sprintf("%d messages", n), func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.sent) >= n
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]spoken{}, b.sent...)
}

// eventually fails unless ok comes true within 20 seconds.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("waited in vain for %s", what)
}

// withTelegram sets a server up with the fake Bot API.
func (b *fakeBot) withTelegram(poll bool) func(*api.Options) {
	return func(o *api.Options) {
		o.Catalogue = web.Catalogue
		o.Telegram = api.TelegramOptions{Token: botToken, Name: botName, Secret: botSecret, API: b.server.URL, Poll: poll}
	}
}

// messengers runs the server's messengers until stop is called or the test ends.
func (h *harness) messengers() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		h.server.RunMessengers(ctx)
		close(done)
	}()
	stop = func() {
		cancel()
		<-done
	}
	h.t.Cleanup(stop)
	return stop
}

// teller makes updates of one private chat.
type teller struct {
	h    *harness
	chat int64
	lang string
	next int
}

var updateNumber = struct {
	sync.Mutex
	n int
}{n: 1000}

func nextUpdate() int {
	updateNumber.Lock()
	defer updateNumber.Unlock()
	updateNumber.n++
	return updateNumber.n
}

func (p *teller) message(content string) string {
	return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"date":%d,"from":{"id":%d,"is_bot":false,"first_name":"Test %d","language_code":%q},"chat":{"id":%[4]d,"type":"private"},%[7]s}}`,
		nextUpdate(), p.id(), time.Now().Unix(), p.chat, p.chat, p.lang, content)
}

func (p *teller) id() int { p.next++; return p.next }

func (p *teller) press(choice string) string {
	return fmt.Sprintf(`{"update_id":%d,"callback_query":{"id":"q%d","from":{"id":%d,"is_bot":false,"first_name":"Test %[3]d","language_code":%[4]q},"message":{"message_id":5,"date":0,"chat":{"id":%[3]d,"type":"private"}},"chat_instance":"1","data":%[5]q}}`,
		nextUpdate(), p.id(), p.chat, p.lang, choice)
}

// deliver posts an update as Telegram does.
func (h *harness) deliver(update string) answer {
	h.t.Helper()
	return caller{h: h}.do("POST", "/in/telegram", update, header{"X-Telegram-Bot-Api-Secret-Token", botSecret})
}

func (h *harness) delivered(update string) {
	h.t.Helper()
	if a := h.deliver(update); a.StatusCode != http.StatusOK {
		h.t.Fatalf("delivered %s: status %d: %s", update, a.StatusCode, a.body)
	}
}
