package job

import (
	"context"
	"fmt"

	"github.com/riverqueue/river"

	"github.com/waymeet/waymeet/internal/errand"
)

// Share is experts' accounts at gateways, and what is paid to them.
type Share struct {
	Open   func(ctx context.Context, o errand.OpenSeller) error
	PayOut func(ctx context.Context, o errand.PayOut) error
}

func (h Share) register(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.OpenSeller]) error {
		if err := h.Open(ctx, j.Args); err != nil {
			return fmt.Errorf("job: open account of %s of %s: %w", j.Args.User, j.Args.Tenant, err)
		}
		return nil
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.PayOut]) error {
		if err := h.PayOut(ctx, j.Args); err != nil {
			return fmt.Errorf("job: pay out %s of %s: %w", j.Args.Line, j.Args.Tenant, err)
		}
		return nil
	}))
}
