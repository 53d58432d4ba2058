package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/store/storetest"
)

// A rider has paid with a card, and the node that is about to confirm their seat is killed, or stands still, in the middle of that. Another
// takes the job up long before the seat is lost; so does the same node that begins again. One seat, paid once, whoever comes back.
func TestSeatsArePaidWhateverBecomesOfTheNode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hush(t)
	w.Exec(t, `create function wait_at_the_door() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock_shared(4711); return new; end $$`)
	w.Exec(t, `create trigger wait_at_the_door before update on booking for each row when (new.state = 'confirmed' and old.state <> 'confirmed') execute function wait_at_the_door()`)
	for name, c := range map[string]struct {
		nodes, after []string
		signal       os.Signal
	}{
		"another takes over": {nodes: []string{"left", "right"}, signal: syscall.SIGKILL},
		"it begins again":    {nodes: []string{"only"}, after: []string{"only"}, signal: syscall.SIGKILL},
		"it stands still":    {nodes: []string{"left", "right"}, signal: syscall.SIGSTOP},
	} {
		t.Run(name, func(t *testing.T) {
			nodes := map[string]*served{}
			start := func(name string) {
				s := startServing(t, append([]string{"WAYMEET_DATABASE_URL=" + w.AppURL(), "WAYMEET_SYSTEM_DATABASE_URL=" + w.SystemURL(),
					"WAYMEET_REDIS_URL=" + devtest.RedisURL(t), "WAYMEET_SECRET=" + worldSecret, "WAYMEET_STRIPE_URL=" + w.emu.URL()}, append(serving, "WAYMEET_NODE="+name)...))
				addr, _ := s.await(t, "serving")["addr"].(string)
				go func() { _, _ = io.Copy(io.Discard, s.pipe) }()
				awaitOK(t, "http://"+addr+"/readyz")
				nodes[name] = s
			}
			for _, n := range c.nodes {
				start(n)
			}
			door := w.shut(t)
			seat := w.book(t, w.a, false)
			if got := w.send(t, w.a.tokens["rider"], "POST", "/v1/bookings/"+seat+"/pay", `{"method":"`+w.a.thing("card")+`"}`); got.Status != 201 {
				t.Fatal(got)
			}
			sees(t, w.DB, "a job at the door", `select count(*) = 1 from pg_locks where locktype = 'advisory' and objid = 4711 and not granted`)
			job := func(what string) string {
				return w.Texts(t, `select (`+what+`)::text from river_job where kind = 'settle_booking' and args ->> 'booking' = $1`, seat)[0]
			}
			victim, _, _ := strings.Cut(job("attempted_by[1]"), "/")
			begun := time.Now()
			if err := nodes[victim].Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			if c.signal == syscall.SIGKILL {
				_ = nodes[victim].Wait()
				w.Exec(t, `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = 4711 and not granted`) // nothing of it goes on
			}
			for _, n := range c.after {
				start(n)
			}
			sees(t, w.DB, "another run", `select cardinality(attempted_by) > 1 from river_job where kind = 'settle_booking' and args ->> 'booking' = $1`, seat)
			t.Logf("taken up after %s", time.Since(begun).Round(time.Second))
			door()
			_ = nodes[victim].Process.Signal(syscall.SIGCONT)
			sees(t, w.DB, "the seat", `select state = 'confirmed' from booking where id = $1`, seat)
			sees(t, w.DB, "the job's end", `select state = 'completed' from river_job where kind = 'settle_booking' and args ->> 'booking' = $1`, seat)
			if got := job(`cardinality(array(select distinct unnest(attempted_by)))`); got == "1" {
				t.Errorf("one run did it all: %s", job("attempted_by"))
			}
			if got := w.Texts(t, `select p.status || ' ' || p.captured || ' of ' || p.amount || ', given back ' || p.refunded from payment p join booking b on b.payment_id = p.id where b.id = $1`, seat); fmt.Sprint(got) != "[paid 1200 of 1200, given back 0]" {
				t.Errorf("the payment: %v", got)
			}
			if got := w.Texts(t, `select action from audit where target = 'booking/' || $1 order by at`, seat); fmt.Sprint(got) != "[booking.hold booking.pay booking.confirm]" {
				t.Errorf("what was done: %v", got)
			}
			if _, err := w.VerifyLedger(t.Context(), w.a.ID); err != nil {
				t.Error(err)
			}
			for _, s := range nodes {
				_ = s.Process.Kill()
				_ = s.Wait()
			}
		})
	}
}

// shut has whoever confirms a seat wait, in the middle of their transaction, until it is opened.
func (w *world) shut(t *testing.T) (open func()) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), w.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(t.Context(), `select pg_advisory_lock(4711)`); err != nil {
		t.Fatal(err)
	}
	open = func() { _ = c.Close(context.Background()) }
	t.Cleanup(open)
	return open
}

// sees waits until PostgreSQL says yes.
func sees(t *testing.T, d *storetest.DB, what, sql string, args ...any) {
	t.Helper()
	for late := time.After(2 * time.Minute); d.Texts(t, `select coalesce((`+sql+`), false)::text`, args...)[0] != "true"; {
		select {
		case <-late:
			t.Fatalf("never: %s", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
