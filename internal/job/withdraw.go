package job

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// Withdraw cancels what somebody booked on their employer's account for days after they left. The job is added by the
// transaction that ended their membership.
type Withdraw struct {
	Rides func(ctx context.Context, tenant, member uuid.UUID) error
}

// WithdrawRides is about one membership.
type WithdrawRides struct {
	Tenant uuid.UUID `json:"tenant"`
	Member uuid.UUID `json:"member"`
}

// Kind is what the row says.
func (WithdrawRides) Kind() string { return "withdraw_rides" }

func (h Withdraw) register(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[WithdrawRides]) error {
		if err := h.Rides(ctx, j.Args.Tenant, j.Args.Member); err != nil {
			return fmt.Errorf("job: withdraw the rides of member %s of %s: %w", j.Args.Member, j.Args.Tenant, err)
		}
		return nil
	}))
}
