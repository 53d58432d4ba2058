package booking_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/store"
)

const (
	linearClients = 20
	linearOps     = 500
	linearTrips   = 4
	linearLegs    = 3
)

// step is one operation as a client saw it: what was asked, and what was answered.
type step struct {
	trip, client int
	verb         string // hold, confirm, cancel, capacity, read
	ride         seat.Interval
	party        int // also the new capacity
}

type seen struct {
	code string // "" is yes
	free int    // told by trip_full
	row  string // what read saw
}

// truth is the model of one trip: how many seats there are, how many are taken on each leg, and what each client has.
type truth struct {
	capacity int
	taken    [linearLegs]int
	has      [linearClients]byte // 0 nothing, 1 a hold, 2 a booking
}

func (s truth) free(ride seat.Interval) int {
	least := s.capacity
	for i := ride.From; i < ride.To; i++ {
		least = min(least, max(0, s.capacity-s.taken[i]))
	}
	return least
}

// row is how a reader sees it: capacity, then free and overload of each leg.
func (s truth) row() string {
	var free, overload [linearLegs]int
	for i, n := range s.taken {
		free[i], overload[i] = max(0, s.capacity-n), max(0, n-s.capacity)
	}
	return fmt.Sprint(s.capacity, free, overload)
}

var seatModel = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		parts := make([][]porcupine.Operation, linearTrips)
		for _, op := range history {
			parts[op.Input.(step).trip] = append(parts[op.Input.(step).trip], op)
		}
		return parts
	},
	Init: func() any { return truth{capacity: 14} },
	Step: func(state, input, output any) (bool, any) {
		s, in, out := state.(truth), input.(step), output.(seen)
		switch in.verb {
		case "read":
			return out.row == s.row(), s
		case "capacity":
			s.capacity = in.party
			return out.code == "", s
		case "hold":
			if free := s.free(in.ride); free < in.party {
				return out.code == "trip_full" && out.free == free, s
			}
			s.take(in, in.party)
			s.has[in.client] = 1
			return out.code == "", s
		case "confirm":
			if s.has[in.client] != 1 {
				return out.code == "already_confirmed", s
			}
			s.has[in.client] = 2
			return out.code == "", s
		case "cancel":
			if s.has[in.client] == 0 {
				return out.code == "already_cancelled", s
			}
			s.take(in, -in.party)
			s.has[in.client] = 0
			return out.code == "", s
		}
		return false, s
	},
	DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v: %+v", in, out) },
}

func (s *truth) take(in step, n int) {
	for i := in.ride.From; i < in.ride.To; i++ {
		s.taken[i] += n
	}
}

// holder is what is put to the test: a node, or one with a planted bug.
type holder interface {
	hold(ctx context.Context, w *world, key string, in step) (uuid.UUID, error)
}

// node holds as production does.
type node struct{ *booking.Service }

func (n node) hold(ctx context.Context, w *world, key string, in step) (uuid.UUID, error) {
	h := w.ask(in.trip, in.ride.From, in.ride.To, in.party)
	claim := w.key("bookings.hold", h)
	claim.Key = key
	r, err := n.Service.Hold(ctx, w.by, claim, h)
	return r.Booking.ID, err
}

// careless is the planted bug: it looks whether there is room, and then writes what it concluded.
type careless struct {
	*booking.Service
	db *store.DB
}

func (c careless) hold(ctx context.Context, w *world, _ string, in step) (uuid.UUID, error) {
	trip, err := c.db.Read(w.A.ID).Trip(ctx, w.day.Trips[in.trip])
	if err != nil {
		return uuid.Nil, err
	}
	s := seat.Trip{Inventory: seat.Inventory{Capacity: trip.Capacity, Free: trip.Free, Overload: trip.Overload}, Status: seat.Scheduled, Held: int(trip.Held)}
	b := seat.Booking{Ride: in.ride, Party: in.party, Pickup: trip.DepartsAt}
	now := time.Now().UTC().Truncate(time.Microsecond)
	if err := s.Hold(&b, seat.DefaultPolicy(), now); err != nil {
		if r, ok := err.(*seat.Refusal); ok {
			return uuid.Nil, fault.New(string(r.Reason), fault.Params{"free": r.Free})
		}
		return uuid.Nil, err
	}
	trip.Free, trip.Held = s.Free, int16(s.Held)
	trip.Version++
	row := store.Booking{Booking: event.Booking{ID: ident.Dated(trip.Date, 0), Date: trip.Date, Trip: trip.ID, Rider: w.by.User, Party: int16(in.party), State: "held",
		From: event.Halt{Stop: w.day.Stops[in.ride.From], Index: int16(in.ride.From), At: trip.DepartsAt}, To: event.Halt{Stop: w.day.Stops[in.ride.To], Index: int16(in.ride.To), At: trip.DepartsAt},
		ExpiresAt: b.ExpiresAt, Fare: event.Money{Currency: "MAD"}, CancelUntil: b.CutOff, Short: ident.Token(6), CreatedAt: now}}
	err = c.db.InTx(ctx, w.A.ID, func(tx *store.Tx) error {
		tx.Put(store.SeatsResult{Trips: []event.Trip{trip}, New: []store.Booking{row}})
		return nil
	})
	return row.ID, err
}

// setCapacity is what a dispatcher does: another vehicle, at once.
func setCapacity(ctx context.Context, w *world, db *store.DB, key string, in step) error {
	claim := w.key("trips.capacity", in.party)
	claim.Key = key
	return db.InTx(ctx, w.A.ID, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, 200, func() (any, error) {
			s, err := tx.Seats(ctx, store.SeatsAsk{Trips: []uuid.UUID{w.day.Trips[in.trip]}})
			if err != nil {
				return nil, err
			}
			trip := s.Trips[0]
			v := seat.Inventory{Capacity: trip.Capacity, Free: trip.Free, Overload: trip.Overload}
			if err := v.SetCapacity(int16(in.party)); err != nil {
				return nil, err
			}
			trip.Capacity, trip.Free, trip.Overload = v.Capacity, v.Free, v.Overload
			trip.Version++
			tx.Put(store.SeatsResult{Trips: []event.Trip{trip}})
			return nil, tx.Emit(trip.Change())
		})
		return err
	})
}

// rider is one client: it has at most one booking on each trip and does whatever comes to its mind with it.
type rider struct {
	id    int
	world *world
	nodes []holder
	desks []*booking.Service
	dbs   []*store.DB
	dice  *rand.Rand
	only  bool // holds and reads, nothing else
	has   [linearTrips]struct {
		booking uuid.UUID
		in      step
		state   byte
	}
}

func (r *rider) next() step {
	in := step{trip: r.dice.IntN(linearTrips), client: r.id}
	mine := &r.has[in.trip]
	switch x := r.dice.IntN(100); {
	case x < 8:
		in.verb = "read"
	case r.only:
		in.verb, in.party = "hold", 1
		in.ride.To = linearLegs
	case x < 11:
		in.verb, in.party = "capacity", 4+r.dice.IntN(20)
	case mine.booking == uuid.Nil || (mine.state == 0 && x < 80):
		in.verb, in.party = "hold", 1+r.dice.IntN(3)
		in.ride.From = r.dice.IntN(linearLegs)
		in.ride.To = in.ride.From + 1 + r.dice.IntN(linearLegs-in.ride.From)
	case mine.state == 0 || x > 55:
		in = mine.in
		in.verb = "cancel"
	default:
		in = mine.in
		in.verb = "confirm"
	}
	if in.verb == "confirm" && mine.state == 0 {
		in.verb = "cancel"
	}
	return in
}

// do asks until it knows, under one key: what broke is asked again, on whichever node.
func (r *rider) do(ctx context.Context, in step) (seen, error) {
	key := ident.Token(9)
	for try := range 300 {
		n := r.dice.IntN(len(r.nodes))
		out, err := r.ask(ctx, n, key, in)
		if err == nil {
			return out, nil
		}
		if f := fault.As(err); f.Kind != fault.Internal && f.Kind != fault.Unavailable {
			free, _ := f.Params["free"].(int)
			return seen{code: f.Code, free: free}, nil
		}
		if try > 20 {
			time.Sleep(time.Millisecond * time.Duration(r.dice.IntN(20))) // the network is that bad: no thundering
		}
	}
	return seen{}, fmt.Errorf("client %d never learned what became of %+v", r.id, in)
}

func (r *rider) ask(ctx context.Context, n int, key string, in step) (seen, error) {
	w, mine := r.world, &r.has[in.trip]
	switch in.verb {
	case "read":
		t, err := r.dbs[n].Read(w.A.ID).Trip(ctx, w.day.Trips[in.trip])
		if err != nil {
			return seen{}, err
		}
		return seen{row: fmt.Sprint(t.Capacity, t.Free, t.Overload)}, nil
	case "capacity":
		return seen{}, setCapacity(ctx, w, r.dbs[n], key, in)
	case "hold":
		id, err := r.nodes[n].hold(ctx, w, key, in)
		if err == nil {
			mine.booking, mine.in, mine.state = id, in, 1
		}
		return seen{}, err
	case "confirm":
		claim := w.key("bookings.confirm", mine.booking)
		claim.Key = key
		_, err := r.desks[n].Confirm(ctx, w.by, claim, mine.booking, booking.Cash)
		return seen{}, err
	default:
		claim := w.key("bookings.cancel", mine.booking)
		claim.Key = key
		_, err := r.desks[n].Cancel(ctx, w.by, claim, mine.booking)
		if err == nil {
			mine.state = 0
		}
		return seen{}, err
	}
}

// play lets all clients do their operations and answers what they saw.
func play(t *testing.T, w *world, ops int, only bool, nodes []holder, desks []*booking.Service, dbs []*store.DB) []porcupine.Operation {
	t.Helper()
	ctx := context.Background()
	var mu sync.Mutex
	var history []porcupine.Operation
	var wg sync.WaitGroup
	begun := time.Now()
	for id := range linearClients {
		wg.Go(func() {
			r := &rider{id: id, world: w, nodes: nodes, desks: desks, dbs: dbs, only: only, dice: rand.New(rand.NewPCG(uint64(id), uint64(begun.UnixNano())))}
			mine := make([]porcupine.Operation, 0, ops)
			for range ops {
				in := r.next()
				call := time.Since(begun).Nanoseconds()
				out, err := r.do(ctx, in)
				if err != nil {
					t.Error(err)
					return
				}
				mine = append(mine, porcupine.Operation{ClientId: id, Input: in, Call: call, Output: out, Return: time.Since(begun).Nanoseconds()})
			}
			mu.Lock()
			defer mu.Unlock()
			history = append(history, mine...)
		})
	}
	wg.Wait()
	return history
}

// TestLinearizableThroughResets: 20 clients do 500 operations each on shared trips through two nodes, while a proxy resets
// the nodes' connections to PostgreSQL at random, on the way there and on the way back. Each operation is repeated under
// its key until its answer is known. What all of them saw must be explained by one order of the operations, none unknown.
func TestLinearizableThroughResets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, linearTrips)
	p := devtest.NewProxy(t, w.AppURL())
	box, err := seal.Parse(secret)
	if err != nil {
		t.Fatal(err)
	}
	var nodes []holder
	var desks []*booking.Service
	var dbs []*store.DB
	for range 2 {
		db, err := store.Open(context.Background(), store.Config{AppURL: p.URL(w.AppURL()), SystemURL: w.SystemURL(), MaxConns: 8})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(db.Close)
		desk := booking.New(booking.Config{DB: db, Secret: box, Logger: quiet})
		nodes, desks, dbs = append(nodes, node{desk}), append(desks, desk), append(dbs, db)
	}
	p.Chaos(devtest.Sometimes(150))
	history := play(t, w, linearOps, false, nodes, desks, dbs)
	p.Chaos(nil)
	if len(history) != linearClients*linearOps {
		t.Fatalf("%d of %d operations are known", len(history), linearClients*linearOps)
	}
	if n := p.Resets(); n < 30 {
		t.Errorf("only %d connections were reset: this attacked nothing", n)
	}
	res, info := porcupine.CheckOperationsVerbose(seatModel, history, 2*time.Minute)
	if res != porcupine.Ok {
		t.Errorf("linearizable: %s", res)
		visualise(t, info)
	}
	w.addsUp(t)
	tally := map[string]int{}
	for _, op := range history {
		tally[op.Input.(step).verb+" "+op.Output.(seen).code]++
	}
	said, _ := json.Marshal(tally)
	t.Logf("%d resets, %s", p.Resets(), said)
}

// TestLinearizabilityFindsAPlantedBug: the same clients and the same check, on a hold that checks first and updates then.
func TestLinearizabilityFindsAPlantedBug(t *testing.T) {
	t.Parallel()
	w := newWorld(t, linearTrips)
	nodes := []holder{careless{w.desk, w.DB.DB}, careless{w.other, w.DB.DB}}
	history := play(t, w, 12, true, nodes, []*booking.Service{w.desk, w.other}, []*store.DB{w.DB.DB, w.DB.DB})
	if res := porcupine.CheckOperationsTimeout(seatModel, history, time.Minute); res != porcupine.Illegal {
		t.Errorf("a check-then-update is said to be %s", res)
	}
}
