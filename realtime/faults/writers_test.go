package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/realtime/bus"
	"github.com/waymeet/waymeet/realtime/client"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/outbox"
)

// voice commits as a node does: to PostgreSQL, and then on the bus.
type voice struct {
	db  *store.DB
	bus *bus.Bus
}

// deaf is a sink of somebody who shows nothing.
type deaf struct{}

func (deaf) Committed(outbox.Entry) {}
func (deaf) Missed()                {}
func (deaf) Rewound(string)         {}
func (deaf) Alive(time.Time)        {}

func (w *world) voice(t *testing.T) *voice {
	t.Helper()
	db, err := store.Open(t.Context(), store.Config{AppURL: w.AppURL(), SystemURL: w.SystemURL(), MaxConns: 6})
	if err != nil {
		t.Fatal(err)
	}
	b, err := bus.Open(bus.Config{URL: w.redis.URL(), Logger: slog.New(slog.DiscardHandler), Receive: func([]bus.Delivery) {}})
	if err != nil {
		t.Fatal(err)
	}
	db.OnCommit((&outbox.Publisher{Bus: b, Sink: deaf{}}).Committed)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		db.Close()
	})
	return &voice{db, b}
}

// wrote counts what the writers did.
type wrote struct {
	loud, silent, calls, refused, failed atomic.Int64
	why                                  sync.Map // what failures said
	broken                               sync.Map // what was answered as if the node were broken
}

func (c *wrote) fail(err error) {
	c.failed.Add(1)
	c.why.Store(err.Error(), true)
}

func (c *wrote) note(done *atomic.Int64, err error) {
	if err != nil {
		c.fail(err)
	} else {
		done.Add(1)
	}
}

func (c *wrote) String() string {
	return fmt.Sprintf("%d changes told on the bus, %d silent, %d by calls (%d refused), %d failed", c.loud.Load(), c.silent.Load(), c.calls.Load(), c.refused.Load(), c.failed.Load())
}

// rarely is how many trips, the last, only the silent writer changes: there a lost change is not soon mended by the next.
func (w *world) rarely() int { return len(w.trips) / 4 }

// write changes trips until ctx ends; it returns when the last writer has.
func (w *world) write(ctx context.Context, v *voice, seed uint64, done *wrote) (finished func()) {
	var wg sync.WaitGroup
	busy := len(w.trips) - w.rarely()
	for i := range 2 {
		wg.Go(func() {
			w.every(ctx, 25*time.Millisecond, seed, uint64(10+i), func(r *rand.Rand) {
				done.note(&done.loud, w.change(v.db, w.trips[r.IntN(busy)].id, r))
			})
		})
	}
	wg.Go(func() { // a node that dies between its commit and its word to the others
		w.every(ctx, 50*time.Millisecond, seed, 12, func(r *rand.Rand) {
			done.note(&done.silent, w.change(w.DB.DB, w.trips[r.IntN(len(w.trips))].id, r))
		})
	})
	for i := range 8 {
		wg.Go(func() { w.caller(ctx, i, seed, done) })
	}
	return wg.Wait
}

func (w *world) every(ctx context.Context, pause time.Duration, seed, stream uint64, f func(*rand.Rand)) {
	r := rand.New(rand.NewPCG(seed, stream))
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			f(r)
		}
	}
}

// change commits another version of a trip: seats, its state, and the one member of its board document that comes and goes.
func (w *world) change(db *store.DB, trip uuid.UUID, r *rand.Rand) error {
	return w.alter(db, trip, func(x *event.Trip) {
		switch r.IntN(4) {
		case 0:
			x.Free = seats(r)
		case 1:
			x.Status = []string{"scheduled", "boarding", "cancelled"}[r.IntN(3)]
		default:
			x.Overload = []int16{int16(r.IntN(2)), 0, int16(r.IntN(2))}
		}
	})
}

// sell changes nothing but how many seats are free, which is what mostly changes.
func (w *world) sell(db *store.DB, trip uuid.UUID, r *rand.Rand) error {
	return w.alter(db, trip, func(x *event.Trip) { x.Free = seats(r) })
}

func seats(r *rand.Rand) []int16 {
	return []int16{int16(r.IntN(14)), int16(r.IntN(14)), int16(r.IntN(14))}
}

func (w *world) alter(db *store.DB, trip uuid.UUID, edit func(*event.Trip)) error {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Second)
	defer cancel()
	return db.InTx(ctx, w.A.ID, func(tx *store.Tx) error {
		seats, err := tx.Seats(ctx, store.SeatsAsk{Trips: []uuid.UUID{trip}})
		if err != nil {
			return err
		}
		if len(seats.Trips) != 1 {
			return errors.New("no such trip")
		}
		x := seats.Trips[0]
		edit(&x)
		for i := range x.Free {
			x.Free[i] = min(x.Free[i], x.Capacity)
		}
		x.Version++
		tx.Put(store.SeatsResult{Trips: []event.Trip{x}})
		return tx.Emit(x.Change())
	})
}

// caller is a rider or a dispatcher at work, through whichever node it is on.
func (w *world) caller(ctx context.Context, i int, seed uint64, done *wrote) {
	who := w.users[i%len(w.users)]
	c := gather(w.addresses(), []member{{User: who.id, Token: who.token, Channels: []string{"me"}, Manner: steady, Seed: seed + uint64(i)}})
	defer c.end()
	ask := func(op string, args map[string]any) string {
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.patience)
		defer cancel()
		got, err := c.watchers[0].client.Call(within, op, ident.Token(9), args)
		var refusal *client.Refusal
		switch {
		case err == nil:
			done.calls.Add(1)
		case errors.As(err, &refusal) && refusal.Code == "internal" && !strings.HasPrefix(op, "bookings."):
			// Whatever is down, nobody may be told that we are broken. (Bookings are apart: the store's writers sell and
			// return seats past them, and a cancellation that finds its seats returned is right to call that a fault.)
			done.broken.Store(op+": "+refusal.Error(), true)
		case errors.As(err, &refusal):
			done.refused.Add(1)
		default:
			done.fail(fmt.Errorf("%s: %w", op, err))
		}
		var body struct{ ID string }
		_ = json.Unmarshal(got.Body, &body)
		return body.ID
	}
	held := ""
	w.every(ctx, 60*time.Millisecond, seed, uint64(100+i), func(r *rand.Rand) {
		at := w.trips[r.IntN(len(w.trips)-w.rarely())]
		switch {
		case who.role == "dispatcher" && r.IntN(8) == 0:
			ask("trips.capacity", map[string]any{"path": map[string]any{"id": at.id}, "body": map[string]any{"capacity": 10 + r.IntN(10)}})
		case who.role == "dispatcher":
			ask("trips.delay", map[string]any{"path": map[string]any{"id": at.id}, "body": map[string]any{"delay_s": r.IntN(1000)}})
		case held == "":
			held = ask("bookings.hold", map[string]any{"body": map[string]any{"trip": at.id, "from": at.day.Stops[0], "to": at.day.Stops[2], "party": 1}})
		case r.IntN(3) == 0:
			ask("bookings.confirm", map[string]any{"path": map[string]any{"id": held}, "body": map[string]any{"pay": "cash"}})
		default:
			ask("bookings.cancel", map[string]any{"path": map[string]any{"id": held}})
			held = ""
		}
	})
}
