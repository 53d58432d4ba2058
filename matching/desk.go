package matching

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

const (
	together = 64                   // how many are written at once
	longest  = 10 * time.Second     // a batch takes at most
	company  = 2 * time.Millisecond // whoever comes first waits for others: who is rung answers when the others of the round do, and a batch costs about what one does
)

// desk lets what is asked of a tenant while a batch is being written form the next one: one transaction for all of it. It starts no
// goroutine: the caller who comes first writes the batch for all who came with them.
type desk[Q, A any] struct {
	log   *slog.Logger
	write func(context.Context, tenant.ID, []Q) ([]A, error) // one transaction: all or nothing
	apart func(a, b Q) bool                                  // whether two may not be in one batch; nil: any may
	twice func(Q) bool                                       // whether it may be written again when nobody knows whether it was; nil: any may

	mu    sync.Mutex
	lanes map[tenant.ID]*lane[Q, A] // guarded by mu
}

// lane is one tenant's; there while a batch of theirs is being written.
type lane[Q, A any] struct{ waiting []*turn[Q, A] }

type turn[Q, A any] struct {
	ask   Q
	lead  chan struct{} // closed: this one's caller writes the next batch
	done  chan struct{} // closed: answered
	reply A
	err   error
}

func newDesk[Q, A any](log *slog.Logger, write func(context.Context, tenant.ID, []Q) ([]A, error)) *desk[Q, A] {
	return &desk[Q, A]{log: log, write: write, lanes: map[tenant.ID]*lane[Q, A]{}}
}

// submit waits for the answer to q.
func (d *desk[Q, A]) submit(ctx context.Context, t tenant.ID, q Q) (none A, _ error) {
	x := &turn[Q, A]{ask: q, lead: make(chan struct{}), done: make(chan struct{})}
	l, first := d.join(t, x)
	if first {
		time.Sleep(company)
	}
	select {
	case <-x.lead:
		d.fly(ctx, t, l)
	case <-x.done:
	case <-ctx.Done():
		d.leave(l, x)
		select {
		case <-x.lead: // chosen at the last moment: the others must not wait for ever
			d.fly(ctx, t, l)
		default:
		}
		return none, ctx.Err()
	}
	return x.reply, x.err
}

// join says whether nobody was there before.
func (d *desk[Q, A]) join(t tenant.ID, x *turn[Q, A]) (l *lane[Q, A], first bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l = d.lanes[t]
	if first = l == nil; first {
		l = &lane[Q, A]{}
		d.lanes[t] = l
		close(x.lead)
	}
	l.waiting = append(l.waiting, x)
	return l, first
}

// leave takes something back whose caller went away, unless a batch has it already. Who was chosen to lead stays: nobody else is.
func (d *desk[Q, A]) leave(l *lane[Q, A], x *turn[Q, A]) {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-x.lead:
		return
	default:
	}
	l.waiting = slices.DeleteFunc(l.waiting, func(o *turn[Q, A]) bool { return o == x })
}

// fly writes a batch, and lets the first of those who came meanwhile write the next. Its leader is in it.
func (d *desk[Q, A]) fly(ctx context.Context, t tenant.ID, l *lane[Q, A]) {
	batch := d.board(l)
	defer d.land(t, l, batch)
	d.attempt(ctx, t, batch)
}

func (d *desk[Q, A]) board(l *lane[Q, A]) (batch []*turn[Q, A]) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var rest []*turn[Q, A]
	for _, x := range l.waiting {
		if len(batch) == together || d.apart != nil && slices.ContainsFunc(batch, func(o *turn[Q, A]) bool { return d.apart(o.ask, x.ask) }) {
			rest = append(rest, x)
		} else {
			batch = append(batch, x)
		}
	}
	l.waiting = rest
	return batch
}

func (d *desk[Q, A]) land(t tenant.ID, l *lane[Q, A], batch []*turn[Q, A]) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, x := range batch {
		close(x.done)
	}
	if len(l.waiting) > 0 {
		close(l.waiting[0].lead)
	} else {
		delete(d.lanes, t)
	}
}

// attempt answers everybody, together if that works, else in ever smaller parts, so that one that the database itself throws out ends
// up alone. A refusal is an answer.
func (d *desk[Q, A]) attempt(ctx context.Context, t tenant.ID, batch []*turn[Q, A]) {
	err := d.try(ctx, t, batch)
	if err == nil {
		return
	}
	d.log.Warn("matching: a batch failed", "tenant", t, "requests", len(batch), "error", err)
	if len(batch) > 1 && !store.Broken(err) {
		half := len(batch) / 2
		d.attempt(ctx, t, batch[:half])
		d.attempt(ctx, t, batch[half:])
		return
	}
	for i, x := range batch {
		again := store.Broken(err) || store.Duplicate(err)
		if store.Unknown(err) {
			again = d.twice == nil || d.twice(x.ask) // perhaps it was done
		}
		x.err = err
		if again {
			x.err = d.try(ctx, t, batch[i:i+1])
		}
		if store.Broken(x.err) {
			x.err = fault.New("unavailable").After(time.Second).Because(x.err)
		}
	}
}

// try has its own context: the callers' end when their callers go away, and the batch is everybody's.
func (d *desk[Q, A]) try(ctx context.Context, t tenant.ID, batch []*turn[Q, A]) (err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longest)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("matching: panic in a batch: %v", p)
		}
	}()
	asks := make([]Q, len(batch))
	for i, x := range batch {
		asks[i] = x.ask
	}
	replies, err := d.write(ctx, t, asks)
	if err == nil {
		for i, x := range batch {
			x.reply, x.err = replies[i], nil
		}
	}
	return err
}
