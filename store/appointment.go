package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// AppointmentState is where an appointment stands. The last three are final.
type AppointmentState string

// States of appointments.
const (
	AppointmentBooked    AppointmentState = "booked"
	AppointmentFunded    AppointmentState = "funded"   // money is set aside for it
	AppointmentUnfunded  AppointmentState = "unfunded" // none could be: its client may do so
	AppointmentEntered   AppointmentState = "entered"  // its request waits in the queue
	AppointmentCancelled AppointmentState = "cancelled"
	AppointmentLapsed    AppointmentState = "lapsed" // its time passed
)

// Open says that its time is to come.
func (s AppointmentState) Open() bool {
	return s == AppointmentBooked || s == AppointmentFunded || s == AppointmentUnfunded
}

// Kinds of appointments.
const (
	AppointmentAtTime   = "appointment"
	AppointmentCallback = "callback" // when the queue opens
)

// Appointment is a time that a client has booked in a queue.
type Appointment struct {
	ID, Queue, Client uuid.UUID
	Kind, Modality    string
	Languages         []string
	Needs             []Need
	About             string
	Ceiling           ledger.Money // of a minute's price
	Minutes           int          // for which money is set aside then
	Method            uuid.UUID    // of a card that they keep; nil: of their wallet
	Due               time.Time
	N                 int    // grows when it is moved
	Zone, QueueZone   string // its client's and its queue's
	State             AppointmentState
	Funds             uuid.UUID // nil: none yet
	Refused           string    // why
	Version           int64
	At                time.Time // PostgreSQL's clock, when it was read
}

// AppointmentGround is what it is decided by whether a time may be booked.
type AppointmentGround struct {
	Known, Open bool
	Modalities  []string
	Zone        string
	Days, Each  int
	At          time.Time // PostgreSQL's clock
	Takes       bool      // at the time that is asked for, by the queue's hours
	Opens       time.Time // next, or now
	Taken       int       // of that time, by others
	Mine        int       // other times of the client's, whichever
}

// AppointmentGround reads it, and holds the queue until the transaction ends. but is left out of what is taken.
func (tx *Tx) AppointmentGround(ctx context.Context, queue, client, but uuid.UUID, due time.Time) (g AppointmentGround, err error) {
	t := tx.tenant.UUID()
	q, err := tx.q.AppointmentQueue(ctx, t, queue)
	if IsNotFound(err) {
		return g, nil
	}
	if err == nil {
		var r sqlc.AppointmentGroundRow
		r, err = tx.q.AppointmentGround(ctx, sqlc.AppointmentGroundParams{TenantID: t, QueueID: queue, TimeZone: q.TimeZone, DueAt: due, But: but, ClientID: client})
		g = AppointmentGround{true, q.Open, q.Modalities, q.TimeZone, int(q.AppointmentDays), int(q.AppointmentEach), r.At, r.Takes, r.Opens, int(r.Taken), int(r.Mine)}
	}
	if err != nil {
		err = fmt.Errorf("store: what a time in queue %s is booked by: %w", queue, err)
	}
	return g, err
}

// AddAppointment books a time.
func (tx *Tx) AddAppointment(ctx context.Context, a Appointment) error {
	needs, err := json.Marshal(a.Needs)
	if err != nil {
		return fmt.Errorf("store: needs of appointment %s: %w", a.ID, err)
	}
	if a.Needs == nil {
		needs = json.RawMessage("[]")
	}
	if a.Languages == nil {
		a.Languages = []string{}
	}
	err = tx.q.AppointmentAdd(ctx, sqlc.AppointmentAddParams{TenantID: tx.tenant.UUID(), ID: a.ID, QueueID: a.Queue, ClientID: a.Client, Kind: a.Kind, Modality: a.Modality, Languages: a.Languages,
		Needs: needs, About: a.About, Ceiling: a.Ceiling.Amount, Currency: string(a.Ceiling.Currency), Minutes: int16(a.Minutes), MethodID: idOrNull(a.Method), DueAt: a.Due, TimeZone: a.Zone})
	if err != nil {
		return fmt.Errorf("store: add appointment %s: %w", a.ID, apart(err))
	}
	return tx.tellAppointment(ctx, a.ID)
}

// LockAppointment is an appointment that nobody else changes until the transaction ends.
func (tx *Tx) LockAppointment(ctx context.Context, id uuid.UUID) (Appointment, error) {
	if _, err := tx.q.AppointmentLock(ctx, tx.tenant.UUID(), id); err != nil {
		return Appointment{}, fmt.Errorf("store: lock appointment %s: %w", id, err)
	}
	return tx.Appointment(ctx, id)
}

// apart is ErrTaken where the client has booked a time that overlaps: PostgreSQL decides, whoever books in the same moment.
func apart(err error) error {
	if constraint(err) == "appointment_apart" {
		return ErrTaken
	}
	return err
}

// KeepAppointment writes what has become of one: its kind, state, time, number, money, and why there is none.
func (tx *Tx) KeepAppointment(ctx context.Context, a Appointment) error {
	err := tx.q.AppointmentKeep(ctx, sqlc.AppointmentKeepParams{TenantID: tx.tenant.UUID(), ID: a.ID, Kind: a.Kind, State: string(a.State), DueAt: a.Due, N: int32(a.N), FundsID: idOrNull(a.Funds), Refused: a.Refused})
	if err != nil {
		return fmt.Errorf("store: keep appointment %s: %w", a.ID, apart(err))
	}
	return tx.tellAppointment(ctx, a.ID)
}

func (tx *Tx) tellAppointment(ctx context.Context, id uuid.UUID) error {
	a, err := tx.Appointment(ctx, id)
	if err != nil {
		return err
	}
	e := a.event()
	return tx.Emit(e.Change())
}

// Appointment is one.
func (r *Reader) Appointment(ctx context.Context, id uuid.UUID) (Appointment, error) {
	row, err := r.q.AppointmentGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return Appointment{}, fmt.Errorf("store: read appointment %s: %w", id, err)
	}
	a, err := appointmentOf(&row.Appointment, row.QueueZone)
	a.At = row.At
	return a, err
}

// AppointmentsOf is a client's that are to come, the next first.
func (r *Reader) AppointmentsOf(ctx context.Context, client uuid.UUID) ([]Appointment, error) {
	rows, err := r.q.AppointmentsOf(ctx, r.tenant.UUID(), client)
	if err != nil {
		return nil, fmt.Errorf("store: list appointments of %s: %w", client, err)
	}
	out := make([]Appointment, len(rows))
	for i := range rows {
		if out[i], err = appointmentOf(&rows[i].Appointment, rows[i].QueueZone); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// QueueHours is when a queue takes requests.
type QueueHours struct {
	Zone  string
	Open  bool // at all
	Takes bool // now
	Opens time.Time
}

// QueueHours is a queue's, now.
func (r *Reader) QueueHours(ctx context.Context, queue uuid.UUID) (QueueHours, error) {
	q, err := r.q.QueueHoursNow(ctx, r.tenant.UUID(), queue)
	if err != nil {
		return QueueHours{}, fmt.Errorf("store: read hours of queue %s: %w", queue, err)
	}
	return QueueHours{q.TimeZone, q.Open, q.Takes, q.Opens}, nil
}

// AppointmentTimes is which times of a queue may still be booked between two instants.
func (r *Reader) AppointmentTimes(ctx context.Context, queue uuid.UUID, first, last time.Time) ([]time.Time, error) {
	times, err := r.q.AppointmentTimes(ctx, first, last, r.tenant.UUID(), queue)
	if err != nil {
		return nil, fmt.Errorf("store: list times of queue %s: %w", queue, err)
	}
	return times, nil
}

// DueAppointments finds, of whichever tenant, those whose time has come and those that nobody has funded for so long after it.
func (s *System) DueAppointments(ctx context.Context, grace time.Duration, limit int) ([]RequestIn, error) {
	rows, err := s.q.AppointmentsDue(ctx, grace.Seconds(), int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: find due appointments: %w", err)
	}
	out := make([]RequestIn, len(rows))
	for i, r := range rows {
		out[i] = RequestIn{tenant.ID(r.TenantID), r.ID}
	}
	return out, nil
}

func appointmentOf(r *sqlc.Appointment, queueZone string) (Appointment, error) {
	a := Appointment{ID: r.ID, Queue: r.QueueID, Client: r.ClientID, Kind: r.Kind, Modality: r.Modality, Languages: r.Languages, About: r.About, Ceiling: ledger.Of(r.Ceiling, ledger.Currency(r.Currency)),
		Minutes: int(r.Minutes), Method: idOf(r.MethodID), Due: r.DueAt, N: int(r.N), Zone: r.TimeZone, QueueZone: queueZone, State: AppointmentState(r.State), Funds: idOf(r.FundsID), Refused: r.Refused, Version: r.Version}
	if err := json.Unmarshal(r.Needs, &a.Needs); err != nil {
		return a, fmt.Errorf("store: needs of appointment %s: %w", r.ID, err)
	}
	return a, nil
}

func (a *Appointment) event() event.Appointment {
	return event.Appointment{ID: a.ID, Queue: a.Queue, Client: a.Client, Kind: a.Kind, Modality: a.Modality, Minutes: a.Minutes, Ceiling: a.Ceiling.Amount, Currency: string(a.Ceiling.Currency),
		DueAt: a.Due, Zone: a.Zone, QueueZone: a.QueueZone, State: string(a.State), Refused: a.Refused, Version: a.Version}
}
