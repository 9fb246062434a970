package storetest

import "syscall"

// dieWithParent makes the server end when the test process does, however that
// comes about: SIGQUIT, as nobody will miss its files' last state.
func dieWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGQUIT }
