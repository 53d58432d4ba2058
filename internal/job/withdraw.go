package job

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/waymeet/waymeet/internal/errand"
)

// Withdraw cancels what somebody booked on their employer's account for days after they left. The job is added by the
// transaction that ended their membership.
type Withdraw struct {
	Rides func(ctx context.Context, tenant, member uuid.UUID) error
}

func (h Withdraw) register(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.WithdrawRides]) error {
		if err := h.Rides(ctx, j.Args.Tenant, j.Args.Member); err != nil {
			return fmt.Errorf("job: withdraw the rides of member %s of %s: %w", j.Args.Member, j.Args.Tenant, err)
		}
		return nil
	}))
}
