package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// updates keeps what the Bot API has for a bot, until an offset past it is asked for.
type updates struct {
	t  *testing.T
	mu sync.Mutex
	// Guarded by mu.
	waiting []json.RawMessage // in the order of their numbers, 1, 2, …
	first   int               // the number of the first that waits
}

func (u *updates) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch {
	case strings.HasSuffix(r.URL.Path, "/sendMessage"):
		_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":1,"date":1,"chat":{"id":1,"type":"private"}}}`)
		return
	case !strings.HasSuffix(r.URL.Path, "/getUpdates"):
		_, _ = io.WriteString(w, `{"ok":true,"result":true}`)
		return
	}
	var ask struct{ Offset, Limit int }
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		u.t.Errorf("getUpdates: %v", err)
	}
	for until := time.Now().Add(200 * time.Millisecond); ; time.Sleep(5 * time.Millisecond) {
		u.mu.Lock()
		for u.first < ask.Offset && len(u.waiting) > 0 {
			u.waiting, u.first = u.waiting[1:], u.first+1
		}
		give, err := json.Marshal(u.waiting[:min(len(u.waiting), 15)]) // in small pieces
		n := len(u.waiting)
		u.mu.Unlock()
		if err != nil {
			u.t.Error(err)
		}
		if n > 0 || time.Now().After(until) {
			_, _ = io.WriteString(w, `{"ok":true,"result":`+string(give)+`}`)
			return
		}
	}
}

func (u *updates) left() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.waiting)
}

// TestKillWhilePollingTelegram kills the program again and again while it takes updates
// from Telegram. Oracle: what was sent: each message is one report, of one person for
// each chat, in the end.
func TestKillWhilePollingTelegram(t *testing.T) {
	for name, open := range sites {
		t.Run(name, func(t *testing.T) {
			const chats, each = 10, 12
			u := &updates{t: t, first: 1, waiting: []json.RawMessage{}}
			for n := range each {
				for c := range chats {
					u.waiting = append(u.waiting, fmt.Appendf(nil, `{"update_id":%d,"message":{"message_id":%d,"date":%d,"from":{"id":%d,"is_bot":false,"first_name":"Chat %d","language_code":"kk"},"chat":{"id":%[4]d,"type":"private"},"text":"хабар №%[6]d"}}`,
						len(u.waiting)+1, n+1, time.Now().Unix(), 5000+c, c, n))
				}
			}
			bot := httptest.NewServer(u)
			defer bot.Close()
			s := open(t)
			args := []string{"serve", "--telegram-token", "700000001:AAF-canary_token-0123456789abcdefghi", "--telegram-name", "aman_test_bot", "--telegram-mode", "poll", "--telegram-api", bot.URL}
			var v *service
			for kills := 0; u.left() > 0; kills++ {
				if kills > 40 {
					t.Fatalf("%d updates are left after %d kills", u.left(), kills)
				}
				before := u.left()
				v = s.start(t, args...)
				for until := time.Now().Add(30 * time.Second); u.left() > max(0, before-50) && time.Now().Before(until); {
					time.Sleep(2 * time.Millisecond)
				}
				if u.left() > 0 {
					v.kill()
				}
			}
			c := v.as(s.key(t, "analyst", ""))
			var people peopleJSON
			for until := time.Now().Add(20 * time.Second); people.Total.Records < chats && time.Now().Before(until); {
				people = get[peopleJSON](t, c, "/api/v1/people?limit=1000", nil)
			}
			if people.Total.Records != chats {
				t.Errorf("%d people, want %d", people.Total.Records, chats)
			}
			for _, p := range people.Items {
				card := get[struct {
					Reports []struct{ Note string }
				}](t, c, "/api/v1/people/"+p.ID, nil)
				notes := map[string]int{}
				for _, r := range card.Reports {
					notes[r.Note]++
				}
				for n := range each {
					if notes["хабар №"+strconv.Itoa(n)] != 1 || len(card.Reports) != each {
						t.Fatalf("%s has %v", p.Name, notes)
					}
				}
			}
			if strings.Contains(v.log.String(), "canary") {
				t.Error("the log holds the token")
			}
		})
	}
}

// TestMessengersSetUpByHalf: the program doesn't start, and says what is missing, never
// what is there.
func TestMessengersSetUpByHalf(t *testing.T) {
	s := &site{dir: filepath.Join(t.TempDir(), "data")}
	for name, args := range map[string][]string{
		"a token without a name":     {"--telegram-token", "700000001:AAF-canary_token-0123456789abcdefghi"},
		"a webhook without a secret": {"--telegram-token", "700000001:AAF-canary_token-0123456789abcdefghi", "--telegram-name", "aman_test_bot"},
		"half of WhatsApp":           {"--whatsapp-token", "canary-graph-token-0123456789", "--whatsapp-phone-id", "106540352242922"},
	} {
		_, errs, code := s.command(t, "", append([]string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}, args...)...)
		if code == 0 || !strings.Contains(errs, "missing") || strings.Contains(errs, "canary") {
			t.Errorf("%s: exit %d, %s", name, code, errs)
		}
	}
}
