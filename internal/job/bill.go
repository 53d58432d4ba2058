package job

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/waymeet/waymeet/internal/errand"
)

// Bill puts what was delivered on the next invoice of who pays for it. The job is added by the transaction that settled it.
type Bill struct {
	Ride func(ctx context.Context, tenant, booking uuid.UUID) error
}

func (h Bill) register(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.BillRide]) error {
		if err := h.Ride(ctx, j.Args.Tenant, j.Args.Booking); err != nil {
			return fmt.Errorf("job: bill the ride of booking %s of %s: %w", j.Args.Booking, j.Args.Tenant, err)
		}
		return nil
	}))
}
