package matching

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Earned is what an expert's conversations brought them: this day, this week, and each before one (nil: all), the newest first.
func (s *Service) Earned(ctx context.Context, t tenant.ID, expert, before uuid.UUID, limit int) (sums store.Earnings, each []store.Earned, err error) {
	r := s.db.Read(t)
	sums, err = r.Earnings(ctx, expert)
	if store.IsNotFound(err) {
		err = fault.New("expert_not_found")
	}
	if err == nil {
		each, err = r.Earned(ctx, expert, before, limit)
	}
	return sums, each, err
}

// Practices are experts by their practice's state, or all, after one, in the order in which they came.
func (s *Service) Practices(ctx context.Context, t tenant.ID, state string, after uuid.UUID, limit int) ([]store.ExpertProfile, error) {
	return s.db.Read(t).Practices(ctx, state, after, limit)
}
