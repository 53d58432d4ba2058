package faults

import "syscall"

// orphan has the kernel end a process when the thread that started it ends.
func orphan() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
