package job

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// Reconcile compares gateways with the books: each gateway account every few minutes, each tenant's ledger once a day.
type Reconcile struct {
	Accounts func(ctx context.Context) ([]ReconcileAccount, error) // those in use
	Account  func(ctx context.Context, tenant, account uuid.UUID) error
	Tenants  func(ctx context.Context) ([]uuid.UUID, error)
	Ledger   func(ctx context.Context, tenant uuid.UUID) error
}

const (
	reconcileEvery = 5 * time.Minute
	verifyEvery    = 24 * time.Hour
)

// ReconcileDue finds what is to be reconciled.
type ReconcileDue struct{}

// Kind is what the row says.
func (ReconcileDue) Kind() string { return "reconcile_due" }

// InsertOpts keeps two leaders from asking twice.
func (ReconcileDue) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: reconcileEvery}}
}

// ReconcileAccount reconciles one gateway account.
type ReconcileAccount struct {
	Tenant  uuid.UUID `json:"tenant" river:"unique"`
	Account uuid.UUID `json:"account" river:"unique"`
}

// Kind is what the row says.
func (ReconcileAccount) Kind() string { return "reconcile_account" }

// InsertOpts: one a period. Both may run: what they keep has keys. One that fails is due again soon anyway.
func (ReconcileAccount) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: reconcileEvery}}
}

// VerifyLedger verifies one tenant's ledger.
type VerifyLedger struct {
	Tenant uuid.UUID `json:"tenant" river:"unique"`
}

// Kind is what the row says.
func (VerifyLedger) Kind() string { return "verify_ledger" }

// InsertOpts: once a day.
func (VerifyLedger) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: verifyEvery}}
}

func (c Reconcile) register(w *river.Workers, r *Runner) *river.PeriodicJob {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, _ *river.Job[ReconcileDue]) error {
		accounts, err := c.Accounts(ctx)
		if err != nil {
			return err
		}
		tenants, err := c.Tenants(ctx)
		if err != nil || len(accounts)+len(tenants) == 0 {
			return err
		}
		jobs := make([]river.InsertManyParams, 0, len(accounts)+len(tenants))
		for _, a := range accounts {
			jobs = append(jobs, river.InsertManyParams{Args: a})
		}
		for _, t := range tenants {
			jobs = append(jobs, river.InsertManyParams{Args: VerifyLedger{Tenant: t}})
		}
		return r.engine.Insert(ctx, jobs)
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[ReconcileAccount]) error {
		if err := c.Account(ctx, j.Args.Tenant, j.Args.Account); err != nil {
			return fmt.Errorf("job: reconcile account %s of %s: %w", j.Args.Account, j.Args.Tenant, err)
		}
		return nil
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[VerifyLedger]) error {
		if err := c.Ledger(ctx, j.Args.Tenant); err != nil {
			return fmt.Errorf("job: verify the ledger of %s: %w", j.Args.Tenant, err)
		}
		return nil
	}))
	return river.NewPeriodicJob(river.PeriodicInterval(reconcileEvery), func() (river.JobArgs, *river.InsertOpts) { return ReconcileDue{}, nil },
		&river.PeriodicJobOpts{RunOnStart: true})
}
