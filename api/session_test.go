package api_test

import (
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"aman/api"
	"aman/api/auth"
	"aman/geo/tracker"
)

const password = "correct horse battery"

// browser is a caller with a cookie instead of a key.
type browser struct {
	caller
	cookie string
}

func (h *harness) account(login string, r auth.Role, mission tracker.ID) {
	h.t.Helper()
	_, err := h.accounts.Create(h.t.Context(), auth.NewAccount{Login: login, Name: login, Password: password, Role: r, Mission: mission}, tracker.Audit{Role: "system"})
	must(h.t, err)
}

func (h *harness) signIn(login string, r auth.Role, mission tracker.ID) browser {
	h.t.Helper()
	h.account(login, r, mission)
	a := caller{h: h}.want(200, "POST", "/api/v1/login", object{"login": login, "password": password})
	return browser{caller{h: h}, strings.Split(a.Header.Get("Set-Cookie"), ";")[0]}
}

func (b browser) want(status int, method, path string, body any, hs ...header) answer {
	b.h.t.Helper()
	return b.caller.want(status, method, path, body, append(hs, header{"Cookie", b.cookie})...)
}

// TestLogin: who may sign in, what the cookie looks like, and that failures tell
// nothing about which logins exist.
func TestLogin(t *testing.T) {
	h := newHarness(t)
	h.account("officer", auth.RoleEmbassy, h.doha)
	nobody := caller{h: h}
	a := nobody.want(200, "POST", "/api/v1/login", object{"login": " Officer ", "password": password})
	cookie := a.Header.Get("Set-Cookie")
	for _, part := range []string{"aman=", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("cookie %q has no %s", cookie, part)
		}
	}
	wrong := nobody.want(401, "POST", "/api/v1/login", object{"login": "officer", "password": "wrong wrong wrong"})
	unknown := nobody.want(401, "POST", "/api/v1/login", object{"login": "nobody", "password": "wrong wrong wrong"})
	if wrong.code(t) != unknown.code(t) {
		t.Errorf("a wrong password answers %s, an unknown login %s", wrong.body, unknown.body)
	}
	must(t, h.db.DisableAccount(t.Context(), "officer", tracker.Audit{Role: "system", Action: "test"}))
	nobody.want(401, "POST", "/api/v1/login", object{"login": "officer", "password": password})
	nobody.want(401, "GET", "/api/v1/me", nil, header{"Cookie", strings.Split(cookie, ";")[0]})
}

// TestCookieForm: __Host- and Secure with https; on this machine over http a
// plain name, which a browser's cookie jar takes and sends back.
func TestCookieForm(t *testing.T) {
	h := newHarness(t, func(o *api.Options) { o.PublicURL = "https://aman.example.org" })
	h.account("officer", auth.RoleAnalyst, tracker.ID{})
	a := caller{h: h}.want(200, "POST", "/api/v1/login", object{"login": "officer", "password": password})
	if c := a.Header.Get("Set-Cookie"); !strings.HasPrefix(c, "__Host-aman=") || !strings.Contains(c, "Secure") || !strings.Contains(c, "HttpOnly") {
		t.Errorf("cookie with https: %q", c)
	}
	if a.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS with https")
	}

	local := newHarness(t)
	local.account("officer", auth.RoleAnalyst, tracker.ID{})
	jar, err := cookiejar.New(nil)
	must(t, err)
	local.http.Client().Jar = jar
	caller{h: local}.want(200, "POST", "/api/v1/login", object{"login": "officer", "password": password})
	caller{h: local}.want(200, "GET", "/api/v1/me", nil)
}

// TestCrossOrigin: a page of another site can't change anything with the cookie,
// nor sign somebody in.
func TestCrossOrigin(t *testing.T) {
	h := newHarness(t)
	b := h.signIn("officer", auth.RoleAnalyst, tracker.ID{})
	for _, hs := range [][]header{
		{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}},
		{{"Origin", "https://evil.example"}},
		{{"Sec-Fetch-Site", "same-site"}},
	} {
		b.want(403, "POST", "/api/v1/zones", zoneInput(3, 1, 1, 1), hs...)
		caller{h: h}.want(403, "POST", "/api/v1/login", object{"login": "officer", "password": password}, hs...)
	}
	b.want(201, "POST", "/api/v1/zones", zoneInput(3, 1, 1, 1), header{"Sec-Fetch-Site", "same-origin"})
	// A key is not sent by browsers by themselves.
	h.key(auth.RoleAnalyst, tracker.ID{}).want(201, "POST", "/api/v1/zones", zoneInput(3, 1, 1, 1), header{"Origin", "https://other.example"})
}

// TestSessionEnds: idle, absolute, and at once when the account is disabled.
func TestSessionEnds(t *testing.T) {
	h := newHarness(t)
	now := time.Now()
	a, err := auth.NewAccounts(h.db, func() time.Time { return now }, testLog(t))
	must(t, err)
	h.account("officer", auth.RoleAnalyst, tracker.ID{})
	ctx := t.Context()
	enter := func() string {
		t.Helper()
		token, _, err := a.Login(ctx, "officer", password, "127.0.0.1")
		must(t, err)
		return token
	}
	in := func(token string) bool {
		_, err := a.BySession(ctx, token)
		return err == nil
	}
	token := enter()
	for range 3 { // use keeps it open
		now = now.Add(auth.Idle - time.Minute)
		if !in(token) {
			t.Fatal("a session in use ended")
		}
	}
	now = now.Add(auth.Idle)
	if in(token) {
		t.Error("an idle session goes on")
	}
	token = enter()
	start := now
	for now.Sub(start) < auth.Absolute-auth.Idle {
		now = now.Add(auth.Idle - time.Minute)
		if !in(token) {
			t.Fatal("a session in use ended")
		}
	}
	now = start.Add(auth.Absolute)
	if in(token) {
		t.Error("a session goes on after its last hour")
	}
	token = enter()
	must(t, h.db.DisableAccount(ctx, "officer", tracker.Audit{Role: "system", Action: "test"}))
	if in(token) {
		t.Error("a disabled account's session goes on")
	}
}

// TestThrottleLocksNobodyOut: a flood of wrong passwords from one address is
// slowed down, and the owner still signs in from elsewhere.
func TestThrottleLocksNobodyOut(t *testing.T) {
	h := newHarness(t)
	h.account("officer", auth.RoleAnalyst, tracker.ID{})
	ctx := t.Context()
	slowed := false
	for range 12 {
		_, _, err := h.accounts.Login(ctx, "officer", "wrong wrong wrong", "203.0.113.7")
		if _, ok := err.(*auth.SlowDownError); ok {
			slowed = true
		} else if err == nil {
			t.Fatal("a wrong password is let in")
		}
	}
	if !slowed {
		t.Error("twelve failures from one address are not slowed down")
	}
	if _, _, err := h.accounts.Login(ctx, "officer", password, "198.51.100.1"); err != nil {
		t.Errorf("the owner can't sign in from elsewhere: %v", err)
	}
}

// TestHeaders: what every answer carries, and what none does.
func TestHeaders(t *testing.T) {
	h := newHarness(t)
	for _, path := range []string{"/", "/assets/app-1.js", "/api/v1/me", "/api/docs/", "/api/openapi.yaml", "/basemap.json", "/nothing"} {
		a := caller{h: h}.do("GET", path, nil)
		csp := a.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe-eval") {
			t.Errorf("%s: policy %q", path, csp)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if strings.HasPrefix(path, "/api/v1") && a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be cached: %q", path, a.Header.Get("Cache-Control"))
		}
		if a.Header.Get("X-Request-Id") == "" || a.Header.Get("Server") != "" {
			t.Errorf("%s: headers %v", path, a.Header)
		}
	}
	a := caller{h: h}.do("GET", "/assets/app-1.js", nil)
	if b := (caller{h: h}).do("GET", "/assets/app-1.js", nil, header{"If-None-Match", a.Header.Get("ETag")}); b.StatusCode != http.StatusNotModified {
		t.Errorf("a file that is known: status %d", b.StatusCode)
	}
}
