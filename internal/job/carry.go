package job

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/waymeet/waymeet/internal/errand"
)

// Carry brings what was asked about a payment to its gateway. The job is added by the transaction that committed to asking.
type Carry struct {
	Carry func(ctx context.Context, tenant, payment uuid.UUID, op string, n int) error
}

func (h Carry) register(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.CarryPayment]) error {
		if err := h.Carry(ctx, j.Args.Tenant, j.Args.Payment, j.Args.Op, j.Args.N); err != nil {
			return fmt.Errorf("job: carry %s:%d of payment %s of %s: %w", j.Args.Op, j.Args.N, j.Args.Payment, j.Args.Tenant, err)
		}
		return nil
	}))
}
