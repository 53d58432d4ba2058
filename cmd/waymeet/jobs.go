package main

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/job"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/notify"
	"github.com/waymeet/waymeet/session"
)

// rooms is who does jobs.
type rooms struct {
	wake       *notify.Service
	match      *matching.Service
	desk       *dispatch.Desk
	seats      *booking.Service
	inbox      *billing.Inbox
	payments   *billing.Payments
	bills      *invoicing.Service
	reconciler *billing.Reconciler
	talks      *session.Service
}

// handlers says which room does which job.
func handlers(of rooms) job.Handlers {
	desk, seats, inbox, payments, reconciler := of.desk, of.seats, of.inbox, of.payments, of.reconciler
	return job.Handlers{
		Carry: job.Carry{Carry: func(ctx context.Context, t, payment uuid.UUID, op string, n int) error {
			return payments.CarryNow(ctx, tenant.ID(t), payment, op, n)
		}},
		Seat: job.Seat{Settle: func(ctx context.Context, t, booking, payment uuid.UUID) error {
			return seats.SettlePaid(ctx, tenant.ID(t), booking, payment)
		}},
		Bill: job.Bill{Ride: func(ctx context.Context, t, booking uuid.UUID) error {
			return of.bills.BillRide(ctx, tenant.ID(t), booking)
		}},
		Share: job.Share{
			Open: func(ctx context.Context, o errand.OpenSeller) error {
				return payments.CarrySeller(ctx, tenant.ID(o.Tenant), o)
			},
			PayOut: func(ctx context.Context, o errand.PayOut) error {
				return payments.PayOut(ctx, tenant.ID(o.Tenant), o)
			},
		},
		Method: job.Method{Forget: func(ctx context.Context, o errand.ForgetMethod) error {
			return payments.ForgetMethod(ctx, tenant.ID(o.Tenant), o)
		}},
		Refund: job.Refund{Refund: func(ctx context.Context, r errand.RefundPayment) error {
			return payments.RefundFor(ctx, tenant.ID(r.Tenant), billing.Refund{Payment: r.Payment, Amount: r.Amount, Why: r.Why, Cause: r.Cause})
		}},
		Session:   talking(of.talks, payments, of.wake, of.match),
		Webhook:   job.Webhook{Apply: func(ctx context.Context, t, event uuid.UUID) error { return inbox.Apply(ctx, tenant.ID(t), event) }},
		Reconcile: reconciling(reconciler),
		Withdraw:  job.Withdraw{Rides: func(ctx context.Context, t, member uuid.UUID) error { return seats.Withdraw(ctx, tenant.ID(t), member) }},
		Extend: job.Extend{
			Due: func(ctx context.Context) ([]uuid.UUID, error) {
				due, err := desk.Due(ctx)
				ids := make([]uuid.UUID, len(due))
				for i, t := range due {
					ids[i] = t.UUID()
				}
				return ids, err
			},
			Trip: func(ctx context.Context, t uuid.UUID) error {
				_, err := desk.Extend(ctx, tenant.ID(t))
				return err
			},
		},
	}
}

func reconciling(r *billing.Reconciler) job.Reconcile {
	return job.Reconcile{
		Accounts: func(ctx context.Context) ([]job.ReconcileAccount, error) {
			due, err := r.Due(ctx)
			out := make([]job.ReconcileAccount, len(due))
			for i, a := range due {
				out[i] = job.ReconcileAccount{Tenant: a.Tenant.UUID(), Account: a.Account}
			}
			return out, err
		},
		Account: func(ctx context.Context, t, account uuid.UUID) error { return r.Account(ctx, tenant.ID(t), account) },
		Tenants: func(ctx context.Context) ([]uuid.UUID, error) {
			all, err := r.Ledgers(ctx)
			out := make([]uuid.UUID, len(all))
			for i, t := range all {
				out[i] = t.UUID()
			}
			return out, err
		},
		Ledger: func(ctx context.Context, t uuid.UUID) error { return r.Ledger(ctx, tenant.ID(t)) },
	}
}
