package faults

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// distant is a crowd in a process of its own, which can be stopped as a phone's system stops an app.
type distant struct {
	*process
	in  io.WriteCloser
	out *bufio.Reader
}

// order is what the other process is told, one a line.
type order struct {
	Nodes   []string  `json:",omitempty"`
	Members []member  `json:",omitempty"`
	Calm    bool      `json:",omitempty"`
	Since   time.Time `json:",omitzero"`
	Truth   truths    `json:",omitempty"`
}

func gatherElsewhere(t *testing.T, nodes []string, members []member) *distant {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(cmd.Environ(), roleVar+"=crowd")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	d := &distant{in: in, out: bufio.NewReader(out)}
	if d.process, err = run(cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.kill(); d.said.tell(t, "the crowd elsewhere") })
	if err := d.tell(order{Nodes: nodes, Members: members}); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *distant) tell(o order) error { return json.NewEncoder(d.in).Encode(o) }

func (d *distant) calm() { _ = d.tell(order{Calm: true}) }

func (d *distant) settle(since time.Time, truth truths) (r report) {
	err := d.tell(order{Since: since, Truth: truth})
	if err == nil {
		err = json.NewDecoder(d.out).Decode(&r)
	}
	if err != nil {
		r.Wrong = append(r.Wrong, fmt.Sprintf("the crowd elsewhere is gone: %v", err))
	}
	return r
}

func (d *distant) sleep(on bool) {
	if on {
		d.signal(syscall.SIGSTOP)
	} else {
		d.signal(syscall.SIGCONT)
	}
}

// beCrowd is the other process.
func beCrowd() int {
	in := json.NewDecoder(os.Stdin)
	var c *crowd
	for {
		var o order
		if err := in.Decode(&o); err != nil {
			return 0 // the test is over
		}
		switch {
		case o.Members != nil:
			c = gather(o.Nodes, o.Members)
		case o.Calm:
			c.calm()
		default:
			if err := json.NewEncoder(os.Stdout).Encode(c.settle(o.Since, o.Truth)); err != nil {
				return 1
			}
		}
	}
}
