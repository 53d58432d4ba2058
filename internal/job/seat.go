package job

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/waymeet/waymeet/internal/errand"
)

// Seat brings a payment that came to its end to the booking that it was made for. The job is added by the transaction that
// drew the payment.
type Seat struct {
	Settle func(ctx context.Context, tenant, booking, payment uuid.UUID) error
}

func (h Seat) register(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.SettleBooking]) error {
		if err := h.Settle(ctx, j.Args.Tenant, j.Args.Booking, j.Args.Payment); err != nil {
			return fmt.Errorf("job: settle booking %s of %s for payment %s: %w", j.Args.Booking, j.Args.Tenant, j.Args.Payment, err)
		}
		return nil
	}))
}
