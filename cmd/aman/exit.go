package main

// exitError carries the exit code of a command that ended in an orderly way but not well.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string { return e.err.Error() }
func (e exitError) Unwrap() error { return e.err }
