package job

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// Bill puts what was delivered on the next invoice of who pays for it. The job is added by the transaction that settled it.
type Bill struct {
	Ride func(ctx context.Context, tenant, booking uuid.UUID) error
}

// BillRide is about one booking.
type BillRide struct {
	Tenant  uuid.UUID `json:"tenant"`
	Booking uuid.UUID `json:"booking"`
}

// Kind is what the row says.
func (BillRide) Kind() string { return "bill_ride" }

func (h Bill) register(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[BillRide]) error {
		if err := h.Ride(ctx, j.Args.Tenant, j.Args.Booking); err != nil {
			return fmt.Errorf("job: bill the ride of booking %s of %s: %w", j.Args.Booking, j.Args.Tenant, err)
		}
		return nil
	}))
}
