package job

import (
	"context"
	"fmt"

	"github.com/riverqueue/river"

	"github.com/waymeet/waymeet/internal/errand"
)

// Session is what a conversation asks for while it goes on: to be opened, more money, its settlement, its expert's slot, the end of its media, the end of money that nobody
// waits with; and before it, money for a time that was booked.
type Session struct {
	Open   func(ctx context.Context, o errand.SessionOpen) error
	Extend func(ctx context.Context, o errand.SessionExtend) error
	Settle func(ctx context.Context, o errand.SessionSettle) error
	Close  func(ctx context.Context, o errand.SessionClose) error
	HangUp func(ctx context.Context, o errand.SessionMedia) error
	Follow func(ctx context.Context, o errand.SessionArrange) error
	HandOn func(ctx context.Context, o errand.SessionTransfer) error
	Second func(ctx context.Context, o errand.SessionSecond) error
	Unused func(ctx context.Context, o errand.FundsUnused) error
	Push   func(ctx context.Context, o errand.Push) error
	Due    func(ctx context.Context, o errand.AppointmentFund) error
}

func (h Session) register(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.SessionOpen]) error {
		if err := h.Open(ctx, j.Args); err != nil {
			return fmt.Errorf("job: open session of offer %s of %s: %w", j.Args.Offer, j.Args.Tenant, err)
		}
		return nil
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.SessionExtend]) error {
		if err := h.Extend(ctx, j.Args); err != nil {
			return fmt.Errorf("job: extend session %s of %s: %w", j.Args.Session, j.Args.Tenant, err)
		}
		return nil
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.SessionSettle]) error {
		if err := h.Settle(ctx, j.Args); err != nil {
			return fmt.Errorf("job: settle session %s of %s: %w", j.Args.Session, j.Args.Tenant, err)
		}
		return nil
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.SessionClose]) error {
		if err := h.Close(ctx, j.Args); err != nil {
			return fmt.Errorf("job: close session %s of %s: %w", j.Args.Session, j.Args.Tenant, err)
		}
		return nil
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.SessionMedia]) error {
		if err := h.HangUp(ctx, j.Args); err != nil {
			return fmt.Errorf("job: end the media of session %s of %s: %w", j.Args.Session, j.Args.Tenant, err)
		}
		return nil
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.SessionArrange]) error {
		if err := h.Follow(ctx, j.Args); err != nil {
			return fmt.Errorf("job: arrange the media of session %s of %s: %w", j.Args.Session, j.Args.Tenant, err)
		}
		return nil
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.SessionTransfer]) error {
		if err := h.HandOn(ctx, j.Args); err != nil {
			return fmt.Errorf("job: hand session %s of %s over: %w", j.Args.Session, j.Args.Tenant, err)
		}
		return nil
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.SessionSecond]) error {
		if err := h.Second(ctx, j.Args); err != nil {
			return fmt.Errorf("job: the second expert of session %s of %s: %w", j.Args.Session, j.Args.Tenant, err)
		}
		return nil
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.Push]) error {
		if err := h.Push(ctx, j.Args); err != nil {
			return fmt.Errorf("job: wake %s of %s: %w", j.Args.User, j.Args.Tenant, err)
		}
		return nil
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.AppointmentFund]) error {
		if err := h.Due(ctx, j.Args); err != nil {
			return fmt.Errorf("job: fund appointment %s of %s: %w", j.Args.Appointment, j.Args.Tenant, err)
		}
		return nil
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[errand.FundsUnused]) error {
		if err := h.Unused(ctx, j.Args); err != nil {
			return fmt.Errorf("job: let the funds %s of %s go: %w", j.Args.Session, j.Args.Tenant, err)
		}
		return nil
	}))
}
