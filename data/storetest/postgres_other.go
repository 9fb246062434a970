//go:build !linux

package storetest

import (
	"syscall"
	"time"
)

// dieWithParent does nothing where the system has no such signal.
func dieWithParent(*syscall.SysProcAttr) {}

// processTime is 0 where the system doesn't say.
func processTime(int) time.Duration { return 0 }
