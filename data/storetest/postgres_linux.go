package storetest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// dieWithParent makes the server end when the test process does, however that
// comes about: SIGQUIT, as nobody will miss its files' last state.
func dieWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGQUIT }

// processTime is the processor time of a process, of its children that have ended
// and of those that run, by proc(5): in hundredths of a second.
func processTime(pid int) time.Duration {
	own, _ := processStat(strconv.Itoa(pid))
	ticks := own.used + own.ended
	all, _ := filepath.Glob("/proc/[0-9]*") // the pattern is good
	for _, dir := range all {
		if st, ok := processStat(filepath.Base(dir)); ok && st.parent == pid {
			ticks += st.used + st.ended
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

type stat struct {
	parent      int
	used, ended int64 // ticks of its own, of children that have ended
}

// processStat reads a process's counters; ok is false when it is gone.
func processStat(pid string) (st stat, ok bool) {
	text, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return st, false
	}
	_, rest, _ := strings.Cut(string(text), ") ") // after the name, which may hold anything
	var state string
	var skip, user, system, endedUser, endedSystem int64
	_, err = fmt.Sscan(rest, &state, &st.parent, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &skip,
		&user, &system, &endedUser, &endedSystem)
	st.used, st.ended = user+system, endedUser+endedSystem
	return st, err == nil
}
