package tracker

import (
	"math"
	"time"

	"github.com/paulmach/orb"

	"aman/geo"
)

// Faster than maxSpeed nobody goes, metres a second: an airliner with the wind
// behind it. A jump within leapTime is judged as if it had taken that long, for
// clocks are coarse and fixes scatter.
const (
	maxSpeed = 320
	leapTime = time.Minute
)

// judge flags a fix that can't be, given the last trusted one: it stands beside
// that one until staff or a second source confirm it. What staff say, or what a
// person says of an airport or a city, isn't a device's and isn't judged.
func (t *Tracker) judge(v *View, r *Report) {
	if r.Position == nil || !fromDevice(r.Position.Method) {
		return
	}
	num, ok := v.s.person(r.Person)
	if !ok {
		return
	}
	h, c := v.s.people.at(num)
	if h.marks&markPlaced == 0 || !c.fixTrusted {
		return
	}
	at := micros(Effective(r.FixedAt, r.SentAt, r.ReceivedAt))
	if at < c.fixAt {
		return // it wouldn't stand anyway
	}
	if implausible(orb.Point{h.lon, h.lat}, float64(h.radius), c.fixAt, r.Position.Point, r.Position.RadiusM, at) {
		q := *r.Position
		q.Flags |= FlagImplausible
		r.Position = &q
	}
}

// fromDevice tells whether a position is what a phone measured.
func fromDevice(m Method) bool { return m == GNSS || m == Network || m == Pin }

// implausible tells whether nobody can have gone from a to b (with their radii,
// metres) between two times, µs.
func implausible(a orb.Point, ra float64, atA int64, b orb.Point, rb float64, atB int64) bool {
	far := geo.Distance(a, b) - ra - rb
	if far <= 0 {
		return false
	}
	took := math.Max(float64(atB-atA)/1e6, leapTime.Seconds())
	return far/took > maxSpeed
}
