package billing

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// Approve is a second person's yes: the journal is written, as it was prepared, and its finding is explained by it. What cannot be written any
// more (the money is gone, the period is locked, the finding is over) stays a draft. The table itself knows no correction that its
// maker approved.
func (c *Corrections) Approve(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, id uuid.UUID) error {
	return c.decide(ctx, t, by, claim, id, "correction.approve", func(tx *store.Tx, x store.Correction) error {
		switch {
		case x.MadeBy == by:
			return fault.New("correction_own")
		case x.State == CorrectionApproved && x.DecidedBy == by:
			return errSame
		case x.State != CorrectionDraft:
			return fault.New("correction_decided")
		}
		j, err := c.entered(ctx, tx, x)
		if err != nil {
			return err
		}
		if _, err := tx.DecideFinding(ctx, x.Finding, store.FindingExplained, by, x.Reason); store.IsNotFound(err) {
			return fault.New("finding_over")
		} else if err != nil {
			return err
		}
		if err := tx.DecideCorrection(ctx, id, CorrectionApproved, by); err != nil {
			return err
		}
		_, err = tx.RecordOne(ctx, j)
		return err
	})
}

// Discard forgets a draft: its maker may, and anybody who may prepare one.
func (c *Corrections) Discard(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, id uuid.UUID) error {
	return c.decide(ctx, t, by, claim, id, "correction.discard", func(tx *store.Tx, x store.Correction) error {
		switch x.State {
		case CorrectionDiscarded:
			return errSame
		case CorrectionDraft:
			return tx.DecideCorrection(ctx, id, CorrectionDiscarded, by)
		}
		return fault.New("correction_decided")
	})
}

// decide does one step of a correction behind its lock, audited, once.
func (c *Corrections) decide(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, id uuid.UUID, act string, step func(tx *store.Tx, x store.Correction) error) error {
	err := c.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, 200, func() (any, error) {
			x, err := tx.LockCorrection(ctx, id)
			if err != nil {
				return nil, err
			}
			if err := step(tx, x); err != nil {
				return nil, err
			}
			return id, tx.Audit(store.Audit{Actor: by, Action: act, Target: "correction/" + id.String(), Detail: map[string]any{"finding": x.Finding, "subject": x.Subject, "reason": x.Reason}})
		})
		return err
	})
	switch {
	case errors.Is(err, errSame):
		return nil
	case store.IsNotFound(err):
		return fault.New("not_found")
	}
	return err
}
