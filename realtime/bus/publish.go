package bus

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Bounds of what may wait for Redis.
const (
	maxWaiting      = 32 << 10
	maxWaitingBytes = 64 << 20
	maxPipeline     = 1024
	publishTimeout  = 2 * time.Second
)

// publisher sends what has collected in one round trip, to each server of a cluster its
// part. In rooms of few subscribers the cost of a delivery is the cost of publishing, and
// batches that are 4 ms apart take a third off it. What comes alone goes at once, so that
// company costs a publication 2 ms on average.
type publisher struct {
	to     fleet
	window time.Duration
	counts *counters
	timer  *time.Timer // runs while something waits: one wake-up a batch
	mode   atomic.Int32
	anew   atomic.Bool // a session has begun since run last connected

	mu    sync.Mutex
	queue []publication // guarded by mu
	bytes int           // guarded by mu
	left  time.Time     // guarded by mu; when the last batch was taken
	over  bool          // guarded by mu; run has ended: nobody will take what is queued

	// Owned by run.
	client client
	cmds   []*redis.IntCmd
}

// How publications go out; the session asks Redis.
const (
	plain int32 = iota
	sharded
)

type publication struct {
	channel string
	payload []byte
	then    func(error)
}

func (p *publisher) init(to fleet, window time.Duration, counts *counters) {
	p.to, p.window, p.counts = to, window, counts
	p.timer = time.NewTimer(window)
	p.timer.Stop()
}

// reconnect is for a session that found Redis. Publications follow it to where Redis is
// now, past what go-redis remembers: after a few refused connections its pool does not
// try for a second, and each connection that died unnoticed costs a batch.
func (p *publisher) reconnect(mode int32) {
	p.mode.Store(mode)
	p.anew.Store(true)
}

func (p *publisher) add(subject string, payload []byte, then func(error)) {
	name, _ := channel(subject)
	p.mu.Lock()
	var refused error
	switch {
	case p.over:
		refused = ErrDown
	case len(p.queue) >= maxWaiting || p.bytes+len(payload) > maxWaitingBytes:
		refused = ErrFull
	}
	if refused != nil {
		p.mu.Unlock()
		p.answer([]publication{{then: then}}, refused)
		return
	}
	p.queue = append(p.queue, publication{name, payload, then})
	p.bytes += len(payload)
	if len(p.queue) == 1 {
		p.timer.Reset(p.window - time.Since(p.left))
	}
	p.mu.Unlock()
}

func (p *publisher) run(ctx context.Context) {
	defer p.timer.Stop()
	defer p.disconnect()
	for {
		select {
		case <-ctx.Done():
			p.mu.Lock()
			p.over = true
			p.mu.Unlock()
			p.answer(p.takeAll(), ErrDown)
			return
		case <-p.timer.C:
		}
		p.flush(ctx)
	}
}

func (p *publisher) takeAll() []publication {
	p.mu.Lock()
	defer p.mu.Unlock()
	work := p.queue
	p.queue, p.bytes, p.left = nil, 0, time.Now()
	return work
}

// flush sends everything that waits. What Redis does not take is dropped: changes
// are healed by the outbox's tail, signals are told.
func (p *publisher) flush(ctx context.Context) {
	work := p.takeAll()
	for len(work) > 0 {
		n := min(len(work), maxPipeline)
		err := p.send(ctx, work[:n])
		work = work[n:]
		if err != nil { // one timeout is enough: do not try the rest against a dead Redis
			p.answer(work, err)
			return
		}
	}
}

// send returns an error when nothing was taken. One server of a cluster may take its
// part while another does not.
func (p *publisher) send(ctx context.Context, work []publication) error {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	if p.anew.Swap(false) {
		p.disconnect()
		p.client = p.to.connect()
	}
	if p.client == nil {
		p.answer(work, ErrDown)
		return ErrDown
	}
	mode, pipe := p.mode.Load(), p.client.Pipeline()
	cmds := p.cmds[:0]
	for _, w := range work {
		if mode == sharded {
			cmds = append(cmds, pipe.SPublish(ctx, w.channel, w.payload))
		} else {
			cmds = append(cmds, pipe.Publish(ctx, w.channel, w.payload))
		}
	}
	_, err := pipe.Exec(ctx)
	taken := 0
	for _, c := range cmds {
		if c.Err() == nil {
			taken++
		}
	}
	p.counts.published.Add(uint64(taken)) // before anybody is told: who asks then finds it counted
	p.counts.dropped.Add(uint64(len(work) - taken))
	for i, w := range work {
		if w.then != nil {
			w.then(cmds[i].Err())
		}
	}
	clear(cmds) // their arguments are the payloads
	p.cmds = cmds
	if taken > 0 {
		return nil
	}
	return err
}

func (p *publisher) disconnect() {
	if p.client != nil {
		_ = p.client.Close() // nothing is under way
		p.client = nil
	}
}

func (p *publisher) answer(work []publication, err error) {
	p.counts.dropped.Add(uint64(len(work)))
	for _, w := range work {
		if w.then != nil {
			w.then(err)
		}
	}
}
