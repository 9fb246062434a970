package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"

	"aman/geo"
)

// zoneSet are the zones that points are matched with. They can be asked as soon as they are read; compiling them
// takes a while and makes every further answer quicker, so that is done once there are enough points for it to pay.
type zoneSet struct {
	index atomic.Pointer[geo.Index]
	// ends holds what follows the point's id in a row of output, by number in the index, which is the order in the
	// file, and by verdict.
	ends [][geo.Inside + 1][]byte

	spare     *geo.Index // the same areas; belongs to the goroutine that sets compiling
	vertices  int
	after     int64        // rows
	rows      atomic.Int64 // matched so far
	compiling atomic.Bool
}

// load reads all zones; a bad one refuses all. Areas are prepared while the next ones are read.
func (z *zoneSet) load(r io.Reader) error {
	index := geo.NewIndex()
	shapes := make(chan orb.MultiPolygon, 64)
	var wg sync.WaitGroup
	wg.Go(func() {
		for mp := range shapes {
			a := geo.NewArea(mp)
			z.vertices += a.Vertices()
			index.Set(uint32(index.Len()), a)
		}
	})
	seen := map[string]int{}
	err := geo.EachFeature(r, geo.Limits{}, func(f geo.Feature) error {
		if first, ok := seen[f.ID]; ok {
			return &geo.ShapeError{
				Path: fmt.Sprintf("features[%d]", f.Index), Rule: "duplicate_zone_id",
				Detail: fmt.Sprintf("the id %q is that of features[%d]", f.ID, first),
			}
		}
		seen[f.ID] = f.Index
		z.ends = append(z.ends, rowEnds(f.ID))
		shapes <- f.Shape
		return nil
	})
	close(shapes)
	wg.Wait()
	z.spare = index.Copy()
	z.index.Store(index)
	z.after = z.worth()
	var bad *geo.ShapeError
	if errors.As(err, &bad) {
		return fmt.Errorf("%w (rule %s)", err, bad.Rule)
	}
	return err
}

// rowEnds returns how rows about a zone end, by verdict.
func rowEnds(zone string) (ends [geo.Inside + 1][]byte) {
	for v := range ends {
		end := appendField([]byte{','}, []byte(zone))
		end = append(end, ',')
		end = append(end, geo.Verdict(v).String()...)
		ends[v] = append(end, '\n')
	}
	return ends
}

// compileFor says how many rows there will be; negative: there is no telling. Then compiling begins when it would
// have paid already, which is never worse than twice the best.
func (z *zoneSet) compileFor(rows int64) {
	switch {
	case rows > z.worth():
		z.after = 0
	case rows >= 0:
		z.after = math.MaxInt64
	}
}

// worth is for how many rows it pays to compile: that takes about half as long for a vertex as it saves with a row.
func (z *zoneSet) worth() int64 { return int64(z.vertices / 2) }

// compileOnceWorth compiles the zones, once, if it is time; others go on with what there is.
func (z *zoneSet) compileOnceWorth() {
	if z.rows.Load() < z.after || !z.compiling.CompareAndSwap(false, true) {
		return
	}
	c, err := z.spare.Compile()
	if err != nil {
		return // a set too large to compile is matched as it is: the answers are the same
	}
	z.spare.Adopt(c)
	z.index.Store(z.spare)
}

// rowsIn estimates how many rows a file has by its size and what it begins with; negative: there is no telling.
func rowsIn(r io.Reader, begin []byte) int64 {
	f, ok := r.(*os.File)
	if !ok || len(begin) == 0 {
		return -1
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return -1
	}
	return int64(float64(info.Size()) / float64(len(begin)) * float64(countLines(begin)))
}
