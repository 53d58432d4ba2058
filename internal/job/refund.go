package job

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// Refund gives back what the end of something that was paid owes its payer. The job is added by the transaction that
// ended it.
type Refund struct {
	Refund func(ctx context.Context, r RefundPayment) error
}

// RefundPayment is what is given back of which payment; a cause gives back once.
type RefundPayment struct {
	Tenant  uuid.UUID `json:"tenant"`
	Payment uuid.UUID `json:"payment"`
	Amount  int64     `json:"amount"`
	Why     string    `json:"why"`
	Cause   string    `json:"cause"`
}

// Kind is what the row says.
func (RefundPayment) Kind() string { return "refund_payment" }

func (h Refund) register(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[RefundPayment]) error {
		if err := h.Refund(ctx, j.Args); err != nil {
			return fmt.Errorf("job: give back %d of payment %s of %s for %s: %w", j.Args.Amount, j.Args.Payment, j.Args.Tenant, j.Args.Cause, err)
		}
		return nil
	}))
}
