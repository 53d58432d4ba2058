package matching_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/store"
)

// means pays for everybody, unless it is told otherwise.
type means struct {
	mu    sync.Mutex
	asked map[string]int // by key
	err   error
	first func() // before it answers
}

func (m *means) May(context.Context, matching.By, ledger.Money, uuid.UUID, time.Time) error {
	return nil
}

func (m *means) SetAside(_ context.Context, _ matching.By, claim idem.Claim, _ advice.Terms, _ int, _ uuid.UUID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked[claim.Key]++
	if m.first != nil {
		m.first()
	}
	return m.err
}

// office is a lounge in which times are booked: it does nothing by itself.
type office struct {
	*lounge
	*matching.Service
	means *means
}

func newOffice(t *testing.T, experts, clients int) *office {
	t.Helper()
	l, m := newLounge(t, experts, clients), &means{asked: map[string]int{}}
	l.Exec(t, `update expert set currency = (select currency from tenant where id = expert.tenant_id)`)
	return &office{l, matching.New(matching.Config{DB: l.DB.DB, Funds: inTenants{l.currency(t)}, Means: m, Logger: quiet}), m}
}

type inTenants struct{ ledger.Currency }

func (c inTenants) Funded(context.Context, matching.By, string) (ledger.Money, bool, error) {
	return ledger.Of(900, c.Currency), true, nil
}

func (l *lounge) currency(t *testing.T) ledger.Currency {
	return ledger.Currency(l.Texts(t, `select currency from tenant where id = $1`, l.A.ID.UUID())[0])
}

func claimed(by matching.By, operation string) idem.Claim {
	key := ident.New().String()
	return idem.Claim{Actor: by.User, Key: key, Operation: operation, Hash: sha256.Sum256([]byte(key))}
}

func (o *office) book(t *testing.T, client int, due time.Time) (store.Appointment, error) {
	by := o.by(o.Clients[client])
	return o.Book(t.Context(), by, claimed(by, "appointments.book"), matching.Booking{Ask: matching.Ask{Queue: o.Queue, Needs: []store.Need{{Skill: o.Skill, Level: 3}}, Modality: "audio"},
		Due: due, Ceiling: 900, Minutes: 10, Zone: "Africa/Casablanca"})
}

// soon is a quarter of an hour that may be booked.
func soon() time.Time { return time.Now().UTC().Truncate(time.Hour).Add(26 * time.Hour) }

// comes has the time of an appointment come, so long ago.
func (o *office) comes(t *testing.T, id uuid.UUID, ago string) {
	t.Helper()
	o.Exec(t, `update appointment set due_at = clock_timestamp() - $2::interval where id = $1`, id, ago)
}

func (o *office) jobs(t *testing.T, kind, like string) int {
	t.Helper()
	return int(o.Int(t, `select count(*) from river_job where kind = $1 and args::text like '%' || $2 || '%'`, kind, like))
}

// At its time an appointment waits in its queue, once, whoever looks at the same moment; by its time, before those who came after it. Its client is called, and
// whoever comes is served.
func TestAnAppointmentEntersOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1, 3)
	a, err := o.book(t, 0, soon())
	if err != nil {
		t.Fatal(err)
	}
	if a.State != store.AppointmentBooked || a.Kind != store.AppointmentAtTime {
		t.Fatalf("%+v", a)
	}
	for range 3 { // a job may run again
		if err := o.SetAside(t.Context(), o.A.ID, a.ID, 1); err != nil {
			t.Fatal(err)
		}
	}
	if n := o.means.asked[a.ID.String()+"/1"]; n != 1 {
		t.Errorf("money was asked for %d times", n)
	}
	if err := o.SettleDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.sees(t, `select count(*)::text from request`, "0") // not before its time
	o.comes(t, a.ID, "30 seconds")
	other := matching.New(matching.Config{DB: o.DB.DB, Logger: quiet})
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			if err := []*matching.Service{o.Service, other}[i%2].SettleDue(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	o.sees(t, `select (r.placed_at = a.due_at and r.callback_at = a.due_at and r.funding = 'session/' || a.funds_id)::text || a.state
		from request r join appointment a using (tenant_id, id)`, "trueentered")
	if err := o.CancelAppointment(t.Context(), o.by(o.Clients[0]), a.ID); !fault.Is(err, "appointment_entered") {
		t.Errorf("once it waits: %v", err)
	}
	s, _ := o.node(t, matching.Config{})
	o.until(t, `select calls::text from request where id = $1`, "1", a.ID)
	o.sees(t, `select count(*)::text from offer`, "0")
	if err := s.Here(t.Context(), o.by(o.Clients[0]), a.ID); err != nil {
		t.Fatal(err)
	}
	if _, expert := o.rung(t, a.ID); expert != o.Experts[0] {
		t.Error(expert)
	}
}

// Of one quarter of an hour as many are booked as the queue says, however many ask for it at once, and moving is no way around it.
func TestATimeIsBookedNoMoreThanItsQueueSays(t *testing.T) {
	t.Parallel()
	const each, clients = 2, 12
	o := newOffice(t, 1, clients)
	o.Exec(t, `update queue set appointment_each = $1`, each)
	at := soon()
	var booked, moved atomic.Int32
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			switch _, err := o.book(t, i, at); {
			case err == nil:
				booked.Add(1)
			case !fault.Is(err, "appointment_taken"):
				t.Error(err)
			}
		})
	}
	all.Wait()
	later := at.Add(15 * time.Minute)
	if booked.Load() != each {
		t.Fatalf("%d were booked", booked.Load())
	}
	by := func(i int) matching.By { return o.by(o.Clients[i]) }
	for i := range clients {
		a, err := o.book(t, i, later.Add(time.Duration(i+1)*15*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			switch err := o.MoveAppointment(t.Context(), by(i), claimed(by(i), "appointments.move"), a.ID, later); {
			case err == nil:
				moved.Add(1)
			case !fault.Is(err, "appointment_taken"):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if moved.Load() != each {
		t.Errorf("%d were moved to one time", moved.Load())
	}
	o.sees(t, `select max(n)::text from (select count(*) as n from appointment where due_at in ($1, $2) group by due_at) x`, fmt.Sprint(each), at, later)
	free, err := o.Times(t.Context(), by(0), o.Queue, at, at.Add(time.Hour))
	if err != nil || len(free.Free) != 2 || !free.Free[0].Equal(at.Add(30*time.Minute)) {
		t.Errorf("%+v, %v", free, err)
	}
	for want, due := range map[string]time.Time{"bad_value": at.Add(time.Minute), "out_of_range": at.Add(15 * 24 * time.Hour)} {
		if _, err := o.book(t, 0, due); !fault.Is(err, want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := o.book(t, 0, time.Time{}); !fault.Is(err, "queue_open") {
		t.Errorf("a callback of a queue that is open: %v", err)
	}
	o.Exec(t, `insert into queue_hours (tenant_id, queue_id, weekday, from_minute, until_minute) values ($1, $2, $3, 0, 1)`, o.A.ID.UUID(), o.Queue, int(at.AddDate(0, 0, 3).Weekday()+6)%7+1)
	if _, err := o.book(t, 0, at); !fault.Is(err, "queue_closed") {
		t.Errorf("outside its hours: %v", err)
	}
	a, err := o.book(t, 0, time.Time{})
	if err != nil || a.Kind != store.AppointmentCallback || a.Due.UTC().Truncate(24*time.Hour) != a.Due.UTC() {
		t.Errorf("when it opens: %+v, %v", a, err)
	}
}

// Money is set aside for one time, and whatever was and is not needed is let go: cancelled or moved, before, while and after it is set aside.
func TestMoneyOfATimeThatIsGivenUpIsLetGo(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1, 1)
	by := o.by(o.Clients[0])
	fundsOf := func(a store.Appointment, n int) string {
		return matching.FundsOf(idem.Claim{Actor: by.User, Operation: "appointments.fund", Key: fmt.Sprintf("%s/%d", a.ID, n)}).String()
	}
	booked := func() store.Appointment {
		a, err := o.book(t, 0, soon())
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	a := booked()
	if err := o.SetAside(t.Context(), o.A.ID, a.ID, 1); err != nil {
		t.Fatal(err)
	}
	move := claimed(by, "appointments.move")
	for range 2 {
		if err := o.MoveAppointment(t.Context(), by, move, a.ID, soon().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	o.sees(t, `select state || n from appointment where id = $1`, "booked2", a.ID)
	if o.jobs(t, "funds_unused", fundsOf(a, 1)) != 1 || o.jobs(t, "appointment_fund", a.ID.String()) != 2 {
		t.Error("moved: the money of the old time stays, or the new one has none")
	}
	if err := o.SetAside(t.Context(), o.A.ID, a.ID, 1); err != nil || o.means.asked[a.ID.String()+"/1"] != 1 {
		t.Errorf("the old time's job asks again: %v", err)
	}
	o.means.first = func() { // while the bank is asked
		if err := o.CancelAppointment(t.Context(), by, a.ID); err != nil {
			t.Error(err)
		}
	}
	if err := o.SetAside(t.Context(), o.A.ID, a.ID, 2); err != nil {
		t.Fatal(err)
	}
	o.means.first = nil
	o.sees(t, `select state from appointment where id = $1`, "cancelled", a.ID)
	if o.jobs(t, "funds_unused", fundsOf(a, 2)) != 1 {
		t.Error("cancelled while the bank was asked: its money stays")
	}
	b := booked()
	if err := o.SetAside(t.Context(), o.A.ID, b.ID, 1); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := o.CancelAppointment(t.Context(), by, b.ID); err != nil {
			t.Fatal(err)
		}
	}
	if o.jobs(t, "funds_unused", fundsOf(b, 1)) != 1 {
		t.Error("cancelled: its money stays")
	}
}

// What cannot be set aside is told, tried again only where nobody knows, and may be paid by the client until a quarter of an hour after the time: then they have their
// place by it, else it lapses.
func TestAnAppointmentThatIsNotFunded(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1, 2)
	var made [2]store.Appointment
	for i := range made {
		var err error
		if made[i], err = o.book(t, i, soon()); err != nil {
			t.Fatal(err)
		}
	}
	o.means.err = errors.New("the bank does not answer")
	if err := o.SetAside(t.Context(), o.A.ID, made[0].ID, 1); err == nil {
		t.Fatal("nobody knows, and it is not tried again")
	}
	o.sees(t, `select state from appointment where id = $1`, "booked", made[0].ID)
	o.means.err = fault.New("payment_declined")
	for _, a := range made {
		if err := o.SetAside(t.Context(), o.A.ID, a.ID, 1); err != nil {
			t.Fatal(err)
		}
		o.sees(t, `select state || refused from appointment where id = $1`, "unfundedpayment_declined", a.ID)
		if o.jobs(t, "push", a.ID.String()) != 1 {
			t.Error("its client is not told")
		}
		o.comes(t, a.ID, "14 minutes")
	}
	if err := o.SettleDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.sees(t, `select string_agg(distinct state, ',') from appointment`, "unfunded")
	if err := o.Pay(t.Context(), o.by(o.Clients[1]), made[0].ID, ident.New()); !fault.Is(err, "appointment_not_found") {
		t.Errorf("for somebody else's: %v", err)
	}
	if err := o.Pay(t.Context(), o.by(o.Clients[0]), made[0].ID, ident.New()); err != nil {
		t.Fatal(err)
	}
	o.Exec(t, `update appointment set due_at = due_at - interval '2 minutes'`)
	if err := o.SettleDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.sees(t, `select (r.placed_at = a.due_at)::text || a.state from request r join appointment a using (tenant_id, id) where a.id = $1`, "trueentered", made[0].ID)
	o.sees(t, `select state from appointment where id = $1`, "lapsed", made[1].ID)
	o.sees(t, `select count(*)::text from request`, "1")
	if err := o.Pay(t.Context(), o.by(o.Clients[1]), made[1].ID, ident.New()); !fault.Is(err, "appointment_over") {
		t.Errorf("too late: %v", err)
	}
}

// Who finds a funded appointment due may find it turned away once it has the lock, by whoever else came first: its client still has the quarter of an hour.
func TestAnAppointmentTurnedAwayMeanwhileMayStillBePaid(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1, 1)
	a, err := o.book(t, 0, soon())
	if err != nil {
		t.Fatal(err)
	}
	if err := o.SetAside(t.Context(), o.A.ID, a.ID, 1); err != nil {
		t.Fatal(err)
	}
	o.comes(t, a.ID, "14 minutes")
	swept := make(chan error, 1)
	if err := o.InTx(t.Context(), o.A.ID, func(tx *store.Tx) error {
		x, err := tx.LockAppointment(t.Context(), a.ID)
		if err != nil {
			return err
		}
		go func() { swept <- o.SettleDue(t.Context()) }()
		o.until(t, `select (count(*) > 0)::text from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`, "true")
		x.State, x.Funds, x.Refused = store.AppointmentUnfunded, uuid.Nil, "request_not_funded"
		return tx.KeepAppointment(t.Context(), x)
	}); err != nil {
		t.Fatal(err)
	}
	if err := <-swept; err != nil {
		t.Fatal(err)
	}
	o.sees(t, `select state from appointment`, "unfunded")
	if err := o.Pay(t.Context(), o.by(o.Clients[0]), a.ID, ident.New()); err != nil {
		t.Fatal(err)
	}
	if err := o.SettleDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.sees(t, `select state from appointment`, "entered")
}

// A queue opens at the first minute in which it takes requests, in its own zone, also when clocks there are put forward.
func TestAQueueOpensWhenItTakes(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1, 1)
	for i, c := range []struct {
		zone                string
		weekday, from, till int
		at, opens           string
	}{
		{"UTC", 1, 540, 1020, "2027-03-01T08:00:00Z", "2027-03-01T09:00:00Z"},
		{"UTC", 1, 540, 1020, "2027-03-01T09:30:00Z", "2027-03-01T09:30:00Z"},
		{"UTC", 1, 540, 1020, "2027-03-01T17:00:00Z", "2027-03-08T09:00:00Z"}, // a week on
		{"Asia/Dubai", 1, 0, 60, "2027-02-28T19:59:00Z", "2027-02-28T20:00:00Z"},
		{"Africa/Casablanca", 3, 600, 660, "2027-02-03T08:00:00Z", "2027-02-03T09:00:00Z"}, // UTC+1
		{"Africa/Casablanca", 3, 600, 660, "2027-02-17T08:00:00Z", "2027-02-17T10:00:00Z"}, // Ramadan: UTC
		{"Europe/Paris", 7, 180, 240, "2027-03-27T12:00:00Z", "2027-03-28T01:00:00Z"},      // 03:00 comes right after 01:59 that night
	} {
		o.Exec(t, `delete from queue_hours`)
		o.Exec(t, `insert into queue_hours (tenant_id, queue_id, weekday, from_minute, until_minute) values ($1, $2, $3, $4, $5)`, o.A.ID.UUID(), o.Queue, c.weekday, c.from, c.till)
		o.sees(t, `select (queue_opens($1, $2, $3, $4) = $5::timestamptz and queue_takes_at($1, $2, $3, $5))::text`, "true", o.A.ID.UUID(), o.Queue, c.zone, c.at, c.opens)
		if n := o.Int(t, `select count(*) from generate_series($4::timestamptz, $5::timestamptz - interval '1 minute', '1 minute') m where queue_takes_at($1, $2, $3, m)`,
			o.A.ID.UUID(), o.Queue, c.zone, c.at, c.opens); n != 0 {
			t.Errorf("case %d: it takes requests %d minutes before it opens", i, n)
		}
	}
}

// Days that are not as usual count in place of the week's: a holiday closes a queue, also one that is always open, for callbacks, bookings and whoever comes; other hours
// open a day that the week leaves out. The day is the queue's own.
func TestAQueueIsClosedOnItsHolidays(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1, 1)
	day := func(date string, from, until any) {
		o.Exec(t, `insert into queue_day (tenant_id, queue_id, on_date, n, from_minute, until_minute) values ($1, $2, $3, (select count(*) + 1 from queue_day where on_date = $3), $4, $5)`, o.A.ID.UUID(), o.Queue, date, from, until)
	}
	opens := func(zone, at, want string) {
		t.Helper()
		o.sees(t, `select (queue_opens($1, $2, $3, $4) = $5::timestamptz and queue_takes_at($1, $2, $3, $5))::text`, "true", o.A.ID.UUID(), o.Queue, zone, at, want)
		if n := o.Int(t, `select count(*) from generate_series($4::timestamptz, $5::timestamptz - interval '1 minute', '1 minute') m where queue_takes_at($1, $2, $3, m)`, o.A.ID.UUID(), o.Queue, zone, at, want); n != 0 {
			t.Errorf("it takes requests %d minutes before it opens", n)
		}
	}
	day("2027-03-01", nil, nil) // a Monday
	opens("Asia/Dubai", "2027-02-28T20:00:00Z", "2027-03-01T20:00:00Z")
	opens("UTC", "2027-02-28T20:00:00Z", "2027-02-28T20:00:00Z")
	o.Exec(t, `insert into queue_hours (tenant_id, queue_id, weekday, from_minute, until_minute) values ($1, $2, 1, 540, 1020)`, o.A.ID.UUID(), o.Queue)
	opens("UTC", "2027-03-01T08:00:00Z", "2027-03-08T09:00:00Z")
	day("2027-03-03", 600, 660)
	day("2027-03-03", 720, 780)
	opens("UTC", "2027-03-01T08:00:00Z", "2027-03-03T10:00:00Z")
	opens("UTC", "2027-03-03T11:00:00Z", "2027-03-03T12:00:00Z")
	for _, week := range []string{"2027-03-08", "2027-03-15", "2027-03-22"} {
		day(week, nil, nil)
	}
	opens("UTC", "2027-03-04T00:00:00Z", "2027-03-29T09:00:00Z")

	// and as its rules say it: written, read, used
	o.Exec(t, `delete from queue_hours`)
	o.Exec(t, `delete from queue_day`)
	boss, due := o.by(o.Experts[0]), soon()
	all, err := o.Queues(t.Context(), o.A.ID)
	if err != nil {
		t.Fatal(err)
	}
	shut := []store.Day{{Date: servicedate.On(time.Now().UTC(), time.UTC), Away: true}, {Date: servicedate.On(due, time.UTC), Away: true}}
	write := func(days []store.Day) store.QueueRules {
		t.Helper()
		q := matching.QueueSpec{QueueRules: all[0]}
		q.Exceptions, q.Most = days, 500
		now, err := o.ChangeQueue(t.Context(), boss, q)
		if err != nil {
			t.Fatal(err)
		}
		all[0].Version = now.Version
		return now
	}
	if now := write(shut); now.Takes || len(now.Exceptions) != 2 || now.Exceptions[1] != shut[1] {
		t.Errorf("%+v", now)
	}
	if _, err := o.book(t, 0, due); !fault.Is(err, "queue_closed") {
		t.Errorf("booked on a holiday: %v", err)
	}
	o.sees(t, `select queue_takes_at($1, $2, 'UTC', statement_timestamp())::text`, "false", o.A.ID.UUID(), o.Queue)
	if now := write(nil); len(now.Exceptions) != 2 {
		t.Errorf("who does not speak of them takes them away: %+v", now)
	}
	if now := write([]store.Day{}); !now.Takes || len(now.Exceptions) != 0 {
		t.Errorf("%+v", now)
	}
	if _, err := o.book(t, 0, due); err != nil {
		t.Errorf("booked on a day like others: %v", err)
	}
}

// A client is in one conversation at a time: of times that overlap, in whichever queue and however many are booked in the same moment, one is taken. Times that touch do not
// overlap; what is cancelled or moved away is free again.
func TestAClientsTimesDoNotOverlap(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1, 2)
	other := o.queueOf(t, o.Service, "Other", uuid.Nil)
	ask := func(client, i int) (store.Appointment, error) {
		by := o.by(o.Clients[client])
		return o.Book(t.Context(), by, claimed(by, "appointments.book"), matching.Booking{Ask: matching.Ask{Queue: []uuid.UUID{o.Queue, other}[i%2], Modality: "audio"},
			Due: soon().Add(time.Duration(i%3) * 15 * time.Minute), Ceiling: 900, Minutes: 40, Zone: "UTC"}) // each takes three quarters
	}
	var all sync.WaitGroup
	var taken atomic.Int64
	for i := range 12 {
		all.Go(func() {
			switch _, err := ask(0, i); {
			case err == nil:
				taken.Add(1)
			case !fault.Is(err, "appointment_overlaps"):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if taken.Load() != 1 {
		t.Errorf("%d of twelve that overlap were taken", taken.Load())
	}
	if _, err := ask(1, 0); err != nil {
		t.Errorf("somebody else's: %v", err)
	}
	o.sees(t, `select count(*)::text from appointment_quarter q join appointment a on a.id = q.appointment_id where q.client_id = $1 and q.at < a.due_at + a.minutes * interval '1 minute'`, "3", o.Clients[0])
	after, err := o.book(t, 0, soon().Add(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	o.Exec(t, `update appointment set due_at = $2, n = n + 1 where client_id = $1 and minutes = 40`, o.Clients[0], soon())
	by := o.by(o.Clients[0])
	move := func(to time.Time) error {
		return o.MoveAppointment(t.Context(), by, claimed(by, "appointments.move"), after.ID, to)
	}
	if err := move(soon().Add(30 * time.Minute)); !fault.Is(err, "appointment_overlaps") {
		t.Errorf("moved into it: %v", err)
	}
	if err := move(soon().Add(45 * time.Minute)); err != nil {
		t.Errorf("moved beside it: %v", err)
	}
	if _, err := o.book(t, 0, soon().Add(2*time.Hour)); err != nil {
		t.Errorf("where it was: %v", err)
	}
	o.Exec(t, `update appointment set state = 'cancelled', ended_at = clock_timestamp() where minutes = 40`)
	if err := move(soon().Add(30 * time.Minute)); err != nil {
		t.Errorf("what was cancelled: %v", err)
	}
}
