package main

import (
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// threadTime returns the CPU time that this thread has used.
func threadTime() time.Duration { return cpuTime(unix.CLOCK_THREAD_CPUTIME_ID) }

// processTime returns the CPU time that all threads of this process have used: for work on more than one goroutine.
func processTime() time.Duration { return cpuTime(unix.CLOCK_PROCESS_CPUTIME_ID) }

func cpuTime(clock int32) time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(clock, &ts); err != nil {
		panic("no clock of CPU time: " + err.Error()) // Linux has both since 2.6
	}
	return time.Duration(ts.Nano())
}

// withoutGC runs f after a collection and with the collector off: what one contestant leaves behind must not be
// cleared on another's time.
func withoutGC(f func()) {
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	f()
}

// onThread returns the CPU time of f on this thread.
func onThread(f func()) (d time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	withoutGC(func() {
		start := threadTime()
		f()
		d = threadTime() - start
	})
	return d
}

// median returns the middle of d, the lower one of two; d is sorted thereby.
func median(d []float64) float64 {
	slices.Sort(d)
	return d[(len(d)-1)/2]
}
