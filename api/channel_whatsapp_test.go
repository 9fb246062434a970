package api_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"aman/api"
	"aman/geo/tracker"
	"aman/web"
)

var whatsAppSetting = api.WhatsAppOptions{
	Token: "canary-graph-token-0123456789", PhoneID: "106540352242922", AppSecret: "canary-app-secret-0123", VerifyToken: "canary-verify-token-01",
}

// fakeGraph takes messages as the Graph API does.
type fakeGraph struct {
	t      testing.TB
	server *httptest.Server

	mu sync.Mutex
	// Guarded by mu.
	sent     []spoken
	refusals []string // bodies of the next answers, after their status and a blank
}

func newFakeGraph(t testing.TB) *fakeGraph {
	g := &fakeGraph{t: t}
	g.server = httptest.NewServer(http.HandlerFunc(g.serve))
	t.Cleanup(g.server.Close)
	return g
}

func (g *fakeGraph) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	var m struct {
		Product     string `json:"messaging_product"`
		To          string `json:"to"`
		Type        string `json:"type"`
		Text        struct{ Body string }
		Interactive json.RawMessage `json:"interactive"`
	}
	err := json.NewDecoder(r.Body).Decode(&m)
	if r.URL.Path != "/v23.0/106540352242922/messages" || r.Header.Get("Authorization") != "Bearer "+whatsAppSetting.Token || err != nil || m.Product != "whatsapp" {
		g.t.Errorf("asked %s %s: %v %+v", r.Method, r.URL.Path, err, m)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.refusals) > 0 {
		status, body, _ := strings.Cut(g.refusals[0], " ")
		g.refusals = g.refusals[1:]
		code := 0
		_, _ = fmt.Sscan(status, &code)
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
		return
	}
	text := m.Text.Body
	if m.Type == "interactive" {
		var x struct{ Body struct{ Text string } }
		if err := json.Unmarshal(m.Interactive, &x); err != nil {
			g.t.Errorf("interactive: %v", err)
		}
		text = x.Body.Text
	}
	g.sent = append(g.sent, spoken{m.To, text, string(m.Interactive)})
	_, _ = fmt.Fprintf(w, `{"messaging_product":"whatsapp","contacts":[{"input":%q,"wa_id":%q}],"messages":[{"id":"wamid.out%d"}]}`, m.To, m.To, len(g.sent))
}

func (g *fakeGraph) said(n int) []spoken {
	g.t.Helper()
	eventually(g.t, fmt.Sprintf("%d messages", n), func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return len(g.sent) >= n
	})
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]spoken{}, g.sent...)
}

func (g *fakeGraph) withWhatsApp(o *api.Options) {
	o.Catalogue = web.Catalogue
	o.WhatsApp = whatsAppSetting
	o.WhatsApp.API = g.server.URL + "/v23.0/"
}

func signed(body string) header {
	mac := hmac.New(sha256.New, []byte(whatsAppSetting.AppSecret))
	mac.Write([]byte(body))
	return header{"X-Hub-Signature-256", "sha256=" + hex.EncodeToString(mac.Sum(nil))}
}

var waNumber int

// waMessage is a delivery of one message.
func waMessage(from, content string) string {
	waNumber++
	return fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"1","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Ерлан"},"wa_id":%q}],"messages":[{"from":%[1]q,"id":"wamid.in%d","timestamp":"%d",%s}]}}]}]}`,
		from, waNumber, time.Now().Unix(), content)
}

func (h *harness) whatsApp(status int, body string) {
	h.t.Helper()
	if a := (caller{h: h}).do("POST", "/in/whatsapp", body, signed(body)); a.StatusCode != status {
		h.t.Fatalf("delivered %s: status %d, want %d: %s", body, a.StatusCode, status, a.body)
	}
}

// TestWhatsAppHandshake: Meta's challenge goes back to whoever knows the token, and
// what is signed is taken, from nobody else.
func TestWhatsAppHandshake(t *testing.T) {
	h := newHarness(t, newFakeGraph(t).withWhatsApp)
	ask := func(mode, token, challenge string) answer {
		q := url.Values{"hub.mode": {mode}, "hub.verify_token": {token}, "hub.challenge": {challenge}}
		return caller{h: h}.do("GET", "/in/whatsapp?"+q.Encode(), nil)
	}
	if a := ask("subscribe", whatsAppSetting.VerifyToken, "1158201444"); a.StatusCode != 200 || string(a.body) != "1158201444" || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("the handshake: %d %q", a.StatusCode, a.body)
	}
	for name, a := range map[string]answer{
		"wrong token": ask("subscribe", "canary-verify-token-02", "1"), "no token": ask("subscribe", "", "1"), "another mode": ask("unsubscribe", whatsAppSetting.VerifyToken, "1"),
		"a page for a challenge": ask("subscribe", whatsAppSetting.VerifyToken, "<script>alert(1)</script>"), "a long challenge": ask("subscribe", whatsAppSetting.VerifyToken, strings.Repeat("1", 201)),
	} {
		if a.StatusCode != http.StatusForbidden && a.StatusCode != http.StatusBadRequest || strings.Contains(string(a.body), "<script>") {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	body := waMessage("77015550101", `"type":"text","text":{"body":"Дубай"}`)
	for name, hs := range map[string][]header{
		"unsigned": nil, "another's": {signed(body + " ")}, "not hex": {{"X-Hub-Signature-256", "sha256=x"}}, "sha1": {{"X-Hub-Signature-256", "sha1=" + strings.Repeat("0", 40)}},
	} {
		if a := (caller{h: h}).do("POST", "/in/whatsapp", body, hs...); a.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	h.whatsApp(400, "not JSON")
	h.whatsApp(413, strings.Repeat(" ", 3<<20+1))
	big := &unread{}
	rec := httptest.NewRecorder()
	h.server.Handler().ServeHTTP(rec, httptest.NewRequest("POST", "/in/whatsapp", big))
	if rec.Code != http.StatusUnauthorized || big.read.Load() {
		t.Errorf("unsigned: status %d, read %v", rec.Code, big.read.Load())
	}
	if list, _, err := h.db.MessagesDue(t.Context(), time.Now(), 1); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}

// TestWhatsAppConversation holds a conversation with the buttons and lists that
// WhatsApp has.
func TestWhatsAppConversation(t *testing.T) {
	g := newFakeGraph(t)
	h := newHarness(t, g.withWhatsApp)
	h.messengers()
	kk := web.Catalogue("kk")
	sent := 0
	step := func(content, text, interactive string) {
		t.Helper()
		h.whatsApp(200, waMessage("77015550101", content))
		sent++
		got := g.said(sent)[sent-1]
		if got.to != "77015550101" || !strings.Contains(got.text, text) || !strings.Contains(got.markup, interactive) {
			t.Errorf("said %+v, want %q with %q", got, text, interactive)
		}
	}
	step(`"type":"text","text":{"body":"/start"}`, "Choose a language", `"type":"button"`)
	step(`"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"lang:kk","title":"Қазақша"}}`, kk["citizen.how"], `"type":"list"`)
	step(`"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"status:safe","title":"Аманмын"}}`, kk["chat.where"], "location_request_message")
	step(`"type":"location","location":{"latitude":25.2,"longitude":55.27}`, kk["chat.persons"], `"5+"`)
	step(`"type":"text","text":{"body":"2"}`, kk["citizen.next"], "")
	step(`"type":"audio","audio":{"id":"1"}`, kk["chat.odd"][:20], "")
	people, reports := h.everybody(1)
	if n := len(reports[people[0].Id]); n != 3 || people[0].Phone == nil || *people[0].Phone != "+77015550101" {
		t.Errorf("%d reports of %+v", n, people[0])
	}
	calls := h.queued(false)
	if len(calls) != 1 || calls[0].Kind != tracker.CallbackUnreadable || calls[0].Phone != "+77015550101" || calls[0].Mission != h.abuDhabi {
		t.Errorf("call-backs %+v", calls)
	}
	// No label is longer than WhatsApp takes: 20 characters a button, 24 a row.
	for _, m := range g.said(sent) {
		var x struct {
			Action struct {
				Button   string
				Buttons  []struct{ Reply struct{ Title string } }
				Sections []struct {
					Rows []struct{ Title, Description string }
				}
			}
		}
		if m.markup == "" {
			continue
		}
		must(t, json.Unmarshal([]byte(m.markup), &x))
		for _, b := range x.Action.Buttons {
			if len([]rune(b.Reply.Title)) > 20 {
				t.Errorf("button %q", b.Reply.Title)
			}
		}
		for _, s := range x.Action.Sections {
			for _, r := range s.Rows {
				if len([]rune(r.Title)) > 24 || len([]rune(r.Description)) > 72 {
					t.Errorf("row %q %q", r.Title, r.Description)
				}
			}
		}
		if len([]rune(x.Action.Button)) > 20 {
			t.Errorf("menu %q", x.Action.Button)
		}
	}
}

// TestWhatsAppBatch: of a delivery with several messages each is stored once, however
// often it comes, and although the store was away in the midst of it.
func TestWhatsAppBatch(t *testing.T) {
	g, f := newFakeGraph(t), &flaky{}
	h := newHarness(t, g.withWhatsApp, withFlaky(t, f))
	h.messengers()
	recorded, err := os.ReadFile("intake/testdata/whatsapp/batch.json")
	must(t, err)
	body := string(recorded)
	f.refuse.Store(1) // the first message fails, those after it don't
	h.whatsApp(503, body)
	for range 3 {
		h.whatsApp(200, body)
	}
	people, reports := h.everybody(2)
	notes := map[string]int{}
	for _, p := range people {
		for _, r := range reports[p.Id] {
			notes[r.Note]++
		}
	}
	want := map[string]int{"бірінші": 1, "екінші": 1, "үшінші": 1, "": 1}
	if fmt.Sprint(notes) != fmt.Sprint(want) {
		t.Errorf("stored %v, want %v", notes, want)
	}
	if got := g.said(4); len(got) != 4 {
		t.Errorf("said %d times", len(got))
	}
	for _, name := range []string{"statuses", "reaction", "system", "other_number"} {
		quiet, err := os.ReadFile("intake/testdata/whatsapp/" + name + ".json")
		must(t, err)
		h.whatsApp(200, string(quiet))
	}
	h.everybody(2)
}
