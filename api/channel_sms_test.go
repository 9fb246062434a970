package api_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"aman/api"
	"aman/api/auth"
	"aman/api/intake"
	"aman/geo/tracker"
)

// texting serves the gateways of the recorded settings.
func texting(t testing.TB) func(*api.Options) {
	t.Helper()
	text, err := os.ReadFile("intake/testdata/sms/gateways.json")
	must(t, err)
	gs, err := intake.ParseSMSGateways(text)
	must(t, err)
	return func(o *api.Options) { o.SMSGateways = gs }
}

// sms sends a text message through the gateway "phone".
func (h *harness) sms(id, from, text string, at time.Time) answer {
	h.t.Helper()
	body := fmt.Sprintf(`{"id":%q,"payload":{"sender":%q,"message":%q,"receivedAt":%d}}`, id, from, text, at.UnixMilli())
	return h.visit("POST", "/in/sms/phone", "application/json", body, header{"X-Gateway-Token", "a long secret of the phone"})
}

func TestSMSLives(t *testing.T) {
	h := citizenHarness(t, "", texting(t))
	now := time.Now()
	want := func(a answer) answer {
		t.Helper()
		if a.StatusCode != http.StatusOK {
			t.Fatalf("%d %s", a.StatusCode, a.body)
		}
		return a
	}
	// Somebody new, twice delivered.
	for range 2 {
		want(h.sms("1", "+77012345678", "көмек керек 25.2048, 55.2708", now.Add(-time.Minute)))
	}
	people := h.people()
	if len(people) != 1 || people[0].Wellbeing != tracker.NeedsHelp || people[0].Phone != "+77012345678" || people[0].Mission != h.abuDhabi {
		t.Fatalf("%+v", people)
	}
	who := people[0].ID
	// The next one is about the same person; an older one that comes late changes nothing.
	want(h.sms("2", "77012345678", "DXB", now))
	want(h.sms("3", "8 701 234 56 78", "25.3, 51.5", now.Add(-time.Hour)))
	rs := h.reports(who)
	if people = h.people(); len(people) != 1 || len(rs) != 3 || people[0].Airport != "DXB" {
		t.Errorf("%d people, %d reports: %+v", len(people), len(rs), people[0])
	}
	for _, r := range rs {
		if r.Flags&tracker.FlagLowTrust == 0 || r.Channel != tracker.ChannelSMS {
			t.Errorf("%+v", r)
		}
	}
	// Low trust: "ok" from a number that can be forged doesn't end what staff were told.
	h.key(auth.RoleAnalyst, tracker.ID{}).file(object{"person_id": who.String(), "wellbeing": "needs_help", "note": "rang us"})
	want(h.sms("4", "+77012345678", "ok", time.Now()))
	if p, _ := h.settled().Person(who); p.Wellbeing != tracker.NeedsHelp {
		t.Errorf("a text message made them %v", p.Wellbeing)
	}
	// A personal code from another phone is about its person.
	other := h.somebody()
	l, _ := h.link(auth.Link{Person: other, Mission: h.doha})
	want(h.sms("5", "+77017654321", "КZ "+l.Code[:5]+" "+strings.ToLower(l.Code[5:])+" 2 DOH", now))
	rs = h.placed(other, tracker.ChannelSMS)
	if len(rs) != 1 || rs[0].Wellbeing != tracker.NeedsHelp || rs[0].Position == nil || rs[0].Position.Airport != "DOH" {
		t.Errorf("by code: %+v", rs)
	}
	want(h.sms("6", "+77017654321", "DXB", now))
	if rs = h.reports(other); len(rs) != 3 {
		t.Errorf("without the code: %+v", rs)
	}
	// What nobody can read asks staff to ring; once.
	before := len(h.waiting())
	want(h.sms("7", "+77010000007", "ало!!!", now))
	want(h.sms("8", "+77010000007", "ответьте", now))
	cbs := h.waiting()
	if len(cbs) != before+1 || cbs[len(cbs)-1].Kind != tracker.CallbackUnreadable || cbs[len(cbs)-1].Phone != "+77010000007" || cbs[len(cbs)-1].Person.IsZero() {
		t.Errorf("call-backs: %+v", cbs)
	}
	// A name in place of a number makes nobody, and is read by people.
	n := len(h.people())
	want(h.sms("9", "MyBank", "Your code is 2525", now))
	want(h.sms("9", "MyBank", "Your code is 2525", now))
	if cbs = h.waiting(); len(cbs) != before+2 || len(h.people()) != n {
		t.Errorf("%d call-backs, %d people", len(cbs), len(h.people()))
	}
	// An expired code is no code: the words count for whoever wrote them.
	gone, _ := h.link(auth.Link{Person: other, ExpiresAt: now.Add(-time.Hour)})
	want(h.sms("10", "+77010000010", "KZ "+gone.Code+" HELP Dubai", now))
	if len(h.people()) != n+1 || len(h.reports(other)) != 3 {
		t.Errorf("an expired code: %d people, %d reports", len(h.people()), len(h.reports(other)))
	}
	for _, p := range h.people() {
		if p.Phone == "+77010000010" && (p.Wellbeing != tracker.NeedsHelp || p.Position == nil || !strings.Contains(h.reports(p.ID)[0].Note, gone.Code)) {
			t.Errorf("an expired code cost what was said: %+v", p)
		}
	}
}

// waiting lists the open call-backs.
func (h *harness) waiting() []tracker.Callback {
	h.t.Helper()
	return h.queued(false)
}

func TestSMSAnswers(t *testing.T) {
	h := citizenHarness(t, "", texting(t))
	req := http.Request{Header: http.Header{}}
	req.SetBasicAuth("operator", "a long secret of the operator")
	right := header{"Authorization", req.Header.Get("Authorization")}
	form := url.Values{"MessageSid": {"1"}, "From": {"+77012345678"}, "Body": {"Помогите"}, "Date": {time.Now().UTC().Format("2006-01-02 15:04:05")}}
	var first string
	for range 2 {
		a := h.visit("POST", "/in/sms/operator", formMedia, form.Encode(), right)
		if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "text/xml" || !strings.Contains(string(a.body), "<Message>Получено ") || strings.Contains(string(a.body), "{") {
			t.Errorf("%d %s: %s", a.StatusCode, a.Header.Get("Content-Type"), a.body)
		}
		if first == "" {
			first = string(a.body)
		}
		if string(a.body) != first {
			t.Errorf("a retry is answered %s, not %s", a.body, first)
		}
	}
}

func TestSMSRefuses(t *testing.T) {
	h := citizenHarness(t, "", texting(t))
	body := `{"results":[{"from":"+77012345678","text":"help","receivedAt":"2026-03-01T12:00:00Z"}]}`
	mac := hmac.New(sha256.New, []byte("a long secret of the bulk gateway"))
	mac.Write([]byte(body))
	signed := header{"X-Signature", hex.EncodeToString(mac.Sum(nil))}
	half := `{"results":[{"text":"x"},{"from":"+77012345600","text":"help","receivedAt":"2026-03-01T12:00:00Z"}]}`
	mac.Reset()
	mac.Write([]byte(half))
	halfSigned := header{"X-Signature", hex.EncodeToString(mac.Sum(nil))}
	token := header{"X-Gateway-Token", "a long secret of the phone"}
	for _, c := range []struct {
		name, gateway, media, body string
		h                          header
		status                     int
	}{
		{"no such gateway", "other", "application/json", "{}", token, 404},
		{"no secret", "phone", "application/json", "not JSON", header{"X-Other", "x"}, 401},
		{"wrong secret", "phone", "application/json", "not JSON", header{"X-Gateway-Token", "a long secret of the phona"}, 401},
		{"another gateway's secret", "operator", formMedia, "From=1", token, 401},
		{"wrong signature", "bulk", "application/json", body + " ", signed, 401},
		{"not JSON", "phone", "application/json", "{", token, 400},
		{"another media type", "phone", "text/plain", "{}", token, 415},
		{"no sender", "phone", "application/json", `{"payload":{"message":"x"}}`, token, 422},
		{"too large", "phone", "application/json", `{"x":"` + strings.Repeat("x", 64<<10) + `"}`, token, 413},
		{"one of two is bad", "bulk", "application/json", half, halfSigned, 422},
		{"good", "bulk", "application/json", body, signed, 200},
	} {
		a := h.visit("POST", "/in/sms/"+c.gateway, c.media, c.body, c.h)
		if a.StatusCode != c.status {
			t.Errorf("%s: %d, want %d: %s", c.name, a.StatusCode, c.status, a.body)
		}
	}
	if n := len(h.people()); n != 2 { // of the good one, and of the good half
		t.Errorf("%d people, want 2", n)
	}
}
