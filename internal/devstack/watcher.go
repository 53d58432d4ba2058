package devstack

import (
	"fmt"
	"os/exec"
	"strconv"
	"syscall"
)

// watch starts a shell that waits for its input to close, which happens when
// this process ends in any way, and then signals pid. It is what systems without
// death signals get; untie ends the shell without a signal.
func watch(pid int, death syscall.Signal) (untie func(), err error) {
	script := `read line; [ "$line" = untie ] || kill -"$1" "$2"`
	sh := exec.Command("/bin/sh", "-c", script, "watch", strconv.Itoa(int(death)), strconv.Itoa(pid))
	sh.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a terminal's Ctrl-C must not end the watcher first
	in, err := sh.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("devstack: watch process %d: %w", pid, err)
	}
	if err := sh.Start(); err != nil {
		return nil, fmt.Errorf("devstack: watch process %d: %w", pid, err)
	}
	return func() {
		_, _ = in.Write([]byte("untie\n")) // a watcher that is gone needs no telling
		_ = sh.Wait()
	}, nil
}
