package devstack

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// child is a server process that does not outlive this one.
type child struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended and was reaped
}

// startChild starts cmd as user u (nil: as ourselves), so that it receives
// death when this process ends for whatever reason.
func startChild(cmd *exec.Cmd, u *account, death syscall.Signal) (*child, error) {
	// A group of its own: Ctrl-C in a terminal reaches us, and we stop the servers in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if u != nil {
		cmd.SysProcAttr.Credential = u.credential()
	}
	c := &child{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The death signal comes when the forking *thread* ends: keep it as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		untie, err := tether(cmd, death)
		started <- err
		if err != nil {
			return
		}
		_ = cmd.Wait() // how it ended is in ProcessState
		untie()
		close(c.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("devstack: start %s: %w", cmd.Path, err)
	}
	return c, nil
}

func (c *child) pid() int { return c.cmd.Process.Pid }

func (c *child) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// step is one way to ask a process to end, and how long to wait for it.
type step struct {
	signal os.Signal
	wait   time.Duration
}

// stop sends the signals one after the other until the process has ended.
func (c *child) stop(steps ...step) error {
	for _, s := range append(steps, step{syscall.SIGKILL, 5 * time.Second}) {
		if c.ended() {
			return nil
		}
		_ = c.cmd.Process.Signal(s.signal) // it may end by itself meanwhile
		select {
		case <-c.done:
			return nil
		case <-time.After(s.wait):
		}
	}
	return fmt.Errorf("devstack: process %d of %s does not end", c.pid(), c.cmd.Path)
}
