package tracker

import (
	"math"
	"time"

	"github.com/paulmach/orb"

	"aman/geo"
)

// Jamming and spoofing move whole crowds to one point: in this region to an
// airport's. One such fix looks like any other; many together do not, for people
// who really stand in one hall are scattered, by where they stand and by the
// error of their phones. A crowd is in doubt when far more people report one
// spot than the ground around it would let expect.
const (
	// crowdLeast is the smallest crowd that is doubted, at the smallest scale: a
	// family or a row of seats is less. Each larger scale takes as many more, so
	// that it isn't asked before a smaller one has had its say.
	crowdLeast = 8
	// crowdFactor is how many times denser than around it, out to crowdRing times
	// its size, a spot must be.
	crowdFactor = 4
	crowdRing   = 3
	// crowdWindow is how far apart in time two fixes of one crowd may be.
	crowdWindow = 6 * time.Hour
	// crowdMemory bounds the fixes that are remembered.
	crowdMemory = 100_000
	// replayAfter is how much later than the first a copy of a fix must come in to
	// be one: a family's fixes leave one phone at once.
	replayAfter = 10 * time.Minute
	// backedM and backedFor: an earlier trusted fix this near, metres, and this
	// recent speaks for a person in a crowd that isn't quite one point.
	backedM   = 3000
	backedFor = 12 * time.Hour
	// secondSourceSpeed is how fast somebody may have gone between a doubted fix and
	// the word of a second source that confirms it, m/s.
	secondSourceSpeed = 30
)

// crowdScales are the sizes of a spot, metres: the receivers of one spoofed signal
// agree exactly, or to their own noise. What a smaller spot explains doesn't count
// for a larger one, so that who happens to stand near isn't counted in.
var crowdScales = [...]float64{0.5, 2, 6}

// sighting is one measured fix, and what speaks for it.
type sighting struct {
	report, person ID
	group          ID // people who travel together, or whom one source reports at once
	point          orb.Point
	at             int64 // effective, µs
	fixed          int64
	received       int64
	flags          Flags
	before         *fix // the person's last trusted fix, if any
	// scale is the size of the crowd that it is doubted with, + 1; 0: it isn't.
	scale int
}

// crowd watches measured fixes as they come in. It is fed by the picture, in
// feed order, on every instance alike.
type crowd struct {
	cells map[[2]int32][]*sighting
	order []*sighting // as they came, for forgetting
	// found are the rulings that should be made, by report; whoever holds the lease
	// makes them.
	found map[ID]Ruling
}

func newCrowd() *crowd {
	return &crowd{cells: map[[2]int32][]*sighting{}, found: map[ID]Ruling{}}
}

// crowdCell is about 11 m wide and high.
func crowdCell(p orb.Point) [2]int32 {
	const perDegree = 10_000
	shrink := math.Cos(math.Round(p[1]) * math.Pi / 180)
	return [2]int32{int32(math.Floor(p[0] * shrink * perDegree)), int32(math.Floor(p[1] * perDegree))}
}

// see takes in a report that is about to be folded into h and c.
func (w *crowd) see(h *hot, c *cold, r *Report) {
	p := r.Position
	if p == nil || r.Channel == ChannelImport {
		return
	}
	at := micros(r.EffectiveAt)
	if !fromDevice(p.Method) {
		if p.Flags&Untrusted == 0 && r.Flags&FlagLowTrust == 0 {
			w.confirm(c, p, at)
		}
		return
	}
	if p.Method != GNSS {
		return // cells of one mast, or a finger on a map
	}
	s := &sighting{
		report: r.ID, person: r.Person, group: groupOf(c, r), point: p.Point, at: at,
		fixed: micros(r.FixedAt), received: micros(r.ReceivedAt), flags: p.Flags,
	}
	if h.marks&markPlaced != 0 && c.fixTrusted {
		s.before = &fix{lon: h.lon, lat: h.lat, radius: h.radius, at: c.fixAt}
	}
	w.add(s)
	w.judge(s)
}

func groupOf(c *cold, r *Report) ID {
	switch {
	case r.Channel == ChannelPartner: // one phone speaks for a tour
		id := r.Source
		us := uint64(micros(r.ReceivedAt))
		for i := range 8 {
			id[i] ^= byte(us >> (8 * i))
		}
		return id
	case !c.party.IsZero():
		return c.party
	case !c.guardian.IsZero():
		return c.guardian
	}
	return c.id
}

func (w *crowd) add(s *sighting) {
	if len(w.order) >= crowdMemory {
		for _, old := range w.order[:crowdMemory/10] {
			w.forget(old)
		}
		w.order = append([]*sighting(nil), w.order[crowdMemory/10:]...)
	}
	k := crowdCell(s.point)
	w.cells[k] = append(w.cells[k], s)
	w.order = append(w.order, s)
}

func (w *crowd) forget(s *sighting) {
	k := crowdCell(s.point)
	in := w.cells[k]
	for i, x := range in {
		if x == s {
			in = append(in[:i:i], in[i+1:]...)
			break
		}
	}
	if len(in) == 0 {
		delete(w.cells, k)
	} else {
		w.cells[k] = in
	}
}

// near lists the fixes within reach cells of s and within the window.
func (w *crowd) near(s *sighting, reach int32) []*sighting {
	k := crowdCell(s.point)
	var out []*sighting
	for dx := -reach; dx <= reach; dx++ {
		for dy := -reach; dy <= reach; dy++ {
			for _, x := range w.cells[[2]int32{k[0] + dx, k[1] + dy}] {
				if d := x.at - s.at; d <= crowdWindow.Microseconds() && -d <= crowdWindow.Microseconds() {
					out = append(out, x)
				}
			}
		}
	}
	return out
}

// judge looks at s and those around it.
func (w *crowd) judge(s *sighting) {
	beside := w.near(s, 1)
	w.replayed(s, beside)
	if len(beside) < crowdLeast {
		return
	}
	var around []*sighting
	for scale, r := range crowdScales {
		core := coreOf(s, beside, scale, r)
		least := crowdLeast * (scale + 1)
		if len(core) < least {
			continue
		}
		if around == nil {
			around = w.near(s, 2)
		}
		ring := map[ID]bool{}
		for _, x := range around {
			if d := geo.Distance(s.point, x.point); d > r && d <= crowdRing*r && x.scale == 0 {
				ring[x.group] = true
			}
		}
		expected := float64(len(ring)) / (crowdRing*crowdRing - 1)
		if float64(len(core)) < crowdFactor*expected+float64(least) {
			continue
		}
		for _, xs := range core {
			for _, x := range xs {
				if x.scale == 0 && (scale == 0 || !x.backed(core)) {
					x.scale = scale + 1
					w.doubt(x, FlagIdentical, "many people report this very spot")
				}
			}
		}
		return
	}
}

// coreOf lists the fixes within r metres of s by who travels together, without
// those that a smaller crowd explains.
func coreOf(s *sighting, beside []*sighting, scale int, r float64) map[ID][]*sighting {
	core := map[ID][]*sighting{}
	for _, x := range beside {
		if (x.scale == 0 || x.scale > scale) && geo.Distance(s.point, x.point) <= r {
			core[x.group] = append(core[x.group], x)
		}
	}
	return core
}

// backed tells whether the person was near already, by a trusted fix that isn't
// itself of the crowd.
func (s *sighting) backed(core map[ID][]*sighting) bool {
	b := s.before
	if b == nil || s.at-b.at > backedFor.Microseconds() {
		return false
	}
	far := geo.Distance(s.point, orb.Point{b.lon, b.lat})
	if far > backedM+float64(b.radius) {
		return false
	}
	if far > 2*crowdScales[len(crowdScales)-1] {
		return true
	}
	for group, xs := range core {
		for _, x := range xs {
			if group != s.group && x.at <= b.at {
				return false // the crowd was there before
			}
		}
	}
	return true
}

// replayed doubts a fix that somebody else sent before, to the last digit and the
// second of the phone's clock.
func (w *crowd) replayed(s *sighting, beside []*sighting) {
	if s.fixed == 0 {
		return
	}
	for _, x := range beside {
		if x.person != s.person && x.group != s.group && x.point == s.point && x.fixed/1e6 == s.fixed/1e6 &&
			s.received-x.received >= replayAfter.Microseconds() {
			w.doubt(s, FlagReplay, "somebody else sent this very fix before")
			return
		}
	}
}

func (w *crowd) doubt(s *sighting, f Flags, reason string) {
	if s.flags&f != 0 || len(w.found) >= crowdMemory {
		return
	}
	s.flags |= f
	w.found[s.report] = Ruling{Report: s.report, Person: s.person, Flags: s.flags & Untrusted, Reason: reason}
}

// confirm clears the doubt about a person's fix when what a second source says of
// where they are agrees with it.
func (w *crowd) confirm(c *cold, p *Position, at int64) {
	if c.odd == nil || c.odd.doubted == nil || len(w.found) >= crowdMemory {
		return
	}
	d := c.odd.doubted
	apart := math.Abs(float64(at-d.at)) / 1e6
	if d.flags&FlagDoubted != 0 || apart > crowdWindow.Seconds() {
		return
	}
	if geo.Distance(p.Point, orb.Point{d.lon, d.lat}) <= p.RadiusM+float64(d.radius)+apart*secondSourceSpeed {
		w.found[d.report] = Ruling{Report: d.report, Person: d.person, Reason: "a second source says the same"}
	}
}

// settled takes note of rulings that were made, here or elsewhere.
func (w *crowd) settled(rs []Ruling) {
	for i := range rs {
		delete(w.found, rs[i].Report)
	}
}

// due lists the rulings to make, at most n.
func (w *crowd) due(n int) []Ruling {
	var out []Ruling
	for _, r := range w.found {
		if len(out) == n {
			break
		}
		out = append(out, r)
	}
	return out
}

// watch begins to watch fixes, with those of the last hours that stand.
func (p *picture) watch(now int64) {
	p.crowd = newCrowd()
	for num := range p.people.n {
		h, c := p.people.at(num)
		if h.marks&(markPlaced|markGone) != markPlaced || c.method != GNSS || c.channel == ChannelImport ||
			now-c.fixAt > crowdWindow.Microseconds() || len(p.crowd.order) >= crowdMemory*9/10 {
			continue
		}
		r := Report{ID: c.report, Person: c.reporter, Channel: c.channel}
		s := &sighting{
			report: c.report, person: c.reporter, group: groupOf(c, &r), point: orb.Point{h.lon, h.lat}, at: c.fixAt,
			fixed: c.fixedAt, received: c.receivedAt, flags: c.flags,
		}
		p.crowd.add(s)
		p.crowd.judge(s)
	}
}
