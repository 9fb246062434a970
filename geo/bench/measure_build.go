package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"aman/geo"
)

// measureBuild measures how long it takes to compile zones, and the memory for that and for the result. Preparing
// the areas, which are there before and after, isn't part of it.
func (b *bench) measureBuild(s set, zs []zone) error {
	x := geo.NewIndex()
	for i, z := range zs {
		x.Set(uint32(i), geo.NewArea(z))
	}
	var rounds []float64
	var c *geo.Compiled
	for range b.rounds {
		c = nil
		runtime.GC()
		var err error
		start := processTime() // the collector's time too: building allocates
		c, err = x.Compile()
		rounds = append(rounds, float64(processTime()-start)/1000)
		if err != nil {
			return fmt.Errorf("compile: %w", err)
		}
	}
	final := float64(c.Bytes())
	n := float64(c.Vertices())
	c = nil
	peak, err := peakOf(func() error { _, err := x.Compile(); return err })
	if err != nil {
		return fmt.Errorf("compile: %w", err)
	}
	size := measure{name: "bytes-per-vertex-" + s.name, ours: final / n, unit: "B"}
	speed := measure{name: "build-per-vertex-" + s.name, ours: median(rounds) / n, unit: "us"}
	most := measure{name: "build-peak-" + s.name, ours: peak / final, unit: "x"}
	if s.heavy {
		size.goal, speed.goal, most.goal = atMost(32, "B"), atMost(0.5, "us"), atMost(3, "x")
	}
	b.report.line(size)
	b.report.line(speed)
	b.report.line(most)
	return nil
}

// peakOf returns by how many bytes what is reachable grew, at most, while f ran: as the collector found it, which is
// made to look again and again. What f allocates while the collector looks counts as reachable.
func peakOf(f func() error) (float64, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(2))
	runtime.GC()
	before := reachable()
	stop, result := make(chan struct{}), make(chan uint64)
	go func() {
		most := before
		tick := time.NewTicker(500 * time.Microsecond)
		defer tick.Stop()
		for {
			most = max(most, reachable())
			select {
			case <-stop:
				result <- most
				return
			case <-tick.C:
			}
		}
	}()
	err := f()
	close(stop)
	return float64(<-result - before), err
}

func reachable() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
