package main

import (
	"math/rand/v2"
	"runtime"
	"slices"

	"github.com/paulmach/orb"
)

// measureSet measures all that is asked of a set.
func (b *bench) measureSet(s set) error {
	rng := s.rng(b.seed)
	zs := s.zones(b.places, rng, s.box)
	pts := b.places.people(rng, b.points, s.box)
	b.report.note("%s: %d zones, %d vertices", s.name, len(zs), vertices(zs))
	if b.report.wants("bytes-per-vertex-"+s.name, "build-per-vertex-"+s.name, "build-peak-"+s.name) {
		if err := b.measureBuild(s, zs); err != nil {
			return err
		}
	}
	truth := newOracle(zs)
	e, err := newEngine(zs)
	if err != nil {
		return err
	}
	name := "points-" + s.name
	if b.report.wants(name, singleName(s), "floor", "points-z1k-per-floor", "allocs") {
		cs := e.contenders()
		if s.compared {
			cs = append(cs, floorOf(e))
		}
		if b.report.wants(name) {
			cs = append(cs, b.peers()...)
		}
		rs, err := contest(cs, zs, pts, b.rounds, b.exactly(s.name, truth, pts))
		if err != nil {
			return err
		}
		b.reportPoints(s, rs)
		b.measureAllocs(e, pts)
	}
	if s.compared && b.report.wants("adversarial-z1k") {
		if err := b.measureAdversarial(e, zs, rng, truth); err != nil {
			return err
		}
	}
	if s.compared && b.report.wants("rematch-z1k") {
		held := slices.Clone(pts)
		slices.SortFunc(held, byMorton)
		rs, err := contest(e.contenders(), zs, held, b.rounds, b.exactly("rematch-z1k", truth, held))
		if err != nil {
			return err
		}
		b.report.line(measure{name: "rematch-z1k", ours: rs[0].cost, unit: "ns", goal: atMost(25, "ns")})
	}
	return nil
}

// peers are all that a question about points is put to, besides ours.
func (b *bench) peers() []contender {
	return append(inProcess(),
		contender{"orb planar", loadOrb},
		contender{"PostGIS", b.server.loader(plainZones)},
		contender{"PostGIS subdivided", b.server.loader(subdividedZones)})
}

// inProcess are the quick ones.
func inProcess() []contender {
	return []contender{{"tidwall/geojson", loadTidwall}, {"S2", loadS2}, {"GEOS prepared", loadGEOS}}
}

func singleName(s set) string { return "points-single-" + s.name }

// reportPoints writes the lines of the set, and what belongs to the floor.
func (b *bench) reportPoints(s set, rs []result) {
	name := "points-" + s.name
	mine, alone, peers := rs[0], rs[1], rs[2:]
	if len(peers) > 0 && peers[0].name == floorName {
		floor := peers[0]
		peers = peers[1:]
		b.report.line(measure{name: "floor", ours: floor.cost, unit: "ns"})
		b.report.line(measure{name: "points-z1k-per-floor", ours: mine.cost, peer: floor.cost, peerName: floorName, unit: "ns", goal: atMostTimes(4)})
	}
	b.report.note("%s: aman %s ns, one by one %s ns, on %d points", name, number(mine.cost), number(alone.cost), mine.points)
	for _, p := range peers {
		if p.err != nil {
			b.report.missing(name, p.name, s.goal, p.err)
			continue
		}
		b.report.note("%s: %s %s ns on %d points", name, p.name, number(p.cost), p.points)
	}
	batch := measure{name: name, ours: mine.cost, unit: "ns", goal: s.goal}
	one := measure{name: singleName(s), ours: alone.cost, unit: "ns"}
	if p, ok := best(peers); ok {
		batch.peer, batch.peerName = p.cost, p.name
		one.peer, one.peerName = p.cost, p.name
	}
	b.report.line(batch)
	b.report.line(one)
}

// measureAllocs counts what matching allocates once its room is there.
func (b *bench) measureAllocs(e *engine, pts []orb.Point) {
	matchers := []matcher{together{e, pts}, alone{e, pts}}
	a := new(answers)
	ask := func() {
		for _, m := range matchers {
			for lo := 0; lo < len(pts); lo += portion {
				a.reset()
				m.match(lo, min(lo+portion, len(pts)), a)
			}
		}
	}
	ask()
	var before, after runtime.MemStats
	withoutGC(func() {
		runtime.ReadMemStats(&before)
		ask()
		runtime.ReadMemStats(&after)
	})
	b.allocs = max(b.allocs, float64(after.Mallocs-before.Mallocs)/float64(len(pts)))
}

// exactly returns a checker that has exact arithmetic judge a part of our answers, and all of ours from which a
// peer's differ.
func (b *bench) exactly(set string, truth *oracle, pts []orb.Point) checker {
	return func(name string, mine, theirs *answers, n int) {
		switch name {
		case floorName:
			return
		case oursName:
			b.verify(set, truth, pts[:min(n, 20_000)], mine)
			return
		}
		differ, wrong := 0, 0
		for k := range n {
			answer := mine.of(k)
			if slices.Equal(answer, theirs.of(k)) {
				continue
			}
			differ++
			if !slices.Equal(answer, truth.sorted(pts[k])) {
				wrong++
			}
		}
		if name == aloneName {
			wrong = differ // either way, one of ours is wrong
		}
		b.report.wrong += wrong
		b.report.note("%s: %s answers differently for %d of %d points; ours wrong in %d of these", set, name, differ, n, wrong)
	}
}

// verify compares our answers with exact ones.
func (b *bench) verify(set string, truth *oracle, pts []orb.Point, ours *answers) {
	wrong := 0
	for k, p := range pts {
		if !slices.Equal(ours.of(k), truth.sorted(p)) {
			wrong++
		}
	}
	b.report.wrong += wrong
	b.report.note("%s: %.2f zones a point; %d of %d points checked by exact arithmetic are wrong", set,
		float64(len(ours.ids))/float64(len(ours.ends)), wrong, len(pts))
}

// adversarialPoints is how many there are.
const adversarialPoints = 100_000

// measureAdversarial asks for points on and beside vertices and edges, and checks every answer.
func (b *bench) measureAdversarial(e *engine, zs []zone, rng *rand.Rand, truth *oracle) error {
	pts := adversarial(rng, zs, adversarialPoints)
	cs := append(e.contenders(), inProcess()...)
	rs, err := contest(cs, zs, pts, b.rounds, func(name string, mine, theirs *answers, n int) {
		if name == oursName {
			b.verify("adversarial-z1k", truth, pts, mine)
			return
		}
		wrong := 0
		for k := range n {
			if !slices.Equal(theirs.of(k), truth.sorted(pts[k])) {
				wrong++
			}
		}
		if name == aloneName {
			b.report.wrong += wrong
		}
		b.report.note("adversarial-z1k: %s is wrong for %d of %d points", name, wrong, n)
	})
	if err != nil {
		return err
	}
	m := measure{name: "adversarial-z1k", ours: rs[0].cost, unit: "ns", goal: atMost(300, "ns")}
	for _, p := range rs[2:] {
		if p.err != nil {
			b.report.missing(m.name, p.name, goal{}, p.err)
		}
	}
	b.report.note("adversarial-z1k: one by one %s ns", number(rs[1].cost))
	if p, ok := best(rs[2:]); ok {
		m.peer, m.peerName = p.cost, p.name
	}
	b.report.line(m)
	return nil
}

// byMorton orders points along a curve that keeps neighbours together: the order in which people are held.
func byMorton(a, b orb.Point) int {
	ka, kb := curve(a), curve(b)
	switch {
	case ka < kb:
		return -1
	case ka > kb:
		return 1
	}
	return 0
}

// curve interleaves the bits of a point's column and row.
func curve(p orb.Point) uint64 {
	return spread(uint32((p[0]+181)/362*(1<<32))) | spread(uint32((p[1]+91)/182*(1<<32)))<<1
}

func spread(v uint32) uint64 {
	x := uint64(v)
	for _, s := range [...]struct {
		by   uint
		mask uint64
	}{{16, 0x0000ffff0000ffff}, {8, 0x00ff00ff00ff00ff}, {4, 0x0f0f0f0f0f0f0f0f}, {2, 0x3333333333333333}, {1, 0x5555555555555555}} {
		x = (x | x<<s.by) & s.mask
	}
	return x
}
