package devstack

import (
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A program that is tied to its parent ends with it, kill -9 included.
func TestTieToParent(t *testing.T) {
	t.Parallel()
	out, parent := role(t, "tying")
	line, err := out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || !alive(pid) {
		t.Fatalf("the helper says %q", line)
	}
	t.Cleanup(func() {
		if alive(pid) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	})
	if err := parent.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed
	if !until(5*time.Second, func() bool { return !alive(pid) }) {
		t.Error("it lives on")
	}
}
