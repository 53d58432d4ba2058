package main

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/job"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/notify"
	"github.com/waymeet/waymeet/session"
	"github.com/waymeet/waymeet/store"
)

// moreMinutes is how much is set aside at a time while two talk.
const moreMinutes = 5

// talking is where conversations and their money meet: each asks for a job, and each job may run twice.
func talking(talks *session.Service, payments *billing.Payments, wake *notify.Service, match *matching.Service) job.Session {
	return job.Session{
		Open: func(ctx context.Context, o errand.SessionOpen) error {
			if err := talks.Open(ctx, tenant.ID(o.Tenant), o.Request, o.Offer); err != nil {
				return err
			}
			return wake.Turn(ctx, tenant.ID(o.Tenant), o.Request, o.Offer)
		},
		Extend: func(ctx context.Context, o errand.SessionExtend) error { return extend(ctx, talks, payments, o) },
		Settle: func(ctx context.Context, o errand.SessionSettle) error {
			funds, cost, ended, err := talks.Bill(ctx, tenant.ID(o.Tenant), o.Session)
			if err != nil || !ended {
				return err
			}
			_, err = payments.Settle(ctx, tenant.ID(o.Tenant), funds, cost)
			return err
		},
		Close: func(ctx context.Context, o errand.SessionClose) error {
			return talks.Close(ctx, tenant.ID(o.Tenant), o.Session)
		},
		HandOn: func(ctx context.Context, o errand.SessionTransfer) error {
			return handOn(ctx, talks, payments, match, o)
		},
		Second: func(ctx context.Context, o errand.SessionSecond) error {
			return beside(ctx, talks, payments, match, o)
		},
		Push: wake.Deliver,
		Due: func(ctx context.Context, o errand.AppointmentFund) error {
			return match.SetAside(ctx, tenant.ID(o.Tenant), o.Appointment, o.N)
		},
		Unused: func(ctx context.Context, o errand.FundsUnused) error {
			if err := talks.Unasked(ctx, tenant.ID(o.Tenant), o.Session); err != nil {
				return err
			}
			return payments.Unused(ctx, tenant.ID(o.Tenant), o.Session)
		},
		Follow: func(ctx context.Context, o errand.SessionArrange) error {
			return talks.Arrange(ctx, tenant.ID(o.Tenant), o.Session, o.Gone)
		},
		HangUp: func(ctx context.Context, o errand.SessionMedia) error {
			return talks.HangUp(ctx, tenant.ID(o.Tenant), o.Session)
		},
	}
}

// extend sets more aside, under a key of what was funded when it was asked for, and tells the meter how long all of it lasts. A
// bank that says no, or wants to see its customer, is an answer: the meter ends with the funds that there are.
func extend(ctx context.Context, talks *session.Service, payments *billing.Payments, o errand.SessionExtend) error {
	t := tenant.ID(o.Tenant)
	funds, _, ended, err := talks.Bill(ctx, t, o.Session)
	if err != nil || ended {
		return err
	}
	claim := idem.Claim{Actor: uuid.Nil, Operation: "session.extend", Key: o.Key(), Hash: idem.HashOf(o)}
	held, err := payments.Extend(ctx, t, claim, funds, moreMinutes)
	var no *gateway.Declined
	var ask *gateway.NeedsAuthentication
	switch {
	case errors.As(err, &no), errors.As(err, &ask), err != nil && fault.As(err).Kind == fault.Conflict:
		return nil
	case err != nil:
		return err
	}
	return talks.Fund(ctx, t, o.Session, held.Funds.Until)
}

// handOn brings a handover to its queue: money is set aside under its name, then its client waits there. What is refused takes it back. One that was taken back is undone:
// whoever is rung stops, who has taken it is let go, and so is the money.
func handOn(ctx context.Context, talks *session.Service, payments *billing.Payments, match *matching.Service, o errand.SessionTransfer) error {
	t := tenant.ID(o.Tenant)
	if o.State == string(store.TransferOff) {
		if err := match.Withdraw(ctx, t, o.Transfer); err != nil {
			return err
		}
		if err := talks.Uncall(ctx, t, o.Transfer); err != nil {
			return err
		}
		return payments.Unused(ctx, t, o.Transfer)
	}
	x, current, err := talks.Handed(ctx, t, o.Session, o.Transfer)
	if err != nil || !current || x.Transfer.State != store.TransferAsked {
		return err
	}
	claim := idem.Claim{Actor: uuid.Nil, Operation: "sessions.transfer", Key: o.Key(), Hash: idem.HashOf(o)}
	if _, err = payments.AuthoriseOnward(ctx, t, claim, x.Funds, o.Transfer, moreMinutes); err == nil {
		err = match.Follow(ctx, t, &x)
	}
	if refuses(err) {
		return talks.Refuse(ctx, t, o.Session, o.Transfer, fault.As(err).Code)
	}
	return err
}

// beside has somebody rung for as a second expert. Who was let go has their slot back and their pay; where nobody had come, nobody is rung any more, and of a request that was cancelled the
// conversation hears.
func beside(ctx context.Context, talks *session.Service, payments *billing.Payments, match *matching.Service, o errand.SessionSecond) error {
	t := tenant.ID(o.Tenant)
	switch {
	case o.State == string(store.RequestCancelled):
		return talks.Unasked(ctx, t, o.Second)
	case o.Offer != uuid.Nil:
		if err := talks.FreeSecond(ctx, t, o.Offer); err != nil {
			return err
		}
		return payments.PaySecond(ctx, t, o.Offer)
	case o.State == string(store.TransferOff):
		return match.Withdraw(ctx, t, o.Second)
	}
	x, asked, err := talks.Besides(ctx, t, o.Session, o.Second)
	if err != nil || !asked {
		return err
	}
	err = match.Join(ctx, t, &x)
	if refuses(err) {
		return talks.RefuseSecond(ctx, t, o.Session, o.Second, fault.As(err).Code)
	}
	return err
}

// refuses says that an answer is no, and will be.
func refuses(err error) bool {
	f := fault.As(err)
	return f != nil && (f.Kind == fault.Conflict || f.Kind == fault.Invalid || f.Kind == fault.NotFound)
}
