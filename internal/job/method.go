package job

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// Method is cards that users keep at gateways.
type Method struct {
	Forget func(ctx context.Context, o ForgetMethod) error
}

// ForgetMethod has a card forgotten by its gateway. The job is added by the transaction that took it from its owner.
type ForgetMethod struct {
	Tenant uuid.UUID `json:"tenant"`
	Method uuid.UUID `json:"method"`
	N      int       `json:"n"`
}

// Kind is what the row says.
func (ForgetMethod) Kind() string { return "forget_method" }

func (h Method) register(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[ForgetMethod]) error {
		if err := h.Forget(ctx, j.Args); err != nil {
			return fmt.Errorf("job: forget method %s of %s: %w", j.Args.Method, j.Args.Tenant, err)
		}
		return nil
	}))
}
