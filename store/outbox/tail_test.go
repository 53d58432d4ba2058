package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/xact"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(devtest.Run(m)) }

// heard remembers what a tail handed over.
type heard struct {
	mu      sync.Mutex
	entries []Entry
	alive   []int // how many had been handed over at each sign of life
	missed  int
	news    chan struct{}
	slow    func() // guarded by mu: stands in the way of each entry; nil: nothing
}

func (h *heard) Committed(e Entry) {
	h.mu.Lock()
	slow := h.slow
	h.mu.Unlock()
	if slow != nil {
		slow()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.entries = append(h.entries, e)
}
func (h *heard) Missed() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.missed++
}
func (h *heard) Rewound(string) {}
func (h *heard) Alive(time.Time) {
	h.mu.Lock()
	h.alive = append(h.alive, len(h.entries))
	h.mu.Unlock()
	select {
	case h.news <- struct{}{}:
	default:
	}
}

func (h *heard) named(entity string) (found []Entry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.entries {
		if e.Change.Entity == entity {
			found = append(found, e)
		}
	}
	return found
}

// await pokes the tail until it holds.
func (h *heard) await(t *testing.T, tail *Tail, what string, holds func() bool) {
	t.Helper()
	for limit := time.After(time.Minute); !holds(); {
		tail.Poke()
		select {
		case <-h.news:
		case <-limit:
			t.Fatalf("did not come: %s", what)
		}
	}
}

func follow(t *testing.T) (*storetest.DB, *Tail, *heard, *strings.Builder) {
	db := storetest.New(t)
	h, log := &heard{news: make(chan struct{}, 1)}, &strings.Builder{}
	tail := NewTail(db.DB, h, slog.New(slog.NewTextHandler(log, nil)))
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- tail.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	<-h.news // it has begun: what is committed from now on is handed over
	return db, tail, h, log
}

func commit(t *testing.T, db *storetest.DB, entity string) {
	t.Helper()
	err := db.InTx(context.Background(), db.A.ID, func(tx *store.Tx) error {
		return tx.Emit(event.Change{Entity: entity, Version: 1, Docs: map[event.Projection]json.RawMessage{event.OnTrip: json.RawMessage("{}")}, Channels: []string{"trip:x"}})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A row that cannot be read is told of and handed on without documents; what was committed behind it is not held up.
func TestAPoisonRowIsSetAside(t *testing.T) {
	t.Parallel()
	db, tail, h, log := follow(t)
	db.Exec(t, `insert into outbox (tenant_id, entity, version, docs, channels) values ($1, 'trip/poison', 1, '["not documents"]', '{trip:x}')`, db.A.ID.UUID())
	commit(t, db, "trip/behind")
	h.await(t, tail, "the change behind the poison", func() bool { return len(h.named("trip/behind")) == 1 })
	poison := h.named("trip/poison")
	if len(poison) != 1 || len(poison[0].Change.Docs) != 0 || poison[0].Change.Gone {
		t.Errorf("handed on: %+v", poison)
	}
	if got := tail.Lag().Poison; got != 1 {
		t.Errorf("%d rows counted", got)
	}
	if !strings.Contains(log.String(), "trip/poison") {
		t.Errorf("the log says %q", log.String())
	}
}

// open begins a transaction that has an id and stays; end ends it.
func open(t *testing.T, db *storetest.DB) (long *pgx.Conn, end func(how string)) {
	t.Helper()
	ctx := context.Background()
	long, err := pgx.Connect(ctx, db.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = long.Close(ctx) })
	do := func(sql string) {
		t.Helper()
		if _, err := long.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	do("begin; select pg_current_xact_id()")
	return long, do
}

// A transaction that stays open holds nothing back but its own rows, and is seen; they come when it has ended, once.
func TestALongTransactionHoldsNothingBack(t *testing.T) {
	t.Parallel()
	db, tail, h, _ := follow(t)
	long, end := open(t, db)
	const row = `insert into outbox (tenant_id, entity, version, docs, channels) values ($1, $2, 1, '{}', '{trip:x}')`
	if _, err := long.Exec(context.Background(), row, db.A.ID.UUID(), "trip/late"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		commit(t, db, "trip/meanwhile")
		tail.Poke()
	}
	h.await(t, tail, "what is committed meanwhile, and that it is open", func() bool { return len(h.named("trip/meanwhile")) == 3 && tail.Lag().Held > 0 })
	if err := tail.CaughtUp(t.Context()); err != nil {
		t.Errorf("whoever must know that nothing committed is missing waits for it: %v", err)
	}
	if n := len(h.named("trip/late")); n != 0 {
		t.Errorf("its own row was handed over %d times before it ended", n)
	}
	end("commit")
	h.await(t, tail, "the change that waited", func() bool { return len(h.named("trip/late")) == 1 })
	commit(t, db, "trip/after")
	h.await(t, tail, "a change after it", func() bool { return len(h.named("trip/after")) == 1 })
	if a, b := len(h.named("trip/late")), len(h.named("trip/meanwhile")); a != 1 || b != 3 {
		t.Errorf("handed over %d and %d times", a, b)
	}
}

// A long transaction ends that has written more than can be read within one patience. The tail says that it is alive with
// each page, never that it stands still, and hands over each row once, in order.
func TestALargeTransactionIsReadPageByPage(t *testing.T) {
	t.Parallel()
	const rows = 26 * page
	db, tail, h, log := follow(t)
	var handed int
	h.mu.Lock()
	h.slow = func() { // 5.2 s in all
		if handed++; handed%page == 0 {
			time.Sleep(200 * time.Millisecond)
		}
	}
	h.mu.Unlock()
	long, end := open(t, db)
	if _, err := long.Exec(context.Background(), `insert into outbox (tenant_id, entity, version, docs, channels)
		select $1, 'trip/large', v, json_build_object('trip', json_build_object('x', repeat('x', 1400))), '{trip:x}' from generate_series(1, $2::int) v`, db.A.ID.UUID(), rows); err != nil {
		t.Fatal(err)
	}
	h.mu.Lock()
	h.alive = nil
	h.mu.Unlock()
	end("commit")
	began := time.Now()
	h.await(t, tail, "all of it", func() bool { return len(h.named("trip/large")) >= rows })
	t.Logf("%d rows read in %v", rows, time.Since(began))
	h.await(t, tail, "one sign of life more", func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.alive[len(h.alive)-1] >= rows
	})
	for i, e := range h.named("trip/large") {
		if e.Change.Version != int64(i+1) {
			t.Fatalf("place %d has version %d", i, e.Change.Version)
		}
	}
	h.mu.Lock()
	alive := slices.Clone(h.alive)
	h.mu.Unlock()
	last := 0
	for _, n := range alive {
		if n-last > page {
			t.Errorf("no sign of life between %d and %d rows", last, n)
		}
		last = n
	}
	if strings.Contains(log.String(), "stands still") || h.missed > 0 {
		t.Errorf("missed %d; the log says %q", h.missed, log.String())
	}
}

// Transactions begin, write and end in every order, some not at all: what is committed is handed over once.
func TestEveryRowOnce(t *testing.T) {
	t.Parallel()
	db, tail, h, _ := follow(t)
	const writers, each = 5, 30
	var wg sync.WaitGroup
	for w := range writers {
		conn, do := open(t, db)
		do("rollback")
		wg.Go(func() {
			for i := range each {
				end := "commit"
				if i%7 == w {
					end = "rollback"
				}
				tx, err := conn.Begin(context.Background())
				if err != nil {
					t.Error(err)
					return
				}
				for v := range 3 {
					if _, err := tx.Exec(context.Background(), `insert into outbox (tenant_id, entity, version, docs, channels) values ($1, $2, $3, '{}', '{trip:x}')`,
						db.A.ID.UUID(), fmt.Sprintf("trip/%s-%d-%d", end, w, i), v); err != nil {
						t.Error(err)
					}
					if v == w%3 { // a look, while this one is open
						tail.Poke()
					}
				}
				if end == "commit" {
					err = tx.Commit(context.Background())
				} else {
					err = tx.Rollback(context.Background())
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := tail.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	tail.Poke()
	commit(t, db, "trip/end")
	h.await(t, tail, "the end", func() bool { return len(h.named("trip/end")) == 1 })
	times := map[string]int{}
	for _, e := range h.entries {
		times[fmt.Sprint(e.Change.Entity, " ", e.Change.Version)]++
	}
	for w := range writers {
		for i := range each {
			for v := range 3 {
				end, want := "commit", 1
				if i%7 == w {
					end, want = "rollback", 0
				}
				if got := times[fmt.Sprintf("trip/%s-%d-%d %d", end, w, i, v)]; got != want {
					t.Errorf("writer %d, transaction %d (%s), row %d: handed over %d times", w, i, end, v, got)
				}
			}
		}
	}
}

// What two snapshots say of what lies between them.
func TestSnapshots(t *testing.T) {
	t.Parallel()
	must := func(text string) xact.Snapshot {
		s, err := xact.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, c := range []struct {
		from, to string
		spans    []span
		covers   bool   // the first covers the second
		dropped  uint64 // the least that loses something; 0: whatever is dropped below to's xmax loses nothing
	}{
		{"7:7:", "7:7:", nil, true, 7},
		{"7:7:", "7:9:7", []span{{from: 7, to: 9}}, false, 7},
		{"5:9:5,7", "5:9:5,7", nil, true, 9},
		{"5:9:5,7", "5:9:5", []span{{from: 7, to: 8}}, false, 7},
		{"5:9:5,7,8", "5:12:5,11", []span{{from: 7, to: 12}}, false, 7},
		{"5:9:5,7", "12:12:", []span{{from: 5, to: 6}, {from: 7, to: 8}, {from: 9, to: 12}}, false, 5},
	} {
		from, to := must(c.from), must(c.to)
		if got := until(from, to); !slices.Equal(got, c.spans) {
			t.Errorf("%s until %s: %v, want %v", c.from, c.to, got, c.spans)
		}
		if from.Covers(to) != c.covers || !to.Covers(from) {
			t.Errorf("%s covers %s: %v, the other way %v", c.from, c.to, from.Covers(to), to.Covers(from))
		}
		if from.Lost(to, c.dropped-1) || !from.Lost(to, c.dropped) {
			t.Errorf("%s until %s, dropped up to %d: %v, one less: %v", c.from, c.to, c.dropped, from.Lost(to, c.dropped), from.Lost(to, c.dropped-1))
		}
	}
	for _, bad := range []string{"", "1:2", "a:2:", "1:2:x", "1:2:3:4"} {
		if _, err := xact.Parse(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

// The alarm is raised once for each transaction that is too long, and called off when it has ended.
func TestTheAlarm(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	tail := NewTail(nil, nil, slog.New(slog.NewTextHandler(&log, nil)))
	at := time.Unix(1000, 0)
	for _, c := range []struct {
		at    string
		after time.Duration
		held  time.Duration
	}{
		{"7:7:", 0, 0}, {"7:9:7", 0, 0}, {"7:12:7", 6 * time.Second, 6 * time.Second}, {"7:13:7,9", 6 * time.Second, 12 * time.Second},
		{"7:14:7", time.Second, 13 * time.Second}, {"14:15:14", time.Second, 0}, {"15:15:", time.Hour, 0}, {"15:16:15", time.Hour, 0},
	} {
		at = at.Add(c.after)
		now, err := xact.Parse(c.at)
		if err != nil {
			t.Fatal(err)
		}
		tail.watch(now, at)
		if got := tail.Lag().Held; got != c.held {
			t.Errorf("%s at %v: held for %v, want %v", c.at, at, got, c.held)
		}
	}
	if raised, off := strings.Count(log.String(), "stays open"), strings.Count(log.String(), "has ended"); raised != 1 || off != 1 {
		t.Errorf("raised %d times, called off %d times: %s", raised, off, log.String())
	}
}
