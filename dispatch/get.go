package dispatch

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Trip is one trip.
func (d *Desk) Trip(ctx context.Context, t tenant.ID, id uuid.UUID) (event.Trip, error) {
	trip, err := d.db.Read(t).Trip(ctx, id)
	if store.IsNotFound(err) {
		return trip, fault.New("trip_not_found")
	}
	return trip, wrap(err, "get trip", id)
}

// TripNames is what people call a trip's line.
func (d *Desk) TripNames(ctx context.Context, t tenant.ID, pattern uuid.UUID) (store.TripNames, error) {
	n, err := d.db.Read(t).TripNames(ctx, pattern)
	return n, wrap(err, "names of pattern", pattern)
}

// Stops finds stops.
func (d *Desk) Stops(ctx context.Context, t tenant.ID, q store.StopSearch) ([]store.Stop, error) {
	return d.db.Read(t).Stops(ctx, q)
}

// Stop is one stop.
func (d *Desk) Stop(ctx context.Context, t tenant.ID, id uuid.UUID) (store.Stop, error) {
	s, err := d.db.Read(t).Stop(ctx, id)
	return s, wrap(err, "get stop", id)
}

// Lines is all lines that run.
func (d *Desk) Lines(ctx context.Context, t tenant.ID) ([]store.Line, error) {
	return d.db.Read(t).Lines(ctx)
}

// Line is one line with its patterns.
func (d *Desk) Line(ctx context.Context, t tenant.ID, id uuid.UUID) (store.Line, error) {
	l, err := d.db.Read(t).Line(ctx, id)
	return l, wrap(err, "get line", id)
}

// Pattern is the stops of a pattern and its way on the map.
func (d *Desk) Pattern(ctx context.Context, t tenant.ID, id uuid.UUID) (store.Timetable, string, error) {
	p, shape, err := d.db.Read(t).Pattern(ctx, id)
	return p, shape, wrap(err, "get pattern", id)
}

// Imports is the newest imports.
func (d *Desk) Imports(ctx context.Context, t tenant.ID, limit int) ([]store.PastImport, error) {
	return d.db.Read(t).Imports(ctx, limit)
}

func wrap(err error, what string, id uuid.UUID) error {
	switch {
	case err == nil:
		return nil
	case store.IsNotFound(err):
		return fault.New("not_found")
	}
	return fmt.Errorf("dispatch: %s %s: %w", what, id, err)
}
