// Command bench measures package geo beside its peers: in one process, on the same zones and points, in rounds that
// give each its turn, by CPU time. It compares answers as well as times. README.md says what and how.
//
// Standard output gets one line a measure, tab-separated: NAME, OURS, PEER, PEER_NAME, RATIO, GOAL. Standard error
// gets what every peer did, which answers differ, and the goals that were not met. It ends with 1 if an answer of
// ours is wrong, with 2 if it can't measure, and otherwise with 0, goals met or not.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"syscall"
)

// options is what the command line says.
type options struct {
	seed   uint64
	rounds int
	points int
	only   *regexp.Regexp // nil for all
	full   bool
}

func main() {
	// The peers' server dies with the thread that started it, and CPU time is that of a thread: all that is measured
	// runs on this one.
	runtime.LockOSThread()
	o, err := parseOptions(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	b := newBench(o, newReport(os.Stdout, os.Stderr, o.only))
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-interrupted
		b.server.stop()
		os.Exit(130)
	}()
	err = b.run()
	b.server.stop()
	if err != nil {
		slog.Error("measure", slog.Any("error", err))
		os.Exit(2)
	}
	b.report.summary()
	if b.report.wrong > 0 {
		os.Exit(1)
	}
}

func parseOptions(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.Uint64Var(&o.seed, "seed", 1, "of the generator of zones and points")
	f.IntVar(&o.rounds, "rounds", 5, "turns that each contestant gets; the median counts")
	f.IntVar(&o.points, "points", 1_000_000, "in the questions which zones a point is in")
	f.BoolVar(&o.full, "full", false, "measure 10,000,000 people too: some minutes more")
	only := f.String("only", "", "measure only names that match this regular `expression`")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.rounds < 1 || o.points < 1000 {
		return o, errors.New("-rounds is at least 1, -points at least 1000")
	}
	if *only != "" {
		re, err := regexp.Compile(*only)
		if err != nil {
			return o, fmt.Errorf("read -only: %w", err)
		}
		o.only = re
	}
	return o, nil
}

// bench is one run.
type bench struct {
	options
	report *report
	places places
	server *postgis
	allocs float64 // a point, the most of any set
}

func newBench(o options, r *report) *bench {
	return &bench{options: o, report: r, server: new(postgis)}
}

// run measures everything that was asked for, smallest sets first.
func (b *bench) run() error {
	p, err := newPlaces()
	if err != nil {
		return err
	}
	b.places = p
	b.report.machine(b.options)
	asked := false
	for _, s := range allSets {
		if !b.report.wants(s.measures()...) {
			continue
		}
		asked = true
		if err := b.measureSet(s); err != nil {
			return fmt.Errorf("measure %s: %w", s.name, err)
		}
	}
	if asked {
		b.report.line(measure{name: "allocs", ours: b.allocs, goal: atMost(0, "")})
	}
	if b.report.wants("index-diff", "index-diff-allocs", "publish-5000") {
		if err := b.measureChange(); err != nil {
			return fmt.Errorf("measure change: %w", err)
		}
	}
	return b.measurePeople()
}
