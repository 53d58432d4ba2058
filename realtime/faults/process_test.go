package faults

import (
	"bufio"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// process is a program of this test that can be killed, stopped and started again.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended and was reaped
	said  *said
}

// run starts it so that it does not outlive this one.
func run(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, ended: make(chan struct{}), said: &said{}}
	cmd.SysProcAttr = orphan()
	out, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // orphan's thread
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.said.read(out)
		_ = cmd.Wait() // how it ended is in ProcessState
		close(p.ended)
	}()
	return p, <-started
}

func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) } // it may have ended

// kill ends it at once, whatever state it is in.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// said is the end of a log as it grows.
type said struct {
	mu    sync.Mutex
	lines []string // guarded by mu
	alarm []string // guarded by mu: from the first line on that no program should ever say
}

const keptLines, keptAlarm = 40, 120

func alarming(line string) bool {
	return strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") || strings.HasPrefix(line, "WARNING: DATA RACE")
}

func (s *said) read(r io.Reader) {
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		s.mu.Lock()
		if s.lines = append(s.lines, in.Text()); len(s.lines) > keptLines {
			s.lines = s.lines[len(s.lines)-keptLines:]
		}
		if (len(s.alarm) > 0 || alarming(in.Text())) && len(s.alarm) < keptAlarm {
			s.alarm = append(s.alarm, in.Text())
		}
		s.mu.Unlock()
	}
	_, _ = io.Copy(io.Discard, r) // a line too long to scan must not hold the process up
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}

// tell shows a log's end when a test has failed, and fails it for an alarm.
func (s *said) tell(t *testing.T, who string) {
	s.mu.Lock()
	alarm := strings.Join(s.alarm, "\n")
	s.mu.Unlock()
	if alarm != "" {
		t.Errorf("%s said:\n%s", who, alarm)
	} else if t.Failed() {
		t.Logf("the last words of %s:\n%s", who, s)
	}
}
