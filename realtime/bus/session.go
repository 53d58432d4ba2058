package bus

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// atOnce is how many subjects one SUBSCRIBE names.
const atOnce = 512

// session is the life of one connection: it ends with the first error, because after
// one nobody knows what was missed.
func (b *Bus) session(ctx context.Context) error {
	ps := b.client.Subscribe(ctx)
	s := &session{bus: b, ps: ps, over: make(chan struct{})}
	b.mu.Lock()
	clear(b.owed)
	b.todo = b.todo[:0]
	for name, in := range b.subjects {
		in.sent = false
		b.todo = append(b.todo, order{channel: name})
	}
	b.mu.Unlock()
	var wg sync.WaitGroup
	wg.Go(func() { s.end(s.command(ctx)) })
	wg.Go(func() { s.end(s.watch(ctx)) })
	s.end(s.receive(ctx))
	wg.Wait()
	b.down()
	return s.err
}

type session struct {
	bus   *Bus
	ps    *redis.PubSub
	heard atomic.Int64 // unix nanoseconds of the last word from Redis
	once  sync.Once
	over  chan struct{}
	err   error
}

func (s *session) end(err error) {
	s.once.Do(func() {
		s.err = err
		close(s.over)
		_ = s.ps.Close()
	})
}

var errSilent = errors.New("bus: redis says nothing")

// watch finds the connection that died without a word.
func (s *session) watch(ctx context.Context) error {
	silence := s.bus.cfg.Silence
	s.heard.Store(time.Now().UnixNano())
	tick := time.NewTicker(silence / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.over:
			return nil
		case <-tick.C:
		}
		if time.Since(time.Unix(0, s.heard.Load())) > silence {
			return errSilent
		}
		if err := s.ps.Ping(ctx); err != nil {
			return err
		}
	}
}

// command sends what Listen and Forget ordered, in their order, many in one command.
func (s *session) command(ctx context.Context) error {
	for {
		for batch := s.bus.take(); len(batch) > 0; batch = s.bus.take() {
			names := make([]string, len(batch))
			for i, o := range batch {
				names[i] = o.channel
			}
			send := s.ps.Subscribe
			if batch[0].leave {
				send = s.ps.Unsubscribe
			}
			if err := send(ctx, names...); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.over:
			return nil
		case <-s.bus.wake:
		}
	}
}

// take returns the next orders of one sort.
func (b *Bus) take() []order {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for n < len(b.todo) && n < atOnce && b.todo[n].leave == b.todo[0].leave {
		o := b.todo[n]
		if !o.leave {
			b.owed[o.channel]++
			if in := b.subjects[o.channel]; in != nil {
				in.sent = true
			}
		}
		n++
	}
	batch := append([]order(nil), b.todo[:n]...)
	b.todo = append(b.todo[:0], b.todo[n:]...)
	return batch
}

func (s *session) receive(ctx context.Context) error {
	for {
		got, err := s.ps.ReceiveTimeout(ctx, 0)
		if err != nil {
			return err
		}
		s.heard.Store(time.Now().UnixNano())
		switch m := got.(type) {
		case *redis.Message:
			s.bus.cfg.Receive(subjectOf(m.Channel), m.Payload)
		case *redis.Subscription:
			if m.Kind == "subscribe" {
				s.bus.confirm(m.Channel)
			}
		}
	}
}

// confirm notes Redis' answer. Of a subject that was left and wanted again, only the last
// answer counts: between the earlier one and it, Redis does not deliver.
func (b *Bus) confirm(name string) {
	b.mu.Lock()
	b.owed[name]--
	owed := b.owed[name]
	if owed <= 0 {
		delete(b.owed, name)
	}
	in := b.subjects[name]
	if in != nil && in.sent && !in.confirmed && owed <= 0 {
		in.confirmed = true
		close(in.done)
	}
	rising := !b.up && len(b.owed) == 0 && len(b.todo) == 0
	if rising {
		b.up = true
	}
	b.mu.Unlock()
	if rising && b.cfg.State != nil {
		b.cfg.State(true)
	}
}

// down releases those who wait for a confirmation: it will come with the next session.
func (b *Bus) down() {
	b.mu.Lock()
	fell := b.up
	b.up = false
	for _, in := range b.subjects {
		if !in.confirmed {
			close(in.done)
		}
		in.confirmed, in.done = false, make(chan struct{})
	}
	b.mu.Unlock()
	if fell && b.cfg.State != nil {
		b.cfg.State(false)
	}
}
