package storetest

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"aman/api/auth"
	"aman/geo/tracker"
)

var staff = tracker.Audit{Role: "admin", Action: "test.account"}

func (w *world) newAccount(login string) auth.Account {
	return auth.Account{
		ID: tracker.NewID(), Login: login, Name: "Ұлан", Role: auth.RoleEmbassy, Mission: w.mission,
		PasswordHash: "$argon2id$…", CreatedAt: w.start,
	}
}

func accounts(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	a, b := w.newAccount("a"), w.newAccount("b")
	b.Mission = tracker.ID{}
	for _, x := range []auth.Account{b, a} {
		if err := s.CreateAccount(t.Context(), x, staff); err != nil {
			t.Fatal(err)
		}
	}
	twin := w.newAccount("a")
	if err := s.CreateAccount(t.Context(), twin, staff); !errors.Is(err, tracker.ErrConflict) {
		t.Errorf("a login twice: %v", err)
	}
	nowhere := w.newAccount("c")
	nowhere.Mission = tracker.NewID()
	if err := s.CreateAccount(t.Context(), nowhere, staff); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("an account of no mission: %v", err)
	}
	if got, err := s.Accounts(t.Context()); err != nil || !reflect.DeepEqual(got, []auth.Account{a, b}) {
		t.Errorf("accounts: %v %+v", err, got)
	}
	if got, err := s.AccountByLogin(t.Context(), "a"); err != nil || got != a {
		t.Errorf("by login: %v %+v", err, got)
	}
	if got, err := s.AccountByID(t.Context(), b.ID); err != nil || got != b {
		t.Errorf("by id: %v %+v", err, got)
	}
	x := auth.Session{TokenHash: [32]byte{1}, Account: a.ID, CreatedAt: w.start, SeenAt: w.start}
	y := auth.Session{TokenHash: [32]byte{2}, Account: b.ID, CreatedAt: w.start, SeenAt: w.start}
	k := auth.APIKey{ID: tracker.NewID(), Hash: [32]byte{3}, Role: auth.RolePartner, CreatedBy: a.ID, CreatedAt: w.start}
	for _, err := range []error{s.CreateSession(t.Context(), x, staff), s.CreateSession(t.Context(), y, staff), s.CreateKey(t.Context(), k, staff)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, at := range []time.Time{w.start.Add(time.Minute), w.start} { // never goes back
		if err := s.TouchSession(t.Context(), x.TokenHash, at); err != nil {
			t.Fatal(err)
		}
	}
	x.SeenAt = w.start.Add(time.Minute)
	if gs, ga, err := s.SessionByHash(t.Context(), x.TokenHash); err != nil || gs != x || ga != a {
		t.Errorf("session: %v %+v %+v", err, gs, ga)
	}
	if err := s.DisableAccount(t.Context(), "a", staff); err != nil {
		t.Fatal(err)
	}
	if got, err := s.AccountByLogin(t.Context(), "a"); err != nil || !got.Disabled {
		t.Errorf("disabled account: %v %+v", err, got)
	}
	if got, err := s.KeyByHash(t.Context(), k.Hash); err != nil || got.RevokedAt.IsZero() {
		t.Errorf("key of a disabled account: %v %+v", err, got)
	}
	if err := s.EndSession(t.Context(), y.TokenHash, staff); err != nil {
		t.Fatal(err)
	}
	for _, h := range [][32]byte{x.TokenHash, y.TokenHash} {
		if _, _, err := s.SessionByHash(t.Context(), h); !errors.Is(err, tracker.ErrNotFound) {
			t.Errorf("ended session: %v", err)
		}
	}
	for name, err := range map[string]error{
		"disable":   s.DisableAccount(t.Context(), "nobody", staff),
		"end":       s.EndSession(t.Context(), [32]byte{9}, staff),
		"touch":     s.TouchSession(t.Context(), [32]byte{9}, w.start),
		"touch key": s.TouchKey(t.Context(), tracker.NewID(), w.start),
	} {
		if !errors.Is(err, tracker.ErrNotFound) {
			t.Errorf("%s of nobody: %v", name, err)
		}
	}
	// world, two accounts, three sessions and keys, disable, end: what was
	// refused left no record.
	if n, err := s.VerifyAudit(t.Context()); err != nil || n != 8 {
		t.Errorf("audit: %d records, %v; want 8", n, err)
	}
}

func keys(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	k := auth.APIKey{
		ID: tracker.NewID(), Name: "gateway", Hash: [32]byte{1}, Role: auth.RolePartner, Mission: w.mission,
		CreatedBy: tracker.NewID(), CreatedAt: w.start, ExpiresAt: w.start.Add(time.Hour),
	}
	if err := s.CreateKey(t.Context(), k, staff); err != nil {
		t.Fatal(err)
	}
	if err := s.TouchKey(t.Context(), k.ID, w.start); err != nil {
		t.Fatal(err)
	}
	k.SeenAt = w.start
	if got, err := s.KeyByHash(t.Context(), k.Hash); err != nil || got != k {
		t.Errorf("key: %v %+v", err, got)
	}
	if err := s.RevokeKey(t.Context(), k.ID, staff); err != nil {
		t.Fatal(err)
	}
	got, err := s.Keys(t.Context())
	if err != nil || len(got) != 1 || got[0].RevokedAt.IsZero() {
		t.Errorf("keys: %v %+v", err, got)
	}
	if _, err := s.KeyByHash(t.Context(), [32]byte{9}); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("no key: %v", err)
	}
}

func links(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	p := w.newPerson("x")
	w.mustCommit(&tracker.Rows{People: []tracker.Person{p}})
	personal := auth.Link{
		ID: tracker.NewID(), Crisis: w.crisis, Code: "ABCDEFGH01", SecretHash: [32]byte{1}, HasSecret: true,
		Person: p.ID, Label: "family", CreatedBy: tracker.NewID(), CreatedAt: w.start, ExpiresAt: w.start.Add(time.Hour),
	}
	poster := auth.Link{
		ID: tracker.NewID(), Crisis: w.crisis, Code: "ABCDEFGH02", Airport: "DXB", Country: "AE",
		Mission: w.mission, CreatedAt: w.start.Add(time.Second),
	}
	for _, l := range []auth.Link{personal, poster} {
		if err := s.CreateLink(t.Context(), l, staff); err != nil {
			t.Fatal(err)
		}
	}
	twin := poster
	twin.ID = tracker.NewID()
	if err := s.CreateLink(t.Context(), twin, staff); !errors.Is(err, tracker.ErrConflict) {
		t.Errorf("a code twice: %v", err)
	}
	nobody := personal
	nobody.ID, nobody.Code, nobody.Person = tracker.NewID(), "ABCDEFGH03", tracker.NewID()
	if err := s.CreateLink(t.Context(), nobody, staff); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("a link of nobody: %v", err)
	}
	if got, err := s.Links(t.Context(), w.crisis, auth.LinkQuery{Limit: 10}); err != nil || !reflect.DeepEqual(got, []auth.Link{poster, personal}) {
		t.Errorf("links: %v %+v", err, got)
	}
	if got, err := s.Links(t.Context(), w.crisis, auth.LinkQuery{Limit: 1}); err != nil || len(got) != 1 {
		t.Errorf("one link: %v %+v", err, got)
	}
	for name, c := range map[string]struct {
		q    auth.LinkQuery
		want []auth.Link
	}{
		"all":                         {auth.LinkQuery{}, []auth.Link{poster, personal}},
		"campaigns":                   {auth.LinkQuery{Campaigns: true}, []auth.Link{poster}},
		"personal ones":               {auth.LinkQuery{Personal: true}, []auth.Link{personal}},
		"of the mission":              {auth.LinkQuery{Mission: w.mission}, []auth.Link{poster, personal}},
		"campaigns of another":        {auth.LinkQuery{Mission: tracker.NewID()}, []auth.Link{personal}},
		"of somebody":                 {auth.LinkQuery{People: []tracker.ID{tracker.NewID(), personal.Person}}, []auth.Link{personal}},
		"of nobody":                   {auth.LinkQuery{People: []tracker.ID{tracker.NewID()}}, nil},
		"after the first":             {auth.LinkQuery{BeforeAt: poster.CreatedAt, BeforeID: poster.ID}, []auth.Link{personal}},
		"after the last":              {auth.LinkQuery{BeforeAt: personal.CreatedAt, BeforeID: personal.ID}, nil},
		"at the time of the first":    {auth.LinkQuery{BeforeAt: poster.CreatedAt}, []auth.Link{personal}},
		"campaigns after the first":   {auth.LinkQuery{Campaigns: true, BeforeAt: poster.CreatedAt, BeforeID: poster.ID}, nil},
		"everything, of somebody, at": {auth.LinkQuery{Personal: true, Mission: w.mission, People: []tracker.ID{personal.Person}, BeforeAt: poster.CreatedAt, Limit: 5}, []auth.Link{personal}},
	} {
		if got, err := s.Links(t.Context(), w.crisis, c.q); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("links, %s: %v\n got %+v\nwant %+v", name, err, got, c.want)
		}
	}
	if err := s.RevokeLink(t.Context(), personal.ID, w.start, staff); err != nil {
		t.Fatal(err)
	}
	personal.RevokedAt = w.start
	if err := s.RevokeLink(t.Context(), personal.ID, w.start.Add(time.Hour), staff); err != nil {
		t.Fatal(err)
	}
	if got, err := s.LinkByCode(t.Context(), personal.Code); err != nil || got != personal {
		t.Errorf("by code: %v %+v", err, got)
	}
	if got, err := s.LinkByID(t.Context(), poster.ID); err != nil || got != poster {
		t.Errorf("by id: %v %+v", err, got)
	}
	if _, err := s.LinkByCode(t.Context(), "ZZZZZZZZZZ"); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("no link: %v", err)
	}
}
