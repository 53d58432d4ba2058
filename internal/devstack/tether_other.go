//go:build unix && !linux

package devstack

import (
	"os/exec"
	"syscall"
)

// tether starts cmd with a watcher beside it, for systems without death signals.
func tether(cmd *exec.Cmd, death syscall.Signal) (untie func(), err error) {
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return watch(cmd.Process.Pid, death)
}
