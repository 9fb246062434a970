//go:build !linux

package tracker_test

import "time"

var began = time.Now()

// cpu and threadCPU are the time that passed, where processor time isn't to be had.
func cpu() time.Duration       { return time.Since(began) }
func threadCPU() time.Duration { return cpu() }
