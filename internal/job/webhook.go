package job

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/waymeet/waymeet/internal/errand"
)

// Webhook applies what a gateway has told. The job is added by the transaction that stored the event.
type Webhook struct {
	Apply func(ctx context.Context, tenant, event uuid.UUID) error
}

func (h Webhook) register(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.ApplyWebhook]) error {
		if err := h.Apply(ctx, j.Args.Tenant, j.Args.Event); err != nil {
			return fmt.Errorf("job: apply webhook %s of %s: %w", j.Args.Event, j.Args.Tenant, err)
		}
		return nil
	}))
}
