package booking

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Manifest is who travels on a trip, and where it stops.
type Manifest struct {
	Trip  event.Trip
	Stops []event.Halt
	Items []store.BookingView
}

// Manifest reads a trip's manifest.
func (s *Service) Manifest(ctx context.Context, t tenant.ID, trip uuid.UUID) (Manifest, error) {
	r := s.db.Read(t)
	row, err := r.Trip(ctx, trip)
	if store.IsNotFound(err) {
		return Manifest{}, fault.New("trip_not_found")
	}
	if err != nil {
		return Manifest{}, fmt.Errorf("booking: manifest of %s: %w", trip, err)
	}
	items, err := r.Manifest(ctx, trip)
	if err != nil {
		return Manifest{}, fmt.Errorf("booking: manifest of %s: %w", trip, err)
	}
	feed, err := s.feed(ctx, t)
	if err != nil {
		return Manifest{}, err
	}
	table, err := s.book.timetable(ctx, r, feed.Feed, row.Pattern)
	if err != nil {
		return Manifest{}, err
	}
	m := Manifest{Trip: row, Items: items}
	for i := range table.Stops {
		m.Stops = append(m.Stops, table.halt(row.DepartsAt, i))
	}
	return m, nil
}
