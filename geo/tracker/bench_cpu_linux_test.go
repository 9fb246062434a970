package tracker_test

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpu is the processor time of this process, garbage collection included.
func cpu() time.Duration { return clockOf(unix.CLOCK_PROCESS_CPUTIME_ID) }

// threadCPU is the processor time of the calling thread.
func threadCPU() time.Duration { return clockOf(unix.CLOCK_THREAD_CPUTIME_ID) }

func clockOf(id int32) time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(id, &ts); err != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}
