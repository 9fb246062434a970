package tracker_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"aman/geo/tracker"
	"aman/geo/tracker/names"
)

// Whole: with one filing that can't be stored nothing is, and the errors say which.
func TestWholeIsAllOrNothing(t *testing.T) {
	r := newRig(t)
	good := tracker.Filing{Person: &tracker.Person{Details: tracker.Details{Name: "Good"}}}
	bad := tracker.Filing{Report: tracker.Report{Person: tracker.NewID(), Wellbeing: tracker.Safe}}
	out, err := r.tr.Submit(t.Context(), tracker.Submission{
		Actor: r.analyst("Ann"), Crisis: r.crisis, Filings: []tracker.Filing{good, bad, good}, Whole: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	r.step()
	if out.Errors[0] != nil || !errors.Is(out.Errors[1], tracker.ErrNotFound) || out.Errors[2] != nil || out.Seq != 0 {
		t.Errorf("errors %v, seq %d", out.Errors, out.Seq)
	}
	if n, _ := r.view(everything).Total(tracker.Filter{Crisis: r.crisis}); n.Records != 0 {
		t.Errorf("%d people were stored", n.Records)
	}
}

// Match: who is held by IIN or passport is filed with, once, and what was unknown
// of them is filled, what was known is not changed. A passport with another birth
// date is somebody else's or mistyped: then nobody is matched.
func TestMatchFilesWithWhoIsHeld(t *testing.T) {
	iin := validIIN(t, "90010130001")
	r := newRig(t)
	first := r.submit([]tracker.Filing{{Person: &tracker.Person{Details: tracker.Details{
		Name: "Айгүл Өмірбек", IIN: iin, Passport: "N1234567", BirthDate: "1990-01-01", Phones: []string{"+77010000001"},
	}}}})[0].Person
	match := func(d tracker.Details, w tracker.Wellbeing) tracker.Submitted {
		t.Helper()
		out, err := r.tr.Submit(t.Context(), tracker.Submission{
			Actor: r.analyst("Ann"), Crisis: r.crisis, Match: true,
			Filings: []tracker.Filing{{Person: &tracker.Person{Details: d}, Report: tracker.Report{Wellbeing: w}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		r.step()
		return out
	}
	out := match(tracker.Details{
		Name: "Омирбек Айгуль", Latin: "OMIRBEK AIGUL", IIN: iin, Phones: []string{"+77010000002"}, Sources: []string{"airline"},
	}, tracker.NeedsHelp)
	if rec := out.Receipts[0]; rec.Person != first || !rec.Known {
		t.Fatalf("receipt %+v", rec)
	}
	card, err := r.tr.Card(t.Context(), r.analyst("Ann"), first)
	if err != nil {
		t.Fatal(err)
	}
	d := card.Person.Details
	if d.Name != "Айгүл Өмірбек" || d.Latin != "OMIRBEK AIGUL" || !slices.Equal(d.Phones, []string{"+77010000001", "+77010000002"}) ||
		card.Person.Version != 2 || card.Row.Wellbeing != tracker.NeedsHelp {
		t.Errorf("the record is %+v, version %d", d, card.Person.Version)
	}
	r.clock.forward(time.Minute)
	out = match(tracker.Details{IIN: iin}, tracker.Safe)
	if again := r.row(first); again.Version != 2 || again.Wellbeing != tracker.Safe || out.Receipts[0].Person != first {
		t.Errorf("a second match: %+v", again)
	}
	var held *tracker.HeldError
	if out = match(tracker.Details{Passport: "N1234567", BirthDate: "1991-01-01"}, tracker.Safe); !errors.As(out.Errors[0], &held) {
		t.Errorf("another birth date with the same passport: %v", out.Errors[0])
	}
	if out = match(tracker.Details{Passport: "N1234567", BirthDate: "1990-01-01"}, 0); out.Receipts[0].Person != first {
		t.Errorf("the passport didn't match: %+v", out)
	}
	// The number of the line above, or of a twin.
	if out = match(tracker.Details{Name: "Ержан Сейтқали", IIN: iin}, tracker.Safe); !errors.As(out.Errors[0], &held) {
		t.Errorf("another name with the same IIN: %v", out.Errors[0])
	}
	if n, _ := r.view(everything).Total(tracker.Filter{Crisis: r.crisis}); n.Records != 1 {
		t.Errorf("one human has %d records", n.Records)
	}
}

// Two rows of one list about the same new human make one record.
func TestMatchWithinOneSubmission(t *testing.T) {
	iin := validIIN(t, "85050540001")
	r := newRig(t)
	f := func(d tracker.Details) tracker.Filing {
		return tracker.Filing{Person: &tracker.Person{Details: d}, Report: tracker.Report{Wellbeing: tracker.Safe}}
	}
	out, err := r.tr.Submit(t.Context(), tracker.Submission{
		Actor: r.analyst("Ann"), Crisis: r.crisis, Match: true, Whole: true,
		Filings: []tracker.Filing{f(tracker.Details{Name: "Болат Ахметов", IIN: iin}), f(tracker.Details{Latin: "AKHMETOV BOLAT", IIN: iin})},
	})
	if err != nil || out.Errors[0] != nil || out.Errors[1] != nil {
		t.Fatal(err, out.Errors)
	}
	r.step()
	if a, b := out.Receipts[0], out.Receipts[1]; a.Person != b.Person || a.Known || !b.Known {
		t.Errorf("receipts %+v, %+v", a, b)
	}
	if row := r.row(out.Receipts[0].Person); row.Name != "Болат Ахметов" || row.Latin != "AKHMETOV BOLAT" {
		t.Errorf("%+v", row)
	}
}

// A thread and a call-back are stored with the filing that they came with, or not
// at all; a thread that moved on in the meantime leaves nothing of the filing.
func TestTalkIsStoredWithItsFiling(t *testing.T) {
	r := newRig(t)
	th := tracker.Thread{ID: tracker.NewID(), Crisis: r.crisis, Channel: tracker.ChannelTelegram, Key: "4711", Version: 1, Lang: "kk", RecordedAt: start}
	cb := tracker.Callback{ID: tracker.NewID(), Version: 1, Crisis: r.crisis, Kind: tracker.CallbackSee, State: tracker.CallbackOpen, Phone: "+77010000001", CreatedAt: start, RecordedAt: start}
	rec := r.file(tracker.Filing{
		Person: &tracker.Person{}, Report: tracker.Report{Wellbeing: tracker.Safe, Channel: tracker.ChannelTelegram}, Thread: &th, Callback: &cb,
	})
	got, err := r.db.ThreadByKey(t.Context(), r.crisis, tracker.ChannelTelegram, "4711")
	if err != nil || got.Person != rec.Person || got.Lang != "kk" {
		t.Errorf("thread %+v, %v", got, err)
	}
	if c, err := r.db.CallbackByID(t.Context(), cb.ID); err != nil || c.Person != rec.Person || c.Phone != cb.Phone {
		t.Errorf("call-back %+v, %v", c, err)
	}
	moved := tracker.Filing{Report: tracker.Report{Person: rec.Person, Wellbeing: tracker.NeedsHelp}, Thread: &th}
	_, err = r.tr.Submit(t.Context(), tracker.Submission{Actor: r.analyst("Ann"), Crisis: r.crisis, Filings: []tracker.Filing{moved}})
	if !errors.Is(err, tracker.ErrConflict) {
		t.Errorf("a thread of the same version: %v", err)
	}
	r.step()
	if row := r.row(rec.Person); row.Wellbeing != tracker.Safe {
		t.Error("the filing was stored without its thread")
	}
}

// "Hide my location" takes the places away at once, from the card too, and the
// person stays in the totals of their country; a later place shows again. With a
// code alone it can't be done.
func TestHideMyLocation(t *testing.T) {
	r := newRig(t)
	p := r.at(tracker.ID{}, -5, 5, 10, start)
	r.clock.forward(time.Minute)
	r.file(tracker.Filing{Report: tracker.Report{Person: p, Flags: tracker.FlagHide | tracker.FlagLowTrust}})
	if row := r.row(p); row.Position == nil {
		t.Fatal("a code alone hid somebody")
	}
	r.file(tracker.Filing{Report: tracker.Report{Person: p, Flags: tracker.FlagHide}})
	row := r.row(p)
	if row.Position != nil || !row.PlaceHidden || !slices.Equal(row.Countries, []string{"AA"}) {
		t.Errorf("hidden: %+v at %+v", row, row.Position)
	}
	card, err := r.tr.Card(t.Context(), r.analyst("Ann"), p)
	if err != nil {
		t.Fatal(err)
	}
	for _, rep := range card.Reports {
		if rep.Position != nil {
			t.Errorf("the card still shows %+v", rep.Position)
		}
	}
	// Neither an app by itself nor somebody with the code lifts it.
	r.clock.forward(time.Hour)
	for _, f := range []tracker.Flags{tracker.FlagAutomatic, tracker.FlagLowTrust} {
		r.file(tracker.Filing{Report: tracker.Report{Person: p, Flags: f, Position: &tracker.Position{Point: orb.Point{-5, 5.2}, RadiusM: 10, Method: tracker.GNSS}}})
	}
	r.file(tracker.Filing{Report: tracker.Report{Person: p, Channel: tracker.ChannelOwnTracks, Position: &tracker.Position{Point: orb.Point{-5, 5.2}, RadiusM: 10, Method: tracker.GNSS}}})
	if row := r.row(p); row.Position != nil || row.Flagged != nil || !row.PlaceHidden {
		t.Errorf("shown again by itself: %+v, beside %+v", row.Position, row.Flagged)
	}
	r.clock.forward(time.Hour)
	r.at(p, -5, 5.1, 10, r.clock.now())
	if row := r.row(p); row.Position == nil || row.Position.Point != (orb.Point{-5, 5.1}) || row.PlaceHidden {
		t.Errorf("a later place: %+v", row.Position)
	}
}

// Search finds a name in whatever spelling either side used, and suggestions stay
// within the scope and the crisis.
func TestWhoIsWhoInScope(t *testing.T) {
	r := newRig(t)
	file := func(name string, lon float64) tracker.ID {
		return r.file(tracker.Filing{
			Person: &tracker.Person{Details: tracker.Details{Name: name, BirthDate: "1990-05-06"}},
			Report: tracker.Report{Position: &tracker.Position{Point: orb.Point{lon, 5}, RadiusM: 10, Method: tracker.GNSS}},
		}).Person
	}
	west, east := file("Шыңғыс Үсенов", -5), file("Чингиз Усенов", 5)
	for _, text := range []string{"Chingiz", "Shyngys", "Ussenov", "Усенов Шынгыс", "shyngys usenov"} {
		page, err := r.view(everything).People(tracker.Filter{Crisis: r.crisis, Text: text}, 10, "")
		if err != nil || page.Total.Records != 2 {
			t.Errorf("%q finds %d of 2, %v", text, page.Total.Records, err)
		}
	}
	// Who is called so comes before who only sounds so, whatever their need.
	sounds := r.file(tracker.Filing{Person: &tracker.Person{Details: tracker.Details{Name: "Үсен Қуаныш"}}, Report: tracker.Report{Wellbeing: tracker.NeedsHelp}}).Person
	page, err := r.view(everything).People(tracker.Filter{Crisis: r.crisis, Text: "Усенов"}, 10, "")
	if err != nil || len(page.Rows) < 2 || page.Rows[0].ID == sounds || page.Rows[1].ID == sounds {
		t.Errorf("found %+v, %v", page.Rows, err)
	}
	probe := &tracker.Person{Details: tracker.Details{Latin: "USSENOV SHYNGYS", BirthDate: "1990-05-06"}}
	for _, c := range []struct {
		scope tracker.Scope
		want  []tracker.ID
	}{{everything, []tracker.ID{west, east}}, {tracker.Scope{Mission: r.west}, []tracker.ID{west}}, {tracker.Scope{}, nil}} {
		got, err := r.view(c.scope).Suggest(r.crisis, probe, 5)
		if err != nil {
			t.Fatal(err)
		}
		var ids []tracker.ID
		for _, x := range got {
			ids = append(ids, x.Row.ID)
		}
		slices.SortFunc(ids, tracker.ID.Compare)
		if !slices.Equal(ids, c.want) {
			t.Errorf("scope %+v is told of %v, want %v", c.scope, ids, c.want)
		}
	}
	self := &tracker.Person{ID: west, Details: tracker.Details{Name: "Шыңғыс Үсенов"}}
	if got, _ := r.view(everything).Suggest(r.crisis, self, 5); len(got) != 1 || got[0].Row.ID != east {
		t.Errorf("somebody is suggested to themselves: %+v", got)
	}
}

// validIIN adds the check digit that eleven digits need.
func validIIN(t *testing.T, eleven string) string {
	t.Helper()
	for c := '0'; c <= '9'; c++ {
		if s := eleven + string(c); names.ValidIIN(s) {
			return s
		}
	}
	t.Fatalf("no check digit fits %s", eleven)
	return ""
}
