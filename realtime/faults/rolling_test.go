package faults

import (
	"bytes"
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// drained is how long a node may take to send its clients away: the goodbye is four seconds, ends of requests come on top.
const drained = 10 * time.Second

// TestRollingRestart: each node in turn is asked to end and started again, under load. It says that it is not ready, tells
// its clients when to come back, closes with 1012 whoever is still there, and ends with 0; and nothing is lost.
func TestRollingRestart(t *testing.T) {
	needServers(t)
	t.Parallel() // of those two neither breaks a server, and both mostly wait
	w := newWorld(t, 3, 4, 10)
	w.patience = 2 * drained // a call that was under way is made again elsewhere
	v := w.voice(t)
	here, away := w.people(1)
	here = append(here, away...)
	for i := range here {
		if here[i].Manner != lossy {
			here[i].Manner = steady
		}
	}
	c := gather(w.addresses(), here)
	t.Cleanup(c.end)
	if r := c.settle(time.Now().Add(promise), w.truths(t, here)); len(r.Wrong) > 0 {
		t.Fatal(r.Wrong[0])
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := &wrote{}
	finished := w.write(ctx, v, 1, done)
	for _, n := range w.nodes {
		if err := n.answers("/readyz", http.StatusOK); err != nil {
			t.Fatal(err)
		}
		stubborn := w.stay(t, n)
		asked := time.Now()
		unready := make(chan error, 1)
		go func() { unready <- n.answers("/readyz", http.StatusServiceUnavailable) }()
		if err := n.leave(); err != nil {
			t.Fatal(err)
		}
		took := time.Since(asked)
		if err := <-unready; err != nil {
			t.Errorf("a balancer was not told: %v", err)
		}
		if err := <-stubborn; websocket.CloseStatus(err) != websocket.StatusServiceRestart {
			t.Errorf("%s: a client that stays was closed with: %v", n.name, err)
		}
		if took > drained {
			t.Errorf("%s took %v", n.name, took)
		}
		if err := n.revive(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s was gone after %v", n.name, took.Round(time.Millisecond))
	}
	stop()
	finished()
	c.calm()
	r := c.settle(time.Now(), w.truths(t, here))
	w.judge(t, "after the restart", r)
	t.Logf("%s; then %v: %s", done, r.Took.Round(time.Millisecond), r)
	if n := done.failed.Load(); n > 0 {
		t.Errorf("%d changes failed", n)
		done.why.Range(func(why, _ any) bool { t.Log(why); return true })
	}
	if r.Byes < uint64(len(here)) || r.Connections < 2*uint64(len(here)) {
		t.Errorf("%d goodbyes and %d connections of %d clients, who each were on some node", r.Byes, r.Connections, len(here))
	}
}

// stay connects to a node and does not leave when it is told to. What comes back is how that ended.
func (w *world) stay(t *testing.T, n *server) <-chan error {
	t.Helper()
	ws, res, err := websocket.Dial(t.Context(), "ws://"+n.addr+"/v1/realtime", &websocket.DialOptions{
		Subprotocols: []string{"waymeet.v1"}, HTTPHeader: http.Header{"Authorization": {"Bearer " + w.users[0].token}}})
	if err != nil {
		t.Fatal(err, res)
	}
	ended := make(chan error, 1)
	go func() {
		bye := false
		for {
			_, msg, err := ws.Read(context.Background())
			if err != nil {
				if !bye {
					t.Errorf("%s said nothing before it closed", n.name)
				}
				ended <- err
				return
			}
			bye = bye || bytes.Contains(msg, []byte(`{"bye":{"reason":"drain"`))
		}
	}()
	return ended
}
