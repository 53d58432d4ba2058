package faults

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a program of this test that can be killed, stopped and started again.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended and was reaped
	said  *said
}

// run starts it so that it does not outlive this one. line gets what it says on standard error.
func run(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, ended: make(chan struct{}), said: &said{news: make(chan struct{})}}
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

func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// kill ends it at once, whatever state it is in.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// said is a log as it grows: its last lines, and what the lines with a message held.
type said struct {
	mu    sync.Mutex
	lines []string                  // guarded by mu
	by    map[string]map[string]any // guarded by mu; the last line of each message
	over  bool                      // guarded by mu
	news  chan struct{}             // guarded by mu: closed at the next line
}

const keptLines = 40

func (s *said) read(r io.Reader) {
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		s.add(in.Text(), false)
	}
	s.add("", true)
}

func (s *said) add(line string, over bool) {
	var fields map[string]any
	_ = json.Unmarshal([]byte(line), &fields) // a panic is no JSON, and is kept all the same
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = s.over || over
	if s.lines = append(s.lines, line); len(s.lines) > keptLines {
		s.lines = s.lines[len(s.lines)-keptLines:]
	}
	if msg, ok := fields["msg"].(string); ok {
		if s.by == nil {
			s.by = map[string]map[string]any{}
		}
		s.by[msg] = fields
	}
	close(s.news)
	s.news = make(chan struct{})
}

// await waits for a message.
func (s *said) await(message string, limit time.Duration) (map[string]any, error) {
	late := time.After(limit)
	for {
		s.mu.Lock()
		line, over, news := s.by[message], s.over, s.news
		s.mu.Unlock()
		switch {
		case line != nil:
			return line, nil
		case over:
			return nil, fmt.Errorf("it ended before it said %q: %s", message, s)
		}
		select {
		case <-news:
		case <-late:
			return nil, fmt.Errorf("it did not say %q in %v: %s", message, limit, s)
		}
	}
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}

// tell shows a log's end when a test has failed.
func (s *said) tell(t *testing.T, who string) {
	if t.Failed() {
		t.Logf("the last words of %s:\n%s", who, s)
	}
}
