package job

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// Share is experts' accounts at gateways, and what is paid to them.
type Share struct {
	Open   func(ctx context.Context, o OpenSeller) error
	PayOut func(ctx context.Context, o PayOut) error
}

// OpenSeller opens an account. The job is added by the transaction that decided to.
type OpenSeller struct {
	Tenant   uuid.UUID `json:"tenant"`
	Account  uuid.UUID `json:"account"`
	User     uuid.UUID `json:"user"`
	Country  string    `json:"country"`
	Business string    `json:"business"`
	N        int       `json:"n"`
}

// Kind is what the row says.
func (OpenSeller) Kind() string { return "open_seller" }

// PayOut brings one payout to its gateway. The job is added by the transaction that took the money out of the books.
type PayOut struct {
	Tenant uuid.UUID `json:"tenant"`
	Line   uuid.UUID `json:"line"`
	N      int       `json:"n"`
}

// Kind is what the row says.
func (PayOut) Kind() string { return "pay_out" }

func (h Share) register(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[OpenSeller]) error {
		if err := h.Open(ctx, j.Args); err != nil {
			return fmt.Errorf("job: open account of %s of %s: %w", j.Args.User, j.Args.Tenant, err)
		}
		return nil
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[PayOut]) error {
		if err := h.PayOut(ctx, j.Args); err != nil {
			return fmt.Errorf("job: pay out %s of %s: %w", j.Args.Line, j.Args.Tenant, err)
		}
		return nil
	}))
}
