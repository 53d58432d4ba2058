package job

import (
	"context"
	"fmt"

	"github.com/riverqueue/river"

	"github.com/waymeet/waymeet/internal/errand"
)

// Method is cards that users keep at gateways.
type Method struct {
	Forget func(ctx context.Context, o errand.ForgetMethod) error
}

func (h Method) register(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.ForgetMethod]) error {
		if err := h.Forget(ctx, j.Args); err != nil {
			return fmt.Errorf("job: forget method %s of %s: %w", j.Args.Method, j.Args.Tenant, err)
		}
		return nil
	}))
}
