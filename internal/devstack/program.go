package devstack

import (
	"os/exec"
	"syscall"
	"time"
)

// Program is one of our own programs, kept like the servers: in a process group of its own, so that Ctrl-C reaches whoever
// started it first, and ended when that one ends for whatever reason.
type Program struct{ child *child }

// StartProgram starts cmd. Its output must go to files (os.Pipe makes some): a reader that exec would start is not waited for.
func StartProgram(cmd *exec.Cmd) (*Program, error) {
	c, err := startChild(cmd, nil, syscall.SIGTERM)
	if err != nil {
		return nil, err
	}
	return &Program{c}, nil
}

// PID is the process's id.
func (p *Program) PID() int { return p.child.pid() }

// Ended is closed when the process has ended.
func (p *Program) Ended() <-chan struct{} { return p.child.done }

// Stop asks the process to end, and kills it when that takes longer than patience. Calling it again does nothing.
func (p *Program) Stop(patience time.Duration) error {
	return p.child.stop(step{syscall.SIGTERM, patience})
}
