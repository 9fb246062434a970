package auth_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"aman/api/auth"
	"aman/geo/tracker"
)

func TestPasswordRules(t *testing.T) {
	h, err := auth.NewHasher()
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for password, code := range map[string]string{
		"short": "too_short", "fourteen chars": "too_short", "fifteen chars !": "", "он бес таңба!!!": "", // characters, not bytes
		strings.Repeat("x", 201): "too_long", "fifteen bytes \xff": "invalid_utf8",
	} {
		hash, err := h.Hash(ctx, password)
		var fe *tracker.FieldError
		switch {
		case code == "" && err != nil:
			t.Errorf("%q: %v", password, err)
		case code != "" && (!errors.As(err, &fe) || fe.Code != code):
			t.Errorf("%q: %v, want %s", password, err, code)
		case code == "":
			if !strings.HasPrefix(hash, "$argon2id$") {
				t.Errorf("hash %q", hash)
			}
			for try, want := range map[string]bool{password: true, password + " ": false, "": false} {
				if ok, err := h.Matches(ctx, try, hash); err != nil || ok != want {
					t.Errorf("%q matches %q: %v, %v", try, password, ok, err)
				}
			}
		}
	}
	// Nobody's password is the decoy's, and waiting ends with the context.
	if ok, err := h.Matches(ctx, "nobody has this password", ""); ok || err != nil {
		t.Errorf("no account matches: %v, %v", ok, err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	for range 20 { // with free slots either answer is right; it must not hang
		if _, err := h.Matches(gone, "x", ""); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("after the caller has gone: %v", err)
		}
	}
}

func TestTokens(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		token, hash := auth.NewToken()
		key, keyHash := auth.NewKeyToken()
		if got, ok := auth.HashToken(token); !ok || got != hash || len(token) != 43 {
			t.Fatalf("token %q", token)
		}
		if got, ok := auth.HashToken(key); !ok || got != keyHash || !strings.HasPrefix(key, "aman_") {
			t.Fatalf("key %q", key)
		}
		if seen[token] || seen[key] || token == strings.TrimPrefix(key, "aman_") {
			t.Fatal("a token came twice")
		}
		seen[token], seen[key] = true, true
	}
	for _, s := range []string{"", "x", strings.Repeat("a", 42), strings.Repeat("a", 44), "aman_"} {
		if _, ok := auth.HashToken(s); ok {
			t.Errorf("%q passes for a token", s)
		}
	}
}

func TestLinks(t *testing.T) {
	for range 100 {
		code := auth.NewLinkCode()
		if got, ok := auth.NormalLinkCode(strings.ToLower(code[:5]) + " - " + code[5:]); !ok || got != code {
			t.Fatalf("%q reads back as %q", code, got)
		}
	}
	for in, want := range map[string]string{
		"o1il-23456-7": "0111234567", "ABCDEFGHJK": "ABCDEFGHJK", "ABCDEFGHJU": "", "ABCDEFGHJ": "", "ABCDEFGHJKM": "", "ÀBCDEFGHJK": "", "": "",
	} {
		got, ok := auth.NormalLinkCode(in)
		if ok != (want != "") || ok && got != want {
			t.Errorf("NormalLinkCode(%q) = %q, %v, want %q", in, got, ok, want)
		}
	}
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	secret, hash := auth.NewToken()
	l := auth.Link{Code: "ABCDEFGHJK", SecretHash: hash, HasSecret: true, ExpiresAt: now}
	for at, want := range map[time.Duration]auth.LinkState{-1: auth.LinkInForce, 0: auth.LinkExpired, 1: auth.LinkExpired} {
		if got := l.State(now.Add(at)); got != want {
			t.Errorf("at %v: %v, want %v", at, got, want)
		}
	}
	if !l.Verify(secret) || l.Verify("") || l.Verify(secret[:42]+"!") {
		t.Error("the secret is not verified")
	}
	campaign := auth.Link{}
	if campaign.Verify(secret) {
		t.Error("a campaign's link verifies a secret")
	}
	if got := l.Address("https://aman.example/", secret); got != "https://aman.example/s/ABCDEFGHJK#"+secret {
		t.Errorf("address %q", got)
	}
	l.RevokedAt = now
	if l.State(now.Add(-time.Hour)) != auth.LinkRevoked {
		t.Error("a revoked link is in force")
	}
}

func TestThrottle(t *testing.T) {
	now := time.Now()
	th := auth.NewThrottle(1, 3, 100)
	for i := range 5 {
		ok, retry := th.Allow("a", now)
		if ok != (i < 3) || !ok && (retry <= 0 || retry > time.Second) {
			t.Errorf("attempt %d: %v, retry %v", i, ok, retry)
		}
	}
	if ok, _ := th.Allow("b", now); !ok {
		t.Error("somebody else is held back")
	}
	if ok, _ := th.Allow("a", now.Add(time.Second)); !ok {
		t.Error("a second later there is no token")
	}
	if ok, _ := th.Allow("a", now.Add(-time.Hour)); ok {
		t.Error("a clock that goes back makes tokens")
	}
	th.Reset("a")
	if ok, _ := th.Allow("a", now); !ok {
		t.Error("a reset bucket is empty")
	}
	for i := range 1000 { // memory is bounded, and it goes on working
		th.Allow(fmt.Sprint(i), now)
	}
}

func TestRegistryRefuses(t *testing.T) {
	good := auth.Route{Method: "GET", Path: "/a", Operation: "a", Permission: auth.ZonesRead, Scope: auth.ScopeNone}
	change := func(f func(r *auth.Route)) auth.Route { r := good; f(&r); return r }
	for name, rs := range map[string][]auth.Route{
		"no permission": {change(func(r *auth.Route) { r.Permission = "" })},
		"no scope":      {change(func(r *auth.Route) { r.Scope = 0 })},
		"no operation":  {change(func(r *auth.Route) { r.Operation = "" })},
		"twice":         {good, good},
	} {
		if _, err := auth.NewRegistry(rs...); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	reg, err := auth.NewRegistry(good)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		served []string
		good   bool
	}{{[]string{"GET /a"}, true}, {nil, false}, {[]string{"GET /a", "POST /a"}, false}, {[]string{"GET /b"}, false}} {
		if err := reg.Check(c.served); (err == nil) != c.good {
			t.Errorf("served %v: %v", c.served, err)
		}
	}
}

// TestPartnerAndUnknownRoles: what nobody granted is refused.
func TestPartnerAndUnknownRoles(t *testing.T) {
	if got := auth.RolePartner.Permissions(); !slices.Equal(got, []string{"lists.take", "reference.read", "reports.create"}) {
		t.Errorf("a partner may %v", got)
	}
	for _, p := range []auth.Permission{auth.Public, auth.SignedIn, auth.ZonesRead, ""} {
		if auth.Role(0).May(p) || auth.Role(200).May(p) {
			t.Errorf("an unknown role may %q", p)
		}
	}
	if s := (auth.Principal{Role: auth.Role(99)}).Scope(); s != (tracker.Scope{}) {
		t.Errorf("an unknown role sees %+v", s)
	}
	for _, r := range auth.Roles() {
		if back, err := auth.ParseRole(r.String()); err != nil || back != r {
			t.Errorf("%v reads back as %v, %v", r, back, err)
		}
	}
}
