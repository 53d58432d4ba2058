package job

import (
	"context"
	"fmt"

	"github.com/riverqueue/river"

	"github.com/waymeet/waymeet/internal/errand"
)

// Refund gives back what the end of something that was paid owes its payer. The job is added by the transaction that
// ended it.
type Refund struct {
	Refund func(ctx context.Context, r errand.RefundPayment) error
}

func (h Refund) register(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.RefundPayment]) error {
		if err := h.Refund(ctx, j.Args); err != nil {
			return fmt.Errorf("job: give back %d of payment %s of %s for %s: %w", j.Args.Amount, j.Args.Payment, j.Args.Tenant, j.Args.Cause, err)
		}
		return nil
	}))
}
