package storetest

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"aman/geo/tracker"
)

// canaries writes strings that occur nowhere else and looks for them in all
// that the database keeps, as text, as hexadecimal, and places as their bits.
func canaries(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	p := w.newPerson("CANARY1")
	p.Details.Handles, p.Details.Sources = []string{"CANARY2"}, []string{"CANARY3"}
	r := w.newReport(p.ID, "CANARY4")
	r.Position.Airport = "CANARY5"
	x := w.write(&tracker.Rows{
		People: []tracker.Person{p}, Reports: []tracker.Report{r},
		Assignments: []tracker.Assignment{{Person: p.ID, N: 1, Mission: w.mission, Reason: "CANARY6"}},
		Retractions: []tracker.Retraction{{Report: r.ID, Person: p.ID, Reason: "CANARY7"}},
		Merges:      []tracker.Merge{{Crisis: w.crisis, N: 1, Gone: p.ID, Reason: "CANARY11"}},
		Rulings:     []tracker.Ruling{{Report: r.ID, Person: p.ID, N: 1, Reason: "CANARY12"}},
	})
	for i, person := range []tracker.ID{p.ID, {}} { // both keys
		line := w.newThread(fmt.Sprint("CANARY13", i), person)
		line.State = []byte("CANARY14")
		m := w.newMessage(line, "CANARY15")
		m.AuthorName = "CANARY16"
		x.Threads = append(x.Threads, line)
		x.Messages = append(x.Messages, m)
		x.Callbacks = append(x.Callbacks, tracker.Callback{
			ID: tracker.NewID(), Version: 1, Crisis: w.crisis, Kind: tracker.CallbackHelp, State: tracker.CallbackOpen,
			Person: person, Phone: "CANARY17", Text: "CANARY18", Outcome: "CANARY19",
		})
	}
	shift := tracker.Shift{ID: tracker.NewID(), Name: "CANARY20", Phone: "CANARY21", From: w.start, To: w.start.Add(time.Hour)}
	if err := s.SetShifts(t.Context(), w.mission, shift.From, shift.To, []tracker.Shift{shift}, staff); err != nil {
		t.Fatal(err)
	}
	x.Idempotency = &tracker.Idempotency{Source: "CANARY8", Key: "CANARY9", Reply: []byte("CANARY10")}
	if _, err := s.Commit(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	w.mustCommit(&tracker.Rows{Zones: []tracker.Zone{func() tracker.Zone { z := w.newZone(1); z.Reason = "MARKER"; return z }()}})
	raw := bytes.ToLower(db.Raw(t))
	hexed := func(b []byte) []byte { return []byte(hex.EncodeToString(b)) }
	if !bytes.Contains(raw, []byte("marker")) {
		t.Fatal("the scan doesn't find what is there in plain")
	}
	secrets := map[string][]byte{}
	for _, s := range []string{"canary", "assel", "+7701", "Құрманғалиқызы", "1990-01-02"} {
		secrets[s] = bytes.ToLower([]byte(s))
	}
	for i, f := range []float64{r.Position.Point[0], r.Position.Point[1], r.Position.RadiusM} {
		secrets[fmt.Sprint("coordinate ", i, " LE")] = binary.LittleEndian.AppendUint64(nil, math.Float64bits(f))
		secrets[fmt.Sprint("coordinate ", i, " BE")] = binary.BigEndian.AppendUint64(nil, math.Float64bits(f))
		secrets[fmt.Sprint("coordinate ", i, " text")] = fmt.Append(nil, f)
	}
	for name, b := range secrets {
		if bytes.Contains(raw, b) || bytes.Contains(raw, hexed(b)) {
			t.Errorf("%s can be read in what the database keeps", name)
		}
	}
}

func auditChain(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	w.history(5)
	// A read is audited by a write without rows; it has no place in the feed.
	c, err := s.Commit(t.Context(), &tracker.Write{Audit: tracker.Audit{Actor: tracker.NewID(), Role: "operator", Action: "person.read", Object: "person", Reason: "call"}})
	if err != nil || c.Seq != 0 {
		t.Errorf("audit alone: %+v %v", c, err)
	}
	n, err := s.VerifyAudit(t.Context())
	if err != nil || n != 7 {
		t.Fatalf("verify: %d records, %v; want 7", n, err)
	}
	for i, c := range []struct{ edit, undo string }{
		{`UPDATE audit SET reason = 'x' WHERE seq = 7`, `UPDATE audit SET reason = 'call' WHERE seq = 7`},
		{`UPDATE audit SET at = at + 1 WHERE seq = 3`, `UPDATE audit SET at = at - 1 WHERE seq = 3`},
		{`UPDATE audit SET actor = NULL WHERE seq = 7`, ``},
		{`DELETE FROM audit WHERE seq = 7`, ``}, // the end
	} {
		db.Exec(t, c.edit)
		if n, err := s.VerifyAudit(t.Context()); err == nil {
			t.Errorf("edit %d goes unnoticed, %d records", i, n)
		}
		if c.undo != "" {
			db.Exec(t, c.undo)
			if _, err := s.VerifyAudit(t.Context()); err != nil {
				t.Errorf("edit %d undone: %v", i, err)
			}
		}
	}
}

func identifiers(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	p := w.newPerson("A")
	p.Details.Phones = []string{"+77011112233", "+7 701 111-22-33"} // one number twice
	w.mustCommit(&tracker.Rows{People: []tracker.Person{p}})
	find := func(kind, value string, want tracker.ID, wantErr error) {
		t.Helper()
		got, err := s.FindIdentifier(t.Context(), w.crisis, kind, value)
		if got != want || !errors.Is(err, wantErr) {
			t.Errorf("find %s %s: %s %v, want %s %v", kind, value, got, err, want, wantErr)
		}
	}
	var nobody tracker.ID
	find("iin", "iin-a", p.ID, nil)
	find("passport", "P A", p.ID, nil)
	find("phone", "+77011112233", p.ID, nil)
	find("iin", "PA", nobody, tracker.ErrNotFound)
	find("shoe size", "42", nobody, tracker.ErrInvalid)
	if _, err := s.FindIdentifier(t.Context(), tracker.NewID(), "iin", "IINA"); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("found in another crisis: %v", err)
	}
	twin := w.newPerson("B")
	twin.Details.IIN, twin.Details.Phones = "IINA", []string{"+77011112233"}
	if _, err := s.Commit(t.Context(), w.write(&tracker.Rows{People: []tracker.Person{twin}})); !errors.Is(err, tracker.ErrConflict) {
		t.Errorf("a second person with the same IIN: %v", err)
	}
	// A version that drops the IIN sets it free.
	p.Version, p.Details.IIN = 2, ""
	w.mustCommit(&tracker.Rows{People: []tracker.Person{p}})
	find("iin", "IINA", nobody, tracker.ErrNotFound)
	w.mustCommit(&tracker.Rows{People: []tracker.Person{twin}})
	find("iin", "IINA", twin.ID, nil)
	find("phone", "+77011112233", nobody, tracker.ErrConflict)
}

// erased empties a person's key: all about them must vanish from every answer,
// and nothing else.
func erased(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	gone, stays := w.newPerson("gone"), w.newPerson("stays")
	w.mustCommit(&tracker.Rows{
		People:      []tracker.Person{gone, stays},
		Reports:     []tracker.Report{w.newReport(gone.ID, ""), w.newReport(stays.ID, "")},
		Assignments: []tracker.Assignment{{Person: gone.ID, N: 1, Mission: w.mission}, {Person: stays.ID, N: 1, Mission: w.mission}},
	})
	db.Exec(t, fmt.Sprintf(`UPDATE person_keys SET wrapped = NULL WHERE person_id = %s`, db.Blob(gone.ID[:])))
	other := db.Open(t)
	_, rows := load(t, other)
	_, read := follow(t, other)
	for _, r := range []*tracker.Rows{rows, read[1]} {
		if len(r.People) != 1 || r.People[0].ID != stays.ID || len(r.Reports) != 1 || len(r.Assignments) != 1 {
			t.Errorf("after erasing: %+v", r)
		}
	}
	if _, err := other.PersonVersion(t.Context(), gone.ID); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("erased person: %v", err)
	}
	if _, err := other.FindIdentifier(t.Context(), w.crisis, "iin", "IINgone"); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("erased person's IIN: %v", err)
	}
	if _, err := other.Commit(t.Context(), w.write(&tracker.Rows{Reports: []tracker.Report{w.newReport(gone.ID, "")}})); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("report of an erased person: %v", err)
	}
}
