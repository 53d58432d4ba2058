package invoicing

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// Periods is the locked ones, the newest first.
func (s *Service) Periods(ctx context.Context, t tenant.ID) ([]store.PeriodLock, error) {
	return s.db.Read(t).PeriodLocks(ctx, 60)
}

// LockPeriod closes a month of the tenant's for journals. It is not opened again: what belongs there is recorded in the next one.
func (s *Service) LockPeriod(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, month invoice.Month) error {
	zone, err := s.zone(ctx, t)
	if err != nil {
		return err
	}
	_, until := month.Bounds(zone)
	if until.After(s.now().Add(-time.Hour)) {
		return fault.New("period_not_over")
	}
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, 204, func() (any, error) {
			if err := tx.LockPeriod(ctx, store.PeriodLock{Month: month, Until: until, By: by}); err != nil {
				return nil, err
			}
			return struct{}{}, tx.Audit(store.Audit{Actor: by, Action: "period.lock", Target: "period/" + month.String()})
		})
		return err
	})
	if errors.Is(err, store.ErrPeriod) {
		return fault.New("period_out_of_order").Because(err)
	}
	return err
}

// FileName is what an export or a document is saved as.
func FileName(parts ...string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || (r >= '0' && r <= '9') || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') {
			return r
		}
		return '-'
	}, strings.Join(parts, "-"))
}
