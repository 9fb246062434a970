package geo

import (
	"runtime"
	"testing"

	"github.com/paulmach/orb"
)

// bytesHeld returns what a live heap holds more after f than before.
func bytesHeld(f func()) int {
	heap := func() int {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	before := heap()
	f()
	return heap() - before
}

// The promise of 28 bytes a held position, all slack included: in random order, after many moves, after a bulk load.
func TestPointsMemory(t *testing.T) {
	const limit = 28
	n := 200_000
	r := newRand(t)
	ps := townsfolk(r, n)
	at := func(id uint32) orb.Point { return ps[id] }
	order := r.Perm(n)
	var x *Points
	check := func(name string, bytes int) {
		perPoint := float64(bytes) / float64(n)
		t.Logf("%s: %.2f bytes a point", name, perPoint)
		if perPoint > limit {
			t.Errorf("%s: %.2f bytes a point, want at most %d", name, perPoint, limit)
		}
	}
	bytes := bytesHeld(func() {
		x = NewPoints(at)
		for _, i := range order {
			x.Set(uint32(i), ps[i], 20)
		}
	})
	check("in random order", bytes)
	bytes += bytesHeld(func() {
		for i := range 3 * n {
			id := r.IntN(n)
			ps[id] = ps[r.IntN(n)]
			ps[id][0] += 0.05 * r.NormFloat64()
			x.Set(uint32(id), ps[id], 20)
			if i%1000 == 0 {
				x.Copy(at)
			}
		}
	})
	check("after many moves", bytes)
	runtime.KeepAlive(x)
	x = nil
	bytes = bytesHeld(func() {
		x = NewPoints(at)
		x.Load(n, func(i int) (uint32, orb.Point, float64) { return uint32(i), ps[i], 20 })
	})
	check("loaded at once", bytes)
	runtime.KeepAlive(x)
	runtime.KeepAlive(ps)
	runtime.KeepAlive(order)
}
