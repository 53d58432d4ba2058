package devstack

import (
	"fmt"
	"os"
	"syscall"
)

// TieToParent asks for SIGTERM when the process that started this one ends. It
// is for programs run by make or `go run`, which pass on no signal when killed.
// Call it from the main goroutine before anything else.
func TieToParent() error {
	parent := os.Getppid()
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uintptr(syscall.SIGTERM), 0); errno != 0 {
		return fmt.Errorf("devstack: tie to the parent process: %w", errno)
	}
	if os.Getppid() != parent { // it ended in between
		return syscall.Kill(os.Getpid(), syscall.SIGTERM)
	}
	return nil
}
