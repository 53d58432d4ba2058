package job

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// Extend keeps trips ready for the coming days, for every tenant: as its day begins, and when an import was cut off.
type Extend struct {
	Due  func(ctx context.Context) ([]uuid.UUID, error) // the tenants to be done
	Trip func(ctx context.Context, tenant uuid.UUID) error
}

// ExtendDue finds the tenants that are due.
type ExtendDue struct{}

// Kind is what the row says.
func (ExtendDue) Kind() string { return "extend_due" }

// InsertOpts keeps two leaders from asking twice.
func (ExtendDue) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: dueEvery}}
}

// ExtendTrips derives one tenant's trips.
type ExtendTrips struct {
	Tenant uuid.UUID `json:"tenant" river:"unique"`
}

// Kind is what the row says.
func (ExtendTrips) Kind() string { return "extend_trips" }

// InsertOpts: one a period, so that a job whose node died does not keep the next from being added. It is harmless if
// both run.
func (ExtendTrips) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 5, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: dueEvery}}
}

func (e Extend) register(w *river.Workers, r *Runner) *river.PeriodicJob {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, _ *river.Job[ExtendDue]) error {
		due, err := e.Due(ctx)
		if err != nil || len(due) == 0 {
			return err
		}
		jobs := make([]river.InsertManyParams, len(due))
		for i, t := range due {
			jobs[i].Args = ExtendTrips{Tenant: t}
		}
		return r.engine.Insert(ctx, jobs)
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[ExtendTrips]) error {
		if err := e.Trip(ctx, j.Args.Tenant); err != nil {
			return fmt.Errorf("job: extend trips of %s: %w", j.Args.Tenant, err)
		}
		return nil
	}))
	return river.NewPeriodicJob(river.PeriodicInterval(dueEvery), func() (river.JobArgs, *river.InsertOpts) { return ExtendDue{}, nil },
		&river.PeriodicJobOpts{RunOnStart: true})
}
