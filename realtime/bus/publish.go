package bus

import (
	"context"
	"sync"
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

// publisher collects for a short while and sends all in one round trip. In rooms of
// few subscribers the cost of a delivery is the cost of publishing, and a window of
// 2 ms takes a quarter off it.
type publisher struct {
	client *redis.Client
	window time.Duration
	wake   chan struct{}

	mu    sync.Mutex
	queue []publication // guarded by mu
	bytes int           // guarded by mu
}

type publication struct {
	channel string
	payload []byte
	then    func(error)
}

func (p *publisher) init(client *redis.Client, window time.Duration) {
	p.client, p.window, p.wake = client, window, make(chan struct{}, 1)
}

func (p *publisher) add(subject string, payload []byte, then func(error)) {
	p.mu.Lock()
	if len(p.queue) >= maxWaiting || p.bytes+len(payload) > maxWaitingBytes {
		p.mu.Unlock()
		if then != nil {
			then(ErrFull)
		}
		return
	}
	p.queue = append(p.queue, publication{channel(subject), payload, then})
	p.bytes += len(payload)
	first := len(p.queue) == 1
	p.mu.Unlock()
	if first {
		select {
		case p.wake <- struct{}{}:
		default:
		}
	}
}

func (p *publisher) run(ctx context.Context) {
	timer := time.NewTimer(p.window)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			p.refuse()
			return
		case <-p.wake:
		}
		timer.Reset(p.window)
		select {
		case <-ctx.Done():
			p.refuse()
			return
		case <-timer.C:
		}
		p.flush(ctx)
	}
}

func (p *publisher) takeAll() []publication {
	p.mu.Lock()
	defer p.mu.Unlock()
	work := p.queue
	p.queue, p.bytes = nil, 0
	select { // this round takes what a wake-up meanwhile was for
	case <-p.wake:
	default:
	}
	return work
}

// flush sends everything that waits. What Redis does not take is dropped: changes
// are healed by the outbox's tail, signals are told.
func (p *publisher) flush(ctx context.Context) {
	work := p.takeAll()
	for len(work) > 0 {
		n := min(len(work), maxPipeline)
		err := p.send(ctx, work[:n])
		for _, w := range work[:n] {
			if w.then != nil {
				w.then(err)
			}
		}
		work = work[n:]
		if err != nil { // one timeout is enough: do not try the rest against a dead Redis
			answer(work, err)
			return
		}
	}
}

func (p *publisher) send(ctx context.Context, work []publication) error {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	pipe := p.client.Pipeline()
	for _, w := range work {
		pipe.Publish(ctx, w.channel, w.payload)
	}
	_, err := pipe.Exec(ctx)
	return err
}

func (p *publisher) refuse() { answer(p.takeAll(), ErrDown) }

func answer(work []publication, err error) {
	for _, w := range work {
		if w.then != nil {
			w.then(err)
		}
	}
}
