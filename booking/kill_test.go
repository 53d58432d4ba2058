package booking_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// victim is what a server process that is going to be killed is told: take a rider through a whole booking.
type victim struct {
	DB, System, Key    string
	By                 booking.By
	Hold, Lost         booking.Hold // Lost is held and given back
	Ready, Done, Fails string       // what it prints
}

const victimEnv = "WAYMEET_TEST_VICTIM"

// The test binary starts itself as the server process.
func TestMain(m *testing.M) {
	if text := os.Getenv(victimEnv); text != "" {
		var v victim
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			panic(err)
		}
		if err := v.serve(context.Background()); err != nil {
			fmt.Println(v.Fails, err)
			os.Exit(1)
		}
		fmt.Println(v.Done)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func (v victim) claim(step string) idem.Claim {
	return idem.Claim{Actor: v.By.User, Operation: "bookings." + step, Key: v.Key + step, Hash: idem.HashOf(step)}
}

// serve does what a server does for one rider: hold, confirm, board; and another hold that is cancelled. Repeated, by
// whichever process, it gets the same answers.
func (v victim) serve(ctx context.Context) error {
	db, err := store.Open(ctx, store.Config{AppURL: v.DB, SystemURL: v.System, MaxConns: 1, Logger: quiet})
	if err != nil {
		return err
	}
	defer db.Close()
	fmt.Println(v.Ready)
	return v.walk(ctx, booking.New(booking.Config{DB: db, Logger: quiet}))
}

func (v victim) walk(ctx context.Context, s *booking.Service) error {
	held, err := s.Hold(ctx, v.By, v.claim("hold"), v.Hold)
	if err != nil {
		return fmt.Errorf("hold: %w", err)
	}
	if _, err := s.Confirm(ctx, v.By, v.claim("confirm"), held.Booking.ID, booking.Cash); err != nil {
		return fmt.Errorf("confirm: %w", err)
	}
	if _, err := s.Board(ctx, v.By, v.claim("board"), held.Booking.ID); err != nil {
		return fmt.Errorf("board: %w", err)
	}
	lost, err := s.Hold(ctx, v.By, v.claim("hold2"), v.Lost)
	if err != nil {
		return fmt.Errorf("second hold: %w", err)
	}
	if _, err := s.Cancel(ctx, v.By, v.claim("cancel"), lost.Booking.ID); err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	return nil
}

// TestKilledBetweenAnyTwoSteps: a server process takes a rider through a booking and is killed with SIGKILL at a step: all
// that it says to PostgreSQL and hears from it passes through a proxy, which kills it right after forwarding piece number
// n, for every n from the first word of the hold to the last of the cancellation. Whatever that leaves is whole or absent: the
// booking, the seats, the counters, the key with its answer, the audit row and the documents that went out, all or none of
// each step. And another server that is asked the same under the same keys finishes it, at once.
func TestKilledBetweenAnyTwoSteps(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	// How many pieces there are when nobody is killed.
	first, last, out := w.die(t, 0)
	if !strings.Contains(out, "done") || last-first < 12 {
		t.Fatalf("undisturbed: pieces %d to %d, %s", first, last, out)
	}
	killed := 0
	for n := first; n <= last; n++ {
		_, _, out := w.die(t, n)
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

// die runs a victim and kills it right after piece n; 0 lets it live. It answers at which piece the booking began and
// ended, and what was printed.
func (w *world) die(t *testing.T, n int64) (first, last int64, out string) {
	t.Helper()
	p := devtest.NewProxy(t, w.AppURL())
	v := victim{DB: p.URL(w.AppURL()), System: w.SystemURL(), Key: fmt.Sprintf("k%d-", n), By: w.by, Ready: "ready", Done: "done", Fails: "fails",
		Hold: w.ask(0, 0, 2, 1), Lost: w.ask(0, 1, 3, 1)}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), victimEnv+"="+string(text))
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	started, dead := make(chan struct{}), make(chan struct{})
	kill := func(i int64) {
		if i == n {
			<-started
			_ = cmd.Process.Kill() // SIGKILL
			<-dead                 // nothing more is forwarded
		}
	}
	p.After(kill)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	close(started)
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if out += lines.Text() + "\n"; lines.Text() == v.Ready {
			first = p.Pieces() + 1
		}
	}
	_ = cmd.Wait() // killed, or done
	close(dead)
	last = p.Pieces()
	w.whole(t)
	if n == 0 {
		w.tidy(t)
		return first, last, out
	}
	// Another node finishes what was begun, without waiting for anything.
	begun := time.Now()
	if err := v.walk(context.Background(), w.other); err != nil {
		t.Errorf("piece %d: repeated: %v", n, err)
	}
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("piece %d: the repeat took %v", n, took)
	}
	if got := w.Int(t, `select count(*) from booking where id in (select (answer #>> '{booking,ID}')::uuid from idempotency where key like $1 || '%')`, v.Key); got != 2 {
		t.Errorf("piece %d: %d bookings of one ride and one that was given back", n, got)
	}
	w.tidy(t)
	return first, last, out
}

// whole holds every trace of every step against the others.
func (w *world) whole(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) { // PostgreSQL hears of the death through the proxy
		if w.Int(t, `select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%' or (state = 'active' and query like '%for no key%' and pid <> pg_backend_pid())`) == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("a dead server's transaction is still open")
		}
	}
	w.addsUp(t)
	parts := map[string]string{
		"a booking without its key, or a key without its booking": `(select count(*) from booking) - (select count(*) from idempotency where operation like 'bookings.hold%')`,
		"a step without its answer":                               `(select count(*) from idempotency where answer is null)`,
		"steps and audit rows":                                    `(select count(*) from idempotency) - (select count(*) from audit where action like 'booking.%')`,
		"steps and booking documents":                             `(select count(*) from idempotency) - (select count(*) from outbox where entity like 'booking/%')`,
		"steps and trip documents":                                `(select count(*) from idempotency) - (select count(*) from outbox where entity like 'trip/%')`,
		"versions and steps":                                      `(select coalesce(sum(version), 0) - count(*) from booking) - (select count(*) from idempotency where operation not like 'bookings.hold%')`,
		"the trip's version and steps":                            `(select sum(version) - count(*) from trip) - (select count(*) from idempotency)`,
	}
	all := "select 0"
	for _, sql := range parts {
		all += " + abs(" + sql + ")"
	}
	if w.Int(t, all) == 0 {
		return
	}
	for what, sql := range parts {
		if n := w.Int(t, "select "+sql); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
}

// tidy makes room for the next victim.
func (w *world) tidy(t *testing.T) {
	t.Helper()
	w.Exec(t, `alter table audit disable trigger user; delete from booking; delete from idempotency; delete from audit; delete from outbox;
		update trip set free = array_fill(capacity, array[cardinality(free)]), held = 0, booked = 0, boarded = 0, version = 1, status = 'scheduled'`)
}
