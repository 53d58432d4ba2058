package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

type askHold struct {
	Body struct {
		Trip  uuid.UUID `json:"trip" format:"uuid" example:"019ab1a8-5e80-7abc-8def-0123456789ab"`
		From  uuid.UUID `json:"from" format:"uuid" example:"0190b7a6-3333-7abc-8def-0123456789ab" doc:"The stop where the ride begins"`
		To    uuid.UUID `json:"to" format:"uuid" example:"0190b7a6-4444-7abc-8def-0123456789ab" doc:"The stop where it ends"`
		Party int       `json:"party" example:"2" doc:"People, 1 to 60"`
	}
}

type askConfirm struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Pay string `json:"pay" maxLength:"20" example:"cash" doc:"cash: declared, the driver collects it. wallet: taken at once. programme: when the employer pays all of it"`
	}
}

type askPay struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body *WithCard // none: a card is typed, and not kept
}

type bookingPayment struct {
	Booking Booking     `json:"booking"`
	Payment PaymentStep `json:"payment"`
}

type bookingID struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

type askBookings struct {
	State  []string `query:"state" enum:"held,confirmed,boarded,completed,no_show,cancelled,expired" doc:"Only those; all when absent"`
	Cursor string   `query:"cursor" maxLength:"100"`
	Limit  int      `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

type ticketAnswer struct {
	Token     string    `json:"token" example:"AQEBkLem…" doc:"What the QR code holds: at most 200 bytes, checked offline with the key of ticketKeys.list"`
	KID       string    `json:"kid" example:"1"`
	ExpiresAt time.Time `json:"expires_at"`
}

// bookingDesk is the handlers of bookings.
type bookingDesk struct {
	s *booking.Service
	p *billing.Payments
}

// Bookings is seats from hold to ride.
func Bookings(s *booking.Service, p *billing.Payments) func(*rest.API) {
	d := bookingDesk{s, p}
	return func(a *rest.API) {
		rest.Handle(a, "bookings.hold", rest.Doc{Summary: "Hold seats", Status: http.StatusCreated,
			About: "Keeps seats on every leg between two stops for a few minutes. trip_full says how many are left."}, d.hold)
		rest.Handle(a, "bookings.confirm", rest.Doc{Summary: "Confirm a hold",
			About: "hold_expired when its time is over: the seats are free again then."}, d.confirm)
		rest.Handle(a, "bookings.pay", rest.Doc{Summary: "Pay a held booking by card", Status: http.StatusCreated,
			About: "Opens a payment and keeps the seats while it is open, within bounds. The booking is confirmed when the acquirer has the money: by its live document, not by this answer. Money that comes when the seats are gone goes back."}, d.pay)
		rest.Handle(a, "bookings.payment", rest.Doc{Summary: "Go on with a booking's payment", About: "The latest one: what came of it, and what is left to do. payment_not_found when none was opened."}, d.payment)
		rest.Handle(a, "bookings.cancel", rest.Doc{Summary: "Cancel a booking",
			About: "Frees the seats. refund says what comes back: everything until cancel_until, after that what the operator's policy says."}, d.cancel)
		rest.Handle(a, "bookings.noShow", rest.Doc{Summary: "Record that riders did not come"}, d.noShow)
		rest.Handle(a, "bookings.get", rest.Doc{Summary: "See a booking"}, d.get)
		rest.Handle(a, "bookings.list", rest.Doc{Summary: "See my bookings", About: "Newest first."}, d.list)
		rest.Handle(a, "bookings.ticket", rest.Doc{Summary: "Get a booking's ticket", About: "Only the rider's own, once it is confirmed."}, d.ticket)
	}
}

func byOf(ctx context.Context) booking.By {
	a, _ := policy.ActorFrom(ctx) // the door let nobody in without one
	return booking.By{Tenant: a.Tenant, User: a.User}
}

// may loads a booking and asks whether the caller may do this to it.
func (d bookingDesk) may(ctx context.Context, action policy.Action, id uuid.UUID) (store.BookingView, error) {
	by := byOf(ctx)
	b, err := d.s.Get(ctx, by.Tenant, id)
	if err != nil {
		return b, err
	}
	err = policy.Can(ctx, action, policy.Resource{Tenant: by.Tenant, Kind: "booking", ID: id, Owner: b.Rider, Line: b.Line})
	if fault.Is(err, "not_found") {
		err = fault.New("booking_not_found") // as of one that nobody made
	}
	return b, err
}

func answerOf(r booking.Result, err error) (*rest.Answer[Booking], error) {
	if err != nil {
		return nil, err
	}
	return rest.Say(bookingOf(r.Booking)), nil
}

func (d bookingDesk) hold(ctx context.Context, in *askHold) (*rest.Answer[Booking], error) {
	return answerOf(d.s.Hold(ctx, byOf(ctx), rest.ClaimOf(ctx), booking.Hold(in.Body)))
}

func (d bookingDesk) confirm(ctx context.Context, in *askConfirm) (*rest.Answer[Booking], error) {
	if _, err := d.may(ctx, policy.BookingConfirm, in.ID); err != nil {
		return nil, err
	}
	return answerOf(d.s.Confirm(ctx, byOf(ctx), rest.ClaimOf(ctx), in.ID, in.Body.Pay))
}

func (d bookingDesk) pay(ctx context.Context, in *askPay) (*rest.Answer[bookingPayment], error) {
	if _, err := d.may(ctx, policy.BookingConfirm, in.ID); err != nil {
		return nil, err
	}
	by := byOf(ctx)
	account, err := d.p.Account(ctx, by.Tenant)
	if err != nil {
		return nil, err
	}
	var with store.With
	if in.Body != nil {
		with = in.Body.with()
	}
	if err := d.p.MayKeep(ctx, by.Tenant, with); err != nil {
		return nil, err
	}
	r, err := d.s.Pay(ctx, by, rest.ClaimOf(ctx), in.ID, account, with)
	if err != nil {
		return nil, err
	}
	step, err := d.p.Step(ctx, by.Tenant, r.Booking.Payment)
	if err != nil {
		return nil, err
	}
	return rest.Say(bookingPayment{bookingOf(r.Booking), stepOf(step)}), nil
}

func (d bookingDesk) payment(ctx context.Context, in *bookingID) (*rest.Answer[PaymentStep], error) {
	b, err := d.may(ctx, policy.BookingConfirm, in.ID)
	if err != nil {
		return nil, err
	}
	if b.Payment == uuid.Nil {
		return nil, fault.New("payment_not_found")
	}
	step, err := d.p.Step(ctx, byOf(ctx).Tenant, b.Payment)
	return rest.Say(stepOf(step)), err
}

func (d bookingDesk) cancel(ctx context.Context, in *bookingID) (*rest.Answer[Booking], error) {
	if _, err := d.may(ctx, policy.BookingCancel, in.ID); err != nil {
		return nil, err
	}
	return answerOf(d.s.Cancel(ctx, byOf(ctx), rest.ClaimOf(ctx), in.ID))
}

func (d bookingDesk) noShow(ctx context.Context, in *bookingID) (*rest.Answer[Booking], error) {
	if _, err := d.may(ctx, policy.BookingNoShow, in.ID); err != nil {
		return nil, err
	}
	return answerOf(d.s.NoShow(ctx, byOf(ctx), rest.ClaimOf(ctx), in.ID))
}

func (d bookingDesk) get(ctx context.Context, in *bookingID) (*rest.Answer[Booking], error) {
	b, err := d.may(ctx, policy.BookingRead, in.ID)
	if err != nil {
		return nil, err
	}
	return rest.Say(bookingOf(b.Booking)), nil
}

func (d bookingDesk) list(ctx context.Context, in *askBookings) (*rest.Answer[rest.Page[Booking]], error) {
	p, err := d.s.List(ctx, byOf(ctx), booking.List{States: in.State, Cursor: in.Cursor, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := rest.Page[Booking]{Items: make([]Booking, len(p.Items)), Next: p.Next}
	for i, b := range p.Items {
		out.Items[i] = bookingOf(b)
	}
	return rest.Say(out), nil
}

func (d bookingDesk) ticket(ctx context.Context, in *bookingID) (*rest.Answer[ticketAnswer], error) {
	if _, err := d.may(ctx, policy.BookingTicket, in.ID); err != nil {
		return nil, err
	}
	t, err := d.s.Ticket(ctx, byOf(ctx).Tenant, in.ID)
	if err != nil {
		return nil, err
	}
	return rest.Say(ticketAnswer{Token: t.Token, KID: kidOf(t.KID), ExpiresAt: t.Expires}), nil
}
