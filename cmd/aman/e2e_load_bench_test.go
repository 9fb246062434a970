//go:build bench

package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"aman/geo/tracker"
)

// TestLoad sends 1,000 deliveries a second for 30 seconds (AMAN_LOAD_RATE,
// AMAN_LOAD_SECONDS) to a service on SQLite, this program taking its part of the same
// processors, and prints how long they took from when they were due. Only what is
// stored wrongly fails it.
func TestLoad(t *testing.T) {
	setting := func(name string, n int) int {
		if v := os.Getenv(name); v != "" {
			var err error
			if n, err = strconv.Atoi(v); err != nil {
				t.Fatal(err)
			}
		}
		return n
	}
	rate, during := setting("AMAN_LOAD_RATE", 1000), time.Duration(setting("AMAN_LOAD_SECONDS", 30))*time.Second
	l := newLoad(t, 400, 1)
	res := l.run(t, rate, during)
	l.check(t, res)

	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "channel\tdeliveries\treports\tp50\tp95\tp99\tmax\t\n")
	line := func(what string, reports int, ts []time.Duration) {
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\t%s\t%s\t\n", what, len(ts), reports, millis(quantile(ts, 0.5)), millis(quantile(ts, 0.95)), millis(quantile(ts, 0.99)), millis(quantile(ts, 1)))
	}
	all, reports := res.all(), 0
	for ch := tracker.ChannelLink; ch <= tracker.ChannelOsmAnd; ch++ {
		if ts := res.took[ch]; len(ts) > 0 {
			line(ch.String(), res.distinct[ch], ts)
			reports += res.distinct[ch]
		}
	}
	line("all", reports, all)
	w.Flush()
	fmt.Printf("\n%d deliveries/s for %s, %d sent again, %s/%s, %d processors, Go %s, the service used %s of processor time\n\n%s\n",
		rate, during, res.again, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), seconds(res.cpu), &table)
}

// quantile is the q-th part of sorted times.
func quantile(ts []time.Duration, q float64) time.Duration {
	if len(ts) == 0 {
		return 0
	}
	return ts[min(int(q*float64(len(ts))), len(ts)-1)]
}

// all are the times of all channels, sorted.
func (r *loadResult) all() []time.Duration {
	var ts []time.Duration
	for _, t := range r.took {
		slices.Sort(t)
		ts = append(ts, t...)
	}
	slices.Sort(ts)
	return ts
}
