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
		Push: wake.Deliver,
		Due: func(ctx context.Context, o errand.AppointmentFund) error {
			return match.SetAside(ctx, tenant.ID(o.Tenant), o.Appointment, o.N)
		},
		Unused: func(ctx context.Context, o errand.FundsUnused) error {
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
