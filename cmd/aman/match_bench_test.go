package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"aman/geo"
)

// benchField is a made-up crisis: zones of many vertices around places where people are, and points where people
// report from. Everything follows from the seed.
type benchField struct {
	zones  string // GeoJSON
	points []byte // CSV with id, lon, lat
	rows   int
}

// newBenchField makes zones of about 900 vertices and sizes from a fifth of a degree to three degrees, half of them
// around towns, and points of which nine in ten lie about towns.
func newBenchField(seed uint64, zones, rows int) benchField {
	r := rand.New(rand.NewPCG(seed, 1))
	anywhere := func() orb.Point { return orb.Point{26 + 38*r.Float64(), 12 + 28*r.Float64()} }
	towns := make([]orb.Point, 300)
	for i := range towns {
		towns[i] = anywhere()
	}
	near := func(spread float64) orb.Point {
		c := towns[r.IntN(len(towns))]
		return orb.Point{c[0] + spread*r.NormFloat64(), c[1] + spread*r.NormFloat64()}
	}
	var gj strings.Builder
	gj.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range zones {
		c := anywhere()
		if i%2 == 0 {
			c = near(1)
		}
		if i > 0 {
			gj.WriteByte(',')
		}
		radius := 0.1 * math.Pow(15, r.Float64())
		shape := geo.EncodeGeometry(orb.MultiPolygon{{blob(r, c, radius, 800+r.IntN(200))}})
		fmt.Fprintf(&gj, `{"type":"Feature","id":"zone-%d","properties":{},"geometry":%s}`, i, shape)
	}
	gj.WriteString("]}")
	csv := []byte("id,lon,lat\n")
	for i := range rows {
		p := anywhere()
		if r.IntN(10) > 0 {
			p = near(0.2)
		}
		csv = append(csv, 'p')
		csv = strconv.AppendInt(csv, int64(i), 10)
		for _, x := range p {
			csv = append(csv, ',')
			csv = strconv.AppendFloat(csv, x, 'f', 6, 64)
		}
		csv = append(csv, '\n')
	}
	return benchField{gj.String(), csv, rows}
}

// blob is a closed ring around c without crossings: its distance from c, radius degrees at most, is a sum of waves.
func blob(r *rand.Rand, c orb.Point, radius float64, n int) orb.Ring {
	var waves [6][3]float64
	for i := range waves {
		waves[i] = [3]float64{float64(1 + r.IntN(4<<i)), 2 * math.Pi * r.Float64(), r.Float64() / 14}
	}
	ring := make(orb.Ring, 0, n+1)
	for i := range n {
		angle := 2 * math.Pi * float64(i) / float64(n)
		d := 0.57
		for _, w := range waves {
			d += w[2] * math.Sin(w[0]*angle+w[1])
		}
		sin, cos := math.Sincos(angle)
		ring = append(ring, orb.Point{c[0] + radius*d*cos, c[1] + radius*d*sin})
	}
	return append(ring, ring[0])
}

// BenchmarkMatch is everything from bytes of CSV to bytes of CSV, the zones loaded before. ns/row is CPU time of all
// threads.
func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		f := newBenchField(1, n, 200_000)
		for _, form := range []string{"tree", "compiled"} {
			b.Run(fmt.Sprintf("zones=%d/%s", n, form), func(b *testing.B) { benchMatch(b, f, form == "compiled") })
		}
	}
}

func benchMatch(b *testing.B, f benchField, compiled bool) {
	var m matcher
	if err := m.zones.load(strings.NewReader(f.zones)); err != nil {
		b.Fatal(err)
	}
	m.zones.after = math.MaxInt64
	if compiled {
		m.zones.after = 0
		m.zones.compileOnceWorth()
	}
	b.SetBytes(int64(len(f.points)))
	b.ReportAllocs()
	b.ResetTimer()
	cpu := cpuTime(b)
	for b.Loop() {
		if err := m.points(context.Background(), bytes.NewReader(f.points), io.Discard, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((cpuTime(b)-cpu).Nanoseconds())/float64(b.N*f.rows), "cpu-ns/row")
	b.ReportMetric(float64(b.N*f.rows)/b.Elapsed().Seconds(), "rows/s")
}

// cpuTime is what this process has used of all cores.
func cpuTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
