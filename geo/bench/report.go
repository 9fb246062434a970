package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// report writes what was measured.
type report struct {
	out, notes io.Writer
	only       *regexp.Regexp
	unmet      []string
	wrong      int // answers of ours that are not the exact ones
}

// measure is one line. Without peerName there was no peer to compare with.
type measure struct {
	name     string
	ours     float64
	peer     float64
	peerName string
	unit     string // of ours and peer, written behind them
	goal     goal
}

// goal is what a measure should reach; the zero value asks for nothing.
type goal struct {
	text string
	met  func(m measure) bool
	over bool // it speaks of ours over the peer's, not of the peer's over ours
}

// atLeastTimes is met when ours is at most 1/n of the peer's.
func atLeastTimes(n float64) goal {
	return goal{text: ">=" + number(n) + "x", met: func(m measure) bool { return m.peerName != "" && m.peer/m.ours >= n }}
}

// atMostTimes is met when ours is at most n times the peer's.
func atMostTimes(n float64) goal {
	return goal{text: "<=" + number(n) + "x", met: func(m measure) bool { return m.peerName != "" && m.ours/m.peer <= n }, over: true}
}

// atMost is met when ours is at most n units.
func atMost(n float64, unit string) goal {
	return goal{text: "<=" + number(n) + unit, met: func(m measure) bool { return m.ours <= n }}
}

func newReport(out, notes io.Writer, only *regexp.Regexp) *report {
	return &report{out: out, notes: notes, only: only}
}

// wants reports whether any of the names is asked for.
func (r *report) wants(names ...string) bool {
	if r.only == nil {
		return true
	}
	for _, n := range names {
		if r.only.MatchString(n) {
			return true
		}
	}
	return false
}

// line writes a measure, if it is asked for.
func (r *report) line(m measure) {
	if !r.wants(m.name) {
		return
	}
	peer, name, ratio := "-", "-", "-"
	if m.peerName != "" {
		peer, name = number(m.peer)+m.unit, m.peerName
		if m.goal.over {
			ratio = number(m.ours/m.peer) + "x"
		} else {
			ratio = number(m.peer/m.ours) + "x"
		}
	}
	r.write(m.name, number(m.ours)+m.unit, peer, name, ratio, m.goal)
	if m.goal.met != nil && !m.goal.met(m) {
		r.unmet = append(r.unmet, fmt.Sprintf("%s: %s, ratio %s, goal %s", m.name, number(m.ours)+m.unit, ratio, m.goal.text))
	}
}

// missing writes that a peer, which may be the best, could not be measured.
func (r *report) missing(name, peerName string, g goal, why error) {
	if !r.wants(name) {
		return
	}
	r.write(name, "-", "missing", peerName, "-", g)
	r.unmet = append(r.unmet, fmt.Sprintf("%s: %s is missing: %v", name, peerName, why))
}

func (r *report) write(name, ours, peer, peerName, ratio string, g goal) {
	text := g.text
	if text == "" {
		text = "-"
	}
	fmt.Fprintf(r.out, "%s\t%s\t%s\t%s\t%s\t%s\n", name, ours, peer, peerName, ratio, text)
}

// note writes a remark that is no measure.
func (r *report) note(format string, args ...any) { fmt.Fprintf(r.notes, format+"\n", args...) }

// summary says which goals were not met, and whether answers were wrong.
func (r *report) summary() {
	if r.wrong > 0 {
		r.note("WRONG ANSWERS: %d of ours are not the exact ones", r.wrong)
	}
	if len(r.unmet) == 0 {
		r.note("all goals met")
		return
	}
	r.note("unmet: %d", len(r.unmet))
	for _, u := range r.unmet {
		r.note("  %s", u)
	}
}

// machine says what it was measured on.
func (r *report) machine(o options) {
	model := "unknown processor"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, ok := strings.Cut(string(b), "model name"); ok {
			line, _, _ := strings.Cut(rest, "\n")
			model = strings.TrimLeft(line, "\t :")
		}
	}
	r.note("%s, %d CPUs, %s %s/%s; seed %d, %d points, %d rounds", model, runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH,
		o.seed, o.points, o.rounds)
	r.write("NAME", "OURS", "PEER", "PEER_NAME", "RATIO", goal{text: "GOAL"})
}

// number writes three significant digits, or all of a whole number.
func number(v float64) string {
	if v >= 999.5 || v == math.Trunc(v) {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}
