package booking

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Get is one booking with what decides who may see it.
func (s *Service) Get(ctx context.Context, t tenant.ID, id uuid.UUID) (store.BookingView, error) {
	b, err := s.db.Read(t).Booking(ctx, id)
	if store.IsNotFound(err) {
		return b, fault.New("booking_not_found")
	}
	if err != nil {
		return b, fmt.Errorf("booking: get %s: %w", id, err)
	}
	return b, nil
}
