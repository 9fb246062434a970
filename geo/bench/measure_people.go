package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"aman/geo"
)

// crowd is how many people are held, and how many of the 1,000 zones are asked: a server takes its time with many.
type crowd struct {
	name            string
	people, zones   int
	prepared, drawn goal
	onlyFull        bool // only with -full
}

var crowds = []crowd{
	{name: "1m", people: 1_000_000, zones: 1000, prepared: atLeastTimes(300), drawn: atLeastTimes(50)},
	{name: "10m", people: 10_000_000, zones: 200, prepared: atLeastTimes(700), drawn: atLeastTimes(250), onlyFull: true},
}

func (c crowd) measures() []string {
	return []string{
		"people-prepared-" + c.name, "people-drawn-" + c.name, "people-prepared-ids-" + c.name, "people-drawn-ids-" + c.name,
		"people-bytes-" + c.name, "publish-people-" + c.name,
	}
}

// measurePeople measures who is in a zone, among many people.
func (b *bench) measurePeople() error {
	for _, c := range crowds {
		if !b.report.wants(c.measures()...) || c.onlyFull && !b.full {
			continue
		}
		if err := b.measureCrowd(c); err != nil {
			return fmt.Errorf("measure people of %s: %w", c.name, err)
		}
	}
	return nil
}

func (b *bench) measureCrowd(c crowd) error {
	s, _ := setNamed("z1k")
	rng := s.rng(b.seed)
	zs := s.zones(b.places, rng, s.box)[:c.zones]
	pts := b.places.people(rng, c.people, s.box)
	h, bytes := hold(rng, pts)
	b.report.line(measure{name: "people-bytes-" + c.name, ours: bytes, unit: "B", goal: atMost(28, "B")})
	b.measurePublishTo(c, h, rng)
	if err := b.verifyPeople(c, h, zs, pts); err != nil {
		return err
	}
	covers := make([]*geo.Cover, len(zs))
	preparing := onThread(func() {
		for i, z := range zs {
			covers[i] = geo.NewCover(z)
		}
	})
	b.report.note("people-%s: preparing takes %s us a zone", c.name, number(micros(preparing)/float64(len(zs))))
	var ids []uint32
	counted := 0
	mine := []struct {
		name string
		goal goal
		ask  func()
		us   []float64
	}{
		{name: "people-prepared-", goal: c.prepared, ask: func() {
			for _, c := range covers {
				counted += h.CountCover(c)
			}
		}},
		{name: "people-drawn-", goal: c.drawn, ask: func() {
			for _, z := range zs {
				counted += h.CountShape(z)
			}
		}},
		{name: "people-prepared-ids-", ask: func() {
			for _, c := range covers {
				ids = h.IDsCover(ids[:0], c)
			}
		}},
		{name: "people-drawn-ids-", ask: func() {
			for _, z := range zs {
				ids = h.IDsShape(ids[:0], z)
			}
		}},
	}
	servers, why := b.peopleServers(c, h, zs, pts)
	for i := range mine {
		mine[i].ask() // the first is cold
	}
	for range b.rounds {
		for i := range mine {
			m := &mine[i]
			m.us = append(m.us, micros(onThread(m.ask))/float64(len(zs)))
		}
		for i := range servers {
			us, err := servers[i].ask()
			if err != nil {
				return err
			}
			servers[i].rounds = append(servers[i].rounds, us)
		}
	}
	var peers []result
	for _, p := range servers {
		r := result{name: p.name, cost: median(p.rounds)}
		b.report.note("people-%s: %s %s us a zone", c.name, p.name, number(r.cost))
		peers = append(peers, r)
	}
	for _, m := range mine {
		line := measure{name: m.name + c.name, ours: median(m.us), unit: "us", goal: m.goal}
		if p, ok := best(peers); ok {
			line.peer, line.peerName = p.cost, p.name
		}
		if why != nil && m.goal.met != nil {
			b.report.missing(line.name, "PostGIS", m.goal, why)
		}
		b.report.line(line)
	}
	return nil
}

// hold puts people into an index as the product does, most with a small error radius and some with a large one, and
// returns it with the bytes that it takes for each, beside the exact places that their owner keeps.
func hold(rng *rand.Rand, pts []orb.Point) (*geo.PointSet, float64) {
	at := func(id uint32) orb.Point { return pts[id] }
	before := live()
	x := geo.NewPoints(at)
	for i, p := range pts {
		radiusM := 10 + rng.ExpFloat64()*20
		switch k := rng.IntN(100); {
		case k < 5:
			radiusM = 20_000
		case k < 20:
			radiusM = 2000
		}
		x.Set(uint32(i), p, radiusM)
	}
	set := x.Copy(at)
	bytes := float64(live()-before) / float64(len(pts))
	runtime.KeepAlive(x)
	return set, bytes
}

// live returns the bytes of the heap that are in use.
func live() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// measurePublishTo measures how long it takes to find everybody whom a new zone of 5,000 vertices concerns.
func (b *bench) measurePublishTo(c crowd, h *geo.PointSet, rng *rand.Rand) {
	name := "publish-people-" + c.name
	if !b.report.wants(name) {
		return
	}
	at := b.places.within(regionBox)
	var rounds []float64
	var ids []uint32
	for range max(b.rounds, 21) {
		z := zone{blob(rng, at[rng.IntN(len(at))].Point, 1, 5000, false)}
		rounds = append(rounds, micros(onThread(func() { ids = h.IDsShape(ids[:0], z) }))/1000)
	}
	m := measure{name: name, ours: median(rounds), unit: "ms"}
	if !c.onlyFull {
		m.goal = atMost(5, "ms")
	}
	b.report.line(m)
}

// verifyPeople compares who is in each zone, drawn and prepared, with which zones each person is in.
func (b *bench) verifyPeople(c crowd, h *geo.PointSet, zs []zone, pts []orb.Point) error {
	e, err := newEngine(zs)
	if err != nil {
		return err
	}
	in := make([][]uint32, len(zs))
	var room []uint32
	for id := range uint32(c.people) {
		room = e.index.Containing(room[:0], pts[id])
		for _, z := range room {
			in[z] = append(in[z], id)
		}
	}
	wrong := 0
	var ids []uint32
	for i, z := range zs {
		p := geo.NewCover(z)
		for _, ask := range []func(dst []uint32) []uint32{
			func(dst []uint32) []uint32 { return h.IDsShape(dst, z) },
			func(dst []uint32) []uint32 { return h.IDsCover(dst, p) },
		} {
			ids = ask(ids[:0])
			slices.Sort(ids)
			if !slices.Equal(ids, in[i]) {
				wrong++
			}
		}
		if h.CountShape(z) != len(in[i]) || h.CountCover(p) != len(in[i]) {
			wrong++
		}
	}
	b.report.wrong += wrong
	b.report.note("people-%s: %d zones; %d of %d answers are not what asking for each person gives", c.name, len(zs), wrong, 3*len(zs))
	return nil
}

// peopleServer is a server that is asked who is in each of the zones.
type peopleServer struct {
	name   string
	ask    func() (us float64, err error) // a zone
	rounds []float64
}

// peopleServers prepares the servers and compares their counts with ours; the error says why there are none.
func (b *bench) peopleServers(c crowd, h *geo.PointSet, zs []zone, pts []orb.Point) ([]peopleServer, error) {
	g := b.server
	if err := g.start(); err != nil {
		return nil, err
	}
	if err := g.fillZones(zs); err != nil {
		return nil, err
	}
	if err := g.fillPoints("people", pts); err != nil {
		return nil, err
	}
	if err := g.exec(`CREATE INDEX ON people USING gist (geom)`, `VACUUM ANALYZE people`); err != nil {
		return nil, err
	}
	if err := b.comparePeople(c, h, zs, pts); err != nil {
		return nil, err
	}
	var servers []peopleServer
	for _, p := range []struct{ name, table string }{{"PostGIS", plainZones}, {"PostGIS subdivided", subdividedZones}} {
		query := `SELECT sum(n) FROM ` + p.table + ` z CROSS JOIN LATERAL (SELECT count(*) AS n FROM people p WHERE ST_Intersects(z.geom, p.geom)) c`
		servers = append(servers, peopleServer{name: p.name, ask: func() (float64, error) {
			d, _, err := g.timed(query)
			return micros(d) / float64(len(zs)), err
		}})
	}
	return servers, nil
}

// comparePeople compares PostGIS' counts with ours; where they differ, exact arithmetic counts.
func (b *bench) comparePeople(c crowd, h *geo.PointSet, zs []zone, pts []orb.Point) error {
	rows, err := b.server.conn.QueryContext(context.Background(),
		`SELECT z.id, (SELECT count(*) FROM people p WHERE ST_Intersects(z.geom, p.geom)) FROM zones z ORDER BY 1 LIMIT 200`)
	if err != nil {
		return err
	}
	defer rows.Close()
	differ, wrong, all := 0, 0, 0
	for rows.Next() {
		var id, n int
		if err := rows.Scan(&id, &n); err != nil {
			return err
		}
		all++
		mine := h.CountShape(zs[id])
		if n == mine {
			continue
		}
		differ++
		exact := 0
		for _, p := range pts {
			if box := zs[id].Bound(); box.Contains(p) && holds(zs[id], p) {
				exact++
			}
		}
		if exact != mine {
			wrong++
		}
	}
	b.report.wrong += wrong
	b.report.note("people-%s: PostGIS counts differently in %d of %d zones; ours wrong in %d of these", c.name, differ, all, wrong)
	return rows.Err()
}

func micros(d time.Duration) float64 { return float64(d) / 1000 }
