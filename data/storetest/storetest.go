// Package storetest holds every database to the same contract: those of
// tracker.Store and auth.Store, as data.DB implements them. It also runs the
// real Postgres that tests use.
package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"aman/api/auth"
	"aman/geo/tracker"
)

// desk is api.DeskStore but for what auth.Store and tracker.Store have: data knows
// nothing of package api.
type desk interface {
	ThreadByKey(ctx context.Context, crisis tracker.ID, ch tracker.Channel, key string) (tracker.Thread, error)
	ThreadsOf(ctx context.Context, people []tracker.ID) ([]tracker.Thread, error)
	Groups(ctx context.Context, crisis tracker.ID) ([]tracker.Thread, error)
	MessagesTo(ctx context.Context, people []tracker.ID, limit int) ([]tracker.Message, error)
	MessagesDue(ctx context.Context, now time.Time, limit int) ([]tracker.Message, []tracker.Thread, error)
	MessageTried(ctx context.Context, m tracker.Message) error
	CallbackHeads(ctx context.Context, crisis tracker.ID, all bool) ([]tracker.Callback, error)
	CallbacksByID(ctx context.Context, ids []tracker.ID) ([]tracker.Callback, error)
	CallbacksByLink(ctx context.Context, crisis, link tracker.ID, kind tracker.CallbackKind, limit int) ([]tracker.Callback, error)
	CallbackByID(ctx context.Context, id tracker.ID) (tracker.Callback, error)
	ReadingOf(ctx context.Context, person, report tracker.ID) (tracker.Reading, error)
	Hotlines(ctx context.Context) ([]tracker.Hotline, error)
	SetHotlines(ctx context.Context, mission tracker.ID, hs []tracker.Hotline, au tracker.Audit) error
	Shifts(ctx context.Context, mission tracker.ID, from, to time.Time) ([]tracker.Shift, error)
	SetShifts(ctx context.Context, mission tracker.ID, from, to time.Time, ss []tracker.Shift, au tracker.Audit) error
	Mappings(ctx context.Context) ([]tracker.Mapping, error)
	SaveMapping(ctx context.Context, m tracker.Mapping, au tracker.Audit) error
	DeleteMapping(ctx context.Context, id tracker.ID, au tracker.Audit) error
	CreateLinks(ctx context.Context, ls []auth.Link, au tracker.Audit) error
	RepliedTo(ctx context.Context, source, key string) ([]byte, error)
}

// Store is what the suite is about.
type Store interface {
	tracker.Store
	auth.Store
	desk
	Ping(ctx context.Context) error
	VerifyAudit(ctx context.Context) (n int, err error)
	Close() error
}

// Database is one empty database of a test's own.
type Database interface {
	// Open opens one more instance over the database; the test closes it.
	Open(t *testing.T) Store
	// Raw returns all that the database keeps, as it keeps it: every file's
	// bytes, or every table's rows.
	Raw(t *testing.T) []byte
	// Exec changes the database behind the store's back.
	Exec(t *testing.T, statement string)
	// Blob writes bytes as a literal of the database's SQL.
	Blob(b []byte) string
}

// Packing is a Database whose stores keep every report in a pack. That a report's id is
// new is then up to who commits it: packs aren't searched for it.
type Packing interface{ Packs() }

// Run runs the suite; fresh makes a database for one test.
func Run(t *testing.T, fresh func(t *testing.T) Database) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, db Database)
	}{
		{"every field comes back", everyField},
		{"versions conflict", versionsConflict},
		{"references are checked", references},
		{"what can't be kept is refused", refused},
		{"idempotency", idempotency},
		{"idempotency under concurrency", idempotencyConcurrent},
		{"bad rows of a group fail alone", badRows},
		{"opposite key orders don't deadlock", keyOrders},
		{"feed has no gaps", feedGaps},
		{"load equals replay", loadIsReplay},
		{"load stops where events do", loadStops},
		{"cache equals SQL", cacheIsSQL},
		{"nothing personal is readable", canaries},
		{"audit chain", auditChain},
		{"lease", lease},
		{"identifiers", identifiers},
		{"events page", eventsPage},
		{"erased people are left out", erased},
		{"erasing", erasing},
		{"erasing under load", erasingConcurrent},
		{"merges", merges},
		{"rulings", rulings},
		{"threads", threads},
		{"talk is all or nothing", talkAtomic},
		{"messages", messages},
		{"call-backs", callbacks},
		{"readings", readings},
		{"hotlines and shifts", rota},
		{"mappings", mappings},
		{"withdrawn while waiting", withdrawn},
		{"closed store", closedStore},
		{"accounts and sessions", accounts},
		{"keys", keys},
		{"links", links},
		{"links together", linksTogether},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, fresh(t))
		})
	}
}

// world is what most tests begin with: a crisis, a mission, and a random source
// whose seed is logged.
type world struct {
	t       *testing.T
	s       Store
	r       *rand.Rand
	crisis  tracker.ID
	mission tracker.ID
	start   time.Time
	// histories counts calls of history, whose keys it keeps apart.
	histories int
	// merges counts the crisis's merges, rulings those on each report.
	merges  int
	rulings map[tracker.ID]int
}

func newWorld(t *testing.T, s Store) *world {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	w := &world{
		t: t, s: s, r: rand.New(rand.NewPCG(seed, 1)), crisis: tracker.NewID(), mission: tracker.NewID(),
		start: time.Date(2026, 3, 1, 8, 0, 0, 123456000, time.UTC), rulings: map[tracker.ID]int{},
	}
	w.mustCommit(&tracker.Rows{
		Crises: []tracker.Crisis{{ID: w.crisis, Slug: "c" + w.crisis.String(), Names: tracker.Names{KK: "Әңгіме ҒҚҢӨҰҮҺІ", EN: "Gulf"}, Starts: w.start}},
		Missions: []tracker.Mission{{
			ID: w.mission, Code: "M" + w.mission.String(), Version: 1,
			Names: tracker.Names{RU: "Посольство", EN: "Embassy"}, Countries: []string{"AE", "BH"}, DutyPhone: "+971 0",
		}},
	})
	return w
}

func (w *world) write(r *tracker.Rows) *tracker.Write {
	return &tracker.Write{Rows: *r, Audit: tracker.Audit{Role: "system", Action: "test.write"}}
}

func (w *world) mustCommit(r *tracker.Rows) tracker.Committed {
	w.t.Helper()
	c, err := w.s.Commit(w.t.Context(), w.write(r))
	if err != nil {
		w.t.Fatalf("commit: %v", err)
	}
	return c
}

// newPerson is a first version with every field said, its details marked by tag.
func (w *world) newPerson(tag string) tracker.Person {
	return tracker.Person{
		ID: tracker.NewID(), Crisis: w.crisis, Version: 1, Category: tracker.Citizen, Stay: tracker.Tourist,
		Persons: 1 + w.r.IntN(4), Needs: tracker.NeedMedicine | tracker.HasChild, Country: "AE", Party: tracker.NewID(),
		Guardian: tracker.NewID(), Mission: w.mission, Author: tracker.NewID(), RecordedAt: w.start.Add(time.Hour),
		Details: tracker.Details{
			Name: "Әсел Құрманғалиқызы " + tag, Latin: "ASSEL " + tag, BirthDate: "1990-01-02", Sex: tracker.Female,
			IIN: "IIN" + tag, Passport: "P" + tag, PassportExpiry: "2030-05-06", Phones: []string{"+7701" + tag, "+9715" + tag},
			Handles: []string{"@" + tag}, TourCode: "T" + tag, Sources: []string{"tour"}, Note: "note " + tag,
		},
	}
}

// newReport says everything that a report can.
func (w *world) newReport(person tracker.ID, tag string) tracker.Report {
	at := w.start.Add(time.Duration(w.r.Int64N(int64(24 * time.Hour)))).Truncate(time.Microsecond)
	r := tracker.Report{
		ID: tracker.NewID(), Crisis: w.crisis, Person: person, Channel: tracker.ChannelLink, Source: tracker.NewID(),
		Flags: tracker.FlagCasualty | tracker.FlagLowTrust | tracker.FlagHide, FixedAt: at, SentAt: at.Add(time.Second), ReceivedAt: at.Add(2 * time.Second), EffectiveAt: at.Add(time.Second),
		Wellbeing: tracker.NeedsHelp, Intention: tracker.WantsOut, Contact: tracker.Reached, Persons: 2,
		Needs: tracker.NeedMoney, HasNeeds: true, Country: "AE", OnwardUntil: at.Add(48 * time.Hour),
		Position: &tracker.Position{
			Point:   [2]float64{w.r.Float64()*360 - 180, w.r.Float64()*180 - 90},
			RadiusM: 1 + 500*w.r.Float64(), Method: tracker.GNSS, Flags: tracker.FlagSkew | tracker.FlagLowTrust, Airport: "DXB",
		},
		Note: "in the cellar " + tag, Phone: "+7702" + tag, Address: "Көше " + tag, Reason: "why " + tag,
	}
	if w.r.IntN(2) == 0 { // both forms of what is sealed
		days := w.r.IntN(366)
		r.MedicineDays, r.Tell, r.TellNames = &days, tracker.TellNamed, "Aunt "+tag
		r.Caller = &tracker.Caller{Name: "Ерлан " + tag, Phone: "+7705" + tag, Relation: "brother", Person: person}
	}
	return r
}

// newMerge is the crisis's next.
func (w *world) newMerge(gone, kept tracker.ID) tracker.Merge {
	w.merges++
	return tracker.Merge{
		Crisis: w.crisis, N: w.merges, Gone: gone, Kept: kept, Reason: fmt.Sprint("same passport ", w.merges),
		Author: tracker.NewID(), RecordedAt: w.start,
	}
}

func (w *world) newZone(version int) tracker.Zone {
	lon, lat := w.r.Float64()*100, w.r.Float64()*50
	return tracker.Zone{
		ID: tracker.NewID(), Crisis: w.crisis, Version: version, State: tracker.Active, Withdrawing: true, Level: 4,
		Action: tracker.Evacuate, Kind: tracker.Ground, FloorM: 1.5, CeilingM: 9000, ValidFrom: w.start,
		ValidTo: w.start.Add(time.Hour), Names: tracker.Names{KK: "Аймақ Һ", RU: "Зона", EN: "Zone"},
		Advice: tracker.Names{EN: "Leave"}, Source: "MFA", Reason: "strikes", Ref: "z-1",
		Shape: square(lon, lat), Author: tracker.NewID(), Confirmer: tracker.NewID(),
		ConfirmedAt: w.start, RecordedAt: w.start,
	}
}

// square is an area of one degree with a hole.
func square(lon, lat float64) orb.MultiPolygon {
	ring := func(d float64) orb.Ring {
		return orb.Ring{{lon + d, lat + d}, {lon + 1 - d, lat + d}, {lon + 1 - d, lat + 1 - d}, {lon + d, lat + 1 - d}, {lon + d, lat + d}}
	}
	hole := ring(0.25)
	hole.Reverse()
	return orb.MultiPolygon{{ring(0), hole}}
}

// follow reads the whole feed through s, and the rows of each entry.
func follow(t *testing.T, s Store) (changes []tracker.Change, rows []*tracker.Rows) {
	t.Helper()
	after := int64(0)
	for {
		_, cs, err := s.Changes(t.Context(), after, 7)
		if err != nil {
			t.Fatalf("changes: %v", err)
		}
		if len(cs) == 0 {
			return changes, rows
		}
		for _, c := range cs {
			r, err := s.Read(t.Context(), c)
			if err != nil {
				t.Fatalf("read %d: %v", c.Seq, err)
			}
			changes, rows = append(changes, c), append(rows, r)
			after = c.Seq
		}
	}
}

// load collects all that Load visits.
func load(t *testing.T, s Store) (tracker.Loaded, *tracker.Rows) {
	t.Helper()
	out := new(tracker.Rows)
	l, err := s.Load(t.Context(), func(r *tracker.Rows) error {
		add(out, r)
		return nil
	})
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return l, out
}

func add(a, b *tracker.Rows) {
	a.Crises = append(a.Crises, b.Crises...)
	a.Missions = append(a.Missions, b.Missions...)
	a.Zones = append(a.Zones, b.Zones...)
	a.Marks = append(a.Marks, b.Marks...)
	a.People = append(a.People, b.People...)
	a.Assignments = append(a.Assignments, b.Assignments...)
	a.Reports = append(a.Reports, b.Reports...)
	a.Retractions = append(a.Retractions, b.Retractions...)
	a.Airports = append(a.Airports, b.Airports...)
	a.Events = append(a.Events, b.Events...)
	a.Merges = append(a.Merges, b.Merges...)
	a.Rulings = append(a.Rulings, b.Rulings...)
	a.Erasures = append(a.Erasures, b.Erasures...)
}
