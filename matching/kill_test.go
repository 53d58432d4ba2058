package matching_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// owner is what a node that owns a queue is told: ring somebody for everybody who waits, in their order.
type owner struct {
	DB, System string
	Tenant     uuid.UUID
	Queue      uuid.UUID
	Lease      time.Duration
	Serve      bool // as a node does, until it is killed
}

const ownerEnv = "WAYMEET_TEST_OWNER"

// The test binary starts itself as the node.
func TestMain(m *testing.M) {
	if text := os.Getenv(ownerEnv); text != "" {
		var o owner
		if err := json.Unmarshal([]byte(text), &o); err != nil {
			panic(err)
		}
		if err := o.serve(context.Background()); err != nil {
			fmt.Println("fails", err)
			os.Exit(1)
		}
		fmt.Println("done")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func (o owner) serve(ctx context.Context) error {
	conns := int32(1)
	if o.Serve {
		conns = 4
	}
	db, err := store.Open(ctx, store.Config{AppURL: o.DB, SystemURL: o.System, MaxConns: conns, Logger: quiet})
	if err != nil {
		return err
	}
	defer db.Close()
	fmt.Println("ready")
	if o.Serve {
		return matching.New(matching.Config{DB: db, Logger: quiet, Lease: o.Lease}).Run(ctx)
	}
	return o.walk(ctx, db, matching.New(matching.Config{DB: db, Logger: quiet, Lease: o.Lease}))
}

// walk takes the queue when it can be had, and rings the longest idle expert for the first who waits, and so on.
func (o owner) walk(ctx context.Context, db *store.DB, s *matching.Service) error {
	t := tenant.ID(o.Tenant)
	owned, err := s.Take(ctx, t, o.Queue)
	for ; err != nil; owned, err = s.Take(ctx, t, o.Queue) {
		if !errors.Is(err, matching.ErrNotOwner) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond): // the lease of the dead runs out by PostgreSQL's clock
		}
	}
	waiting, err := db.Read(t).Waiting(ctx, o.Queue, 100)
	if err != nil {
		return err
	}
	free, err := db.Read(t).ExpertsReady(ctx, nil)
	if err != nil {
		return err
	}
	free = slices.DeleteFunc(free, func(e store.ReadyExpert) bool { return e.Slots < 1 })
	for _, w := range waiting {
		if w.Out > 0 || len(free) == 0 {
			continue // rung by whoever owned the queue before: the ring outlives its owner
		}
		made, err := s.Offer(ctx, owned, w.ID, 0, []store.OfferAsk{{ID: ident.New(), Expert: free[0].ID, Score: json.RawMessage(`{"idle":1}`)}})
		if err != nil {
			return err
		}
		if made[0].Refused != "" {
			return fmt.Errorf("refused: %s", made[0].Refused)
		}
		free = free[1:]
	}
	return s.Renew(ctx, owned)
}

// TestTheOwnerIsKilledBetweenAnyTwoSteps: the node that owns a queue rings experts for those who wait and is killed with SIGKILL
// right after piece n of what it says to PostgreSQL and hears from it, for every n. Another node takes the queue when the lease
// has run out: whoever waits is rung for, once and in their place; what the dead one wrote stands and can be accepted.
func TestTheOwnerIsKilledBetweenAnyTwoSteps(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	a := db.Advice(t, db.A, 3, 2)
	first, last, out := dieOwning(t, db, a, 0)
	if !strings.Contains(out, "done") || last-first < 10 {
		t.Fatalf("undisturbed: pieces %d to %d, %s", first, last, out)
	}
	killed := 0
	for n := first; n <= last; n++ {
		_, _, out := dieOwning(t, db, a, n)
		if strings.Contains(out, "fails") {
			t.Errorf("piece %d: %s", n, out)
		}
		if !strings.Contains(out, "done") {
			killed++
		}
	}
	if killed < int(last-first)-1 {
		t.Errorf("killed %d times at pieces %d to %d: this attacked little", killed, first, last)
	}
	t.Logf("pieces %d to %d, killed %d times", first, last, killed)
}

// dieOwning runs an owner and kills it right after piece n; 0 lets it live.
func dieOwning(t *testing.T, db *storetest.DB, a storetest.Advice, n int64) (first, last int64, out string) {
	t.Helper()
	var requests []string
	for i := range a.Clients {
		id := ident.New()
		requests = append(requests, id.String())
		db.Exec(t, `insert into request (tenant_id, id, queue_id, client_id, modality, ceiling, currency, funding) values ($1, $2, $3, $4, 'audio', 900, 'MAD', 'test')`,
			db.A.ID.UUID(), id, a.Queue, a.Clients[i])
	}
	expire(t, db)
	p := devtest.NewProxy(t, db.AppURL())
	o := owner{DB: p.URL(db.AppURL()), System: db.SystemURL(), Tenant: db.A.ID.UUID(), Queue: a.Queue, Lease: time.Minute}
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), ownerEnv+"="+string(text))
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	started, dead := make(chan struct{}), make(chan struct{})
	p.After(func(i int64) {
		if i == n {
			<-started
			_ = cmd.Process.Kill() // SIGKILL
			<-dead                 // nothing more is forwarded
		}
	})
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	close(started)
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if out += lines.Text() + "\n"; lines.Text() == "ready" {
			first = p.Pieces() + 1
		}
	}
	_ = cmd.Wait() // killed, or done
	close(dead)
	last = p.Pieces()

	// Another node goes on where it stopped.
	next := matching.New(matching.Config{DB: db.DB, Logger: quiet, Lease: time.Minute})
	wait, stop := context.WithTimeout(context.Background(), 30*time.Second)
	defer stop()
	expire(t, db)
	if err := o.walk(wait, db.DB, next); err != nil {
		t.Errorf("piece %d: the next owner: %v", n, err)
	}
	rung := db.Texts(t, `select request_id::text from offer where state = 'open' order by made_at`)
	if !slices.Equal(rung, requests) {
		t.Errorf("piece %d: waited %v, rung for %v", n, requests, rung)
	}
	for _, row := range db.Texts(t, `select concat_ws(' ', id, expert_id) from offer where state = 'open'`) {
		offer, expert, _ := strings.Cut(row, " ")
		if _, err := next.Accept(context.Background(), matching.By{Tenant: db.A.ID, User: uuid.MustParse(expert)}, uuid.MustParse(offer)); err != nil {
			t.Errorf("piece %d: accept: %v", n, err)
		}
		if _, err := next.Done(context.Background(), db.A.ID, uuid.MustParse(offer)); err != nil {
			t.Errorf("piece %d: done: %v", n, err)
		}
	}
	if left := db.Int(t, `select count(*) from request where state <> 'matched'`); left != 0 {
		t.Errorf("piece %d: %d wait for ever", n, left)
	}
	return first, last, out
}

// expire lets the time of whoever owns a queue be over; what they are writing at this moment is waited for by who takes it.
func expire(t *testing.T, db *storetest.DB) {
	t.Helper()
	db.Exec(t, `update queue_owner set expires_at = clock_timestamp()`)
}
