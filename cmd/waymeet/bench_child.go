package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/waymeet/waymeet/internal/devstack"
	"github.com/waymeet/waymeet/realtime/bench"
)

// benchChild is this binary once more, as a process that a bench measures or measures with.
type benchChild struct {
	*devstack.Program
	verb    string
	in      *os.File // its standard input: it ends with us when that closes
	out     *os.File
	answers *json.Decoder
	log     *os.File // its standard error: a file without a name, gone with the last who has it open
}

// startBenchChild starts a command of this binary with an environment of the stack.
func startBenchChild(environ []string, verb ...string) (_ *benchChild, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	c := &benchChild{verb: strings.Join(verb, " ")}
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	if c.log, err = os.CreateTemp("", "waymeet-bench-*.log"); err != nil {
		return nil, err
	}
	if err := os.Remove(c.log.Name()); err != nil {
		return nil, err
	}
	theirIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirIn.Close()
	c.in = in
	out, theirOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirOut.Close()
	c.out, c.answers = out, json.NewDecoder(out)
	cmd := exec.Command(self, verb...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirIn, theirOut, c.log
	cmd.Env = os.Environ()
	for _, v := range variables { // what the caller's shell says of another installation
		cmd.Env = append(cmd.Env, v.name+"=")
	}
	cmd.Env = append(cmd.Env, environ...)
	c.Program, err = devstack.StartProgram(cmd)
	return c, err
}

// stop ends it at once: nothing of it is kept, and a node's polite goodbye takes seconds.
func (c *benchChild) stop() error {
	defer c.close()
	return c.Stop(0)
}

func (c *benchChild) close() {
	for _, f := range []*os.File{c.in, c.out, c.log} {
		if f != nil {
			_ = f.Close()
		}
	}
}

// said is what it has logged.
func (c *benchChild) said() string {
	b, _ := io.ReadAll(io.NewSectionReader(c.log, 0, 1<<20))
	return string(b)
}

// failed adds to an error what the process said last.
func (c *benchChild) failed(err error) error {
	said := c.said()
	return fmt.Errorf("%s: %w; its last words:\n%s", c.verb, err, said[max(0, len(said)-2000):])
}

// read reads one line of its answers.
func (c *benchChild) read(ctx context.Context, into any) error {
	// Whoever waits here waits for the process: when the bench is to end, it ends first.
	defer context.AfterFunc(ctx, func() { _ = c.Stop(0) })()
	err := c.answers.Decode(into)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return c.failed(err)
	}
	return nil
}

// ask has a generator obey.
func (c *benchChild) ask(ctx context.Context, o bench.Order) (a bench.Answer, err error) {
	if err := json.NewEncoder(c.in).Encode(o); err != nil {
		return a, c.failed(err)
	}
	if err := c.read(ctx, &a); err != nil {
		return a, err
	}
	if a.Error != "" {
		return a, fmt.Errorf("%s: %s", c.verb, a.Error)
	}
	return a, nil
}

// startLoad starts a generator.
func startLoad() (*benchChild, error) { return startBenchChild(nil, "bench", "load") }

// benchServer is what a generator is set on.
type benchServer struct {
	*benchChild
	addr string
}

func startFloor(ctx context.Context) (*benchServer, error) {
	c, err := startBenchChild(nil, "bench", "floor")
	if err != nil {
		return nil, err
	}
	var at bench.FloorReady
	if err := c.read(ctx, &at); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	return &benchServer{c, at.Addr}, nil
}

// startNode starts `waymeet serve` as an operator would, and waits until it may be sent traffic.
func (s *stack) startNode(ctx context.Context, i int) (_ *benchServer, err error) {
	return startNodeOn(ctx, s.environ(), i)
}

// startNodeOn does so on the servers that environ names.
func startNodeOn(ctx context.Context, environ []string, i int) (_ *benchServer, err error) {
	c, err := startBenchChild(append(environ,
		"WAYMEET_LISTEN=127.0.0.1:0", "WAYMEET_PUBLIC_URL=http://127.0.0.1", "WAYMEET_NODE="+nodeName(i),
		"WAYMEET_TRUSTED_PROXIES=127.0.0.0/8", // riders come from many addresses, and are paced by them
	), "serve")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.stop())
		}
	}()
	n := &benchServer{benchChild: c}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		select {
		case <-ctx.Done():
			return nil, c.failed(ctx.Err())
		case <-c.Ended():
			return nil, c.failed(errors.New("it ended"))
		case <-time.After(20 * time.Millisecond):
		}
		if n.addr == "" {
			n.addr = addrIn(c.said())
		} else if n.ready(ctx) {
			return n, nil
		}
	}
}

// addrIn finds the line of a node's log that says where it serves.
func addrIn(log string) string {
	for text := range strings.Lines(log) {
		var line struct{ Msg, Addr string }
		if json.Unmarshal([]byte(text), &line) == nil && line.Msg == "serving" {
			return line.Addr
		}
	}
	return ""
}

func (n *benchServer) ready(ctx context.Context) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.addr+"/readyz", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK
}
