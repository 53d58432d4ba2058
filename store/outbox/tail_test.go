package outbox

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(devtest.Run(m)) }

// heard remembers what a tail handed over.
type heard struct {
	mu      sync.Mutex
	entries []Entry
	news    chan struct{}
}

func (h *heard) Committed(e Entry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.entries = append(h.entries, e)
}
func (h *heard) Missed()        {}
func (h *heard) Rewound(string) {}
func (h *heard) Current(time.Time) {
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
	for limit := time.After(20 * time.Second); !holds(); {
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

// A transaction that stays open holds the tail back, and the lag says since when; its end sets everything free.
func TestALongTransactionShows(t *testing.T) {
	t.Parallel()
	db, tail, h, _ := follow(t)
	ctx := context.Background()
	long, err := pgx.Connect(ctx, db.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	defer long.Close(ctx)
	if _, err := long.Exec(ctx, "begin; select pg_current_xact_id()"); err != nil {
		t.Fatal(err)
	}
	commit(t, db, "trip/late")
	h.await(t, tail, "the lag", func() bool { l := tail.Lag(); return l.Waiting > 0 && l.Held > 0 })
	if n := len(h.named("trip/late")); n != 0 {
		t.Errorf("handed over %d times past a transaction that still runs", n)
	}
	if _, err := long.Exec(ctx, "commit"); err != nil {
		t.Fatal(err)
	}
	h.await(t, tail, "the change that waited", func() bool { return len(h.named("trip/late")) == 1 })
}

// The alarm is raised once for each transaction that is too long, and called off when it has ended.
func TestTheAlarm(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	tail := NewTail(nil, nil, slog.New(slog.NewTextHandler(&log, nil)))
	at := time.Unix(1000, 0)
	for _, c := range []struct {
		xmin, xmax string
		after      time.Duration
		held       time.Duration
	}{
		{"7", "7", 0, 0}, {"7", "9", 0, 0}, {"7", "12", 6 * time.Second, 6 * time.Second}, {"7", "13", 6 * time.Second, 12 * time.Second},
		{"7", "14", time.Second, 13 * time.Second}, {"14", "15", time.Second, 0}, {"15", "15", time.Hour, 0}, {"15", "16", time.Hour, 0},
	} {
		at = at.Add(c.after)
		tail.watch(store.OutboxState{Xmin: c.xmin, Xmax: c.xmax}, at)
		if got := tail.Lag().Held; got != c.held {
			t.Errorf("%s:%s at %v: held for %v, want %v", c.xmin, c.xmax, at, got, c.held)
		}
	}
	if raised, off := strings.Count(log.String(), "holds the tail back"), strings.Count(log.String(), "is free again"); raised != 1 || off != 1 {
		t.Errorf("raised %d times, called off %d times: %s", raised, off, log.String())
	}
}
