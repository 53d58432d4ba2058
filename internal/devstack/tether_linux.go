package devstack

import (
	"os/exec"
	"syscall"
)

// tether starts cmd with a death signal: the kernel sends it when the calling
// thread ends, kill -9 included.
func tether(cmd *exec.Cmd, death syscall.Signal) (untie func(), err error) {
	cmd.SysProcAttr.Pdeathsig = death
	return func() {}, cmd.Start()
}
