// Package errand is the words in which a tenant's transaction asks for work to be done after it.
//
// An errand is a job's kind and its arguments. Who asks (store's AddJob, in the transaction of what the work is about) and who
// does it (internal/job, on any node) share these types, so that neither has to guess how the other spells them. The schema lists
// the same kinds in job_kind, and refuses others; a test compares.
//
// To add one: its type here, a row in job_kind by a migration, and a file in internal/job that says who does it.
//
// The transaction writes its own tenant into the arguments, whatever is in Tenant.
package errand

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Errand is what is asked for.
type Errand interface {
	Kind() string // what the job's row says
}

// ApplyWebhook draws from a gateway's object what an event says has changed.
type ApplyWebhook struct {
	Tenant uuid.UUID `json:"tenant"`
	Event  uuid.UUID `json:"event"`
}

// CarryPayment brings one operation on a payment to its gateway.
type CarryPayment struct {
	Tenant  uuid.UUID `json:"tenant"`
	Payment uuid.UUID `json:"payment"`
	Op      string    `json:"op"`
	N       int       `json:"n"`
}

// RefundPayment gives back so much of a payment (0: all that is left); a cause gives back once.
type RefundPayment struct {
	Tenant  uuid.UUID `json:"tenant"`
	Payment uuid.UUID `json:"payment"`
	Amount  int64     `json:"amount"`
	Why     string    `json:"why"`
	Cause   string    `json:"cause"`
}

// Key is what such a refund is asked for under, by whoever asks.
func (r RefundPayment) Key() string { return r.Payment.String() + "/" + r.Cause }

// SettleBooking brings a payment that came to its end to the booking that it was made for.
type SettleBooking struct {
	Tenant  uuid.UUID `json:"tenant"`
	Booking uuid.UUID `json:"booking"`
	Payment uuid.UUID `json:"payment"`
}

// BillRide puts a ride on the next invoice of who pays for it.
type BillRide struct {
	Tenant  uuid.UUID `json:"tenant"`
	Booking uuid.UUID `json:"booking"`
}

// Key is the ride's own: it is billed once.
func (b BillRide) Key() string { return b.Booking.String() }

// WithdrawRides cancels what somebody booked on their employer's account for days after they left.
type WithdrawRides struct {
	Tenant uuid.UUID `json:"tenant"`
	Member uuid.UUID `json:"member"`
}

// OpenSeller opens an expert's account at a gateway. It is the intent: whoever takes over asks under the same key.
type OpenSeller struct {
	Tenant   uuid.UUID `json:"tenant"`
	Account  uuid.UUID `json:"account"` // the tenant's with the gateway
	User     uuid.UUID `json:"user"`
	Country  string    `json:"country"`
	Business string    `json:"business"`
	N        int       `json:"n"`
}

// PayOut brings one line of a payout run to its gateway.
type PayOut struct {
	Tenant uuid.UUID `json:"tenant"`
	Line   uuid.UUID `json:"line"`
	N      int       `json:"n"` // the attempt, with its key
}

// ForgetMethod has a card forgotten by its gateway.
type ForgetMethod struct {
	Tenant uuid.UUID `json:"tenant"`
	Method uuid.UUID `json:"method"`
	N      int       `json:"n"` // the attempt, with its key
}

// SessionOpen opens the conversation of an accepted offer. Whoever accepts asks for it, in the same transaction.
type SessionOpen struct {
	Tenant  uuid.UUID `json:"tenant"`
	Request uuid.UUID `json:"request"`
	Offer   uuid.UUID `json:"offer"`
}

// Key is the offer's own: it is accepted once.
func (s SessionOpen) Key() string { return s.Offer.String() }

// SessionExtend sets more money aside for a conversation that has so many seconds.
type SessionExtend struct {
	Tenant  uuid.UUID `json:"tenant"`
	Session uuid.UUID `json:"session"`
	Funded  int64     `json:"funded"`
}

// Key is of what was funded then: for each, more is asked for once.
func (s SessionExtend) Key() string { return fmt.Sprintf("%s/%d", s.Session, s.Funded) }

// SessionSettle takes what a conversation cost, or lets all of it go.
type SessionSettle struct {
	Tenant  uuid.UUID `json:"tenant"`
	Session uuid.UUID `json:"session"`
}

// Key is the session's own: it ends once.
func (s SessionSettle) Key() string { return s.Session.String() }

// SessionClose gives the expert's slot back when a conversation is over.
type SessionClose struct {
	Tenant  uuid.UUID `json:"tenant"`
	Session uuid.UUID `json:"session"`
}

// Key is the session's own.
func (s SessionClose) Key() string { return s.Session.String() }

// SessionMedia ends the media of a conversation that is over.
type SessionMedia struct {
	Tenant  uuid.UUID `json:"tenant"`
	Session uuid.UUID `json:"session"`
}

// Key is the session's own.
func (s SessionMedia) Key() string { return s.Session.String() }

// SessionArrange makes what carries a conversation's media follow who takes part.
type SessionArrange struct {
	Tenant  uuid.UUID   `json:"tenant"`
	Session uuid.UUID   `json:"session"`
	Version int64       `json:"version"`        // of the conversation, when it was asked for
	Gone    []uuid.UUID `json:"gone,omitempty"` // who takes part no more
}

// Key is of who took part then: for each change it is asked for once.
func (s SessionArrange) Key() string { return fmt.Sprintf("%s/%d/%v", s.Session, s.Version, s.Gone) }

// SessionTransfer brings a handover to its queue, or takes it back: once for each of its states.
type SessionTransfer struct {
	Tenant   uuid.UUID `json:"tenant"`
	Session  uuid.UUID `json:"session"` // that is handed over
	Transfer uuid.UUID `json:"transfer"`
	State    string    `json:"state"`
}

// Key is of what is to be done.
func (s SessionTransfer) Key() string { return s.Transfer.String() + "/" + s.State }

// SessionSecond has a second expert rung for, or lets go of them: their slot comes back, and they are paid. Once for each of what it has come to.
type SessionSecond struct {
	Tenant  uuid.UUID `json:"tenant"`
	Session uuid.UUID `json:"session"` // that they are asked into
	Second  uuid.UUID `json:"second"`  // what was asked for: a request's id
	Offer   uuid.UUID `json:"offer"`   // that was accepted; nil: none is to be let go
	State   string    `json:"state"`
}

// Key is of what is to be done.
func (s SessionSecond) Key() string { return fmt.Sprintf("%s/%s/%s", s.Second, s.State, s.Offer) }

// FundsUnused lets go what was set aside for a request that nobody placed, or that was given up.
type FundsUnused struct {
	Tenant  uuid.UUID `json:"tenant"`
	Session uuid.UUID `json:"session"` // the money's
	Why     string    `json:"why"`
}

// Key is the money's own, for each reason to look.
func (f FundsUnused) Key() string { return f.Session.String() + "/" + f.Why }

// AppointmentFund sets money aside for an appointment whose time comes.
type AppointmentFund struct {
	Tenant      uuid.UUID `json:"tenant"`
	Appointment uuid.UUID `json:"appointment"`
	N           int       `json:"n"` // of its times: moved, it has another
}

// Key is of one of its times.
func (a AppointmentFund) Key() string { return fmt.Sprintf("%s/%d", a.Appointment, a.N) }

// Push wakes somebody's browsers. Nothing personal goes along: what it is about is said by the page that it opens.
type Push struct {
	Tenant uuid.UUID `json:"tenant"`
	User   uuid.UUID `json:"user"`
	What   string    `json:"what"`        // PushRing, PushTurn, …
	About  uuid.UUID `json:"about"`       // the offer, the conversation, the request, the payment
	N      int       `json:"n,omitempty"` // of several about one: each is another message
	Until  time.Time `json:"until"`       // nobody is woken for what is over
}

// What a push message is about.
const (
	PushRing    = "ring"    // an expert is rung
	PushTurn    = "turn"    // a client's expert is there
	PushCall    = "call"    // a client who wants to be called has their turn
	PushDispute = "dispute" // a payer's bank takes a payment back
	PushDecided = "decided" // … and has decided about it
	PushFund    = "fund"    // no money could be set aside for an appointment
)

// Key is what it is about: once each.
func (p Push) Key() string {
	key := p.What + "/" + p.About.String()
	if p.N > 1 {
		key += fmt.Sprintf("/%d", p.N)
	}
	return key
}

// The kinds.
func (ApplyWebhook) Kind() string    { return "apply_webhook" }
func (CarryPayment) Kind() string    { return "carry_payment" }
func (RefundPayment) Kind() string   { return "refund_payment" }
func (SettleBooking) Kind() string   { return "settle_booking" }
func (BillRide) Kind() string        { return "bill_ride" }
func (WithdrawRides) Kind() string   { return "withdraw_rides" }
func (OpenSeller) Kind() string      { return "open_seller" }
func (PayOut) Kind() string          { return "pay_out" }
func (ForgetMethod) Kind() string    { return "forget_method" }
func (SessionOpen) Kind() string     { return "session_open" }
func (SessionExtend) Kind() string   { return "session_extend" }
func (SessionSettle) Kind() string   { return "session_settle" }
func (SessionClose) Kind() string    { return "session_close" }
func (SessionMedia) Kind() string    { return "session_media" }
func (SessionArrange) Kind() string  { return "session_arrange" }
func (SessionTransfer) Kind() string { return "session_transfer" }
func (SessionSecond) Kind() string   { return "session_second" }
func (FundsUnused) Kind() string     { return "funds_unused" }
func (AppointmentFund) Kind() string { return "appointment_fund" }
func (Push) Kind() string            { return "push" }
