package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Vehicle is one of the operator's.
type Vehicle struct {
	ID       uuid.UUID
	Label    string // what is painted on it, unique in the tenant
	Capacity int16
}

// Vehicles is those in use, by label.
func (r *Reader) Vehicles(ctx context.Context) ([]Vehicle, error) {
	rows, err := r.q.VehicleList(ctx, r.tenant.UUID())
	if err != nil {
		return nil, fmt.Errorf("store: list vehicles: %w", err)
	}
	out := make([]Vehicle, len(rows))
	for i, v := range rows {
		out[i] = Vehicle(v)
	}
	return out, nil
}

// AddVehicles adds those whose label is new.
func (tx *Tx) AddVehicles(ctx context.Context, vehicles []Vehicle) error {
	ids, labels, capacities := make([]uuid.UUID, len(vehicles)), make([]string, len(vehicles)), make([]int16, len(vehicles))
	for i, v := range vehicles {
		ids[i], labels[i], capacities[i] = v.ID, v.Label, v.Capacity
	}
	if err := tx.q.VehicleAdd(ctx, tx.tenant.UUID(), ids, labels, capacities); err != nil {
		return fmt.Errorf("store: add %d vehicles: %w", len(vehicles), err)
	}
	return nil
}

// Crew is a vehicle and its driver on a trip.
type Crew struct{ Trip, Vehicle, Driver uuid.UUID }

// PutCrews puts vehicles and drivers on trips, and has every screen that shows one of these trips read it again.
func (tx *Tx) PutCrews(ctx context.Context, crews []Crew) error {
	dates, trips := make([]time.Time, len(crews)), make([]uuid.UUID, len(crews))
	vehicles, drivers := make([]uuid.UUID, len(crews)), make([]uuid.UUID, len(crews))
	for i, c := range crews {
		date, ok := ident.DateOf(c.Trip)
		if !ok {
			return fmt.Errorf("store: put a crew on trip %s: %w", c.Trip, errNoRow)
		}
		dates[i], trips[i], vehicles[i], drivers[i] = date.Midnight(), c.Trip, c.Vehicle, c.Driver
	}
	rows, err := tx.q.TripCrew(ctx, sqlc.TripCrewParams{TenantID: tx.tenant.UUID(), Dates: dates, Trips: trips, Vehicles: vehicles, Drivers: drivers})
	if err != nil {
		return fmt.Errorf("store: put crews on %d trips: %w", len(crews), err)
	}
	var channels []string
	seen := map[string]bool{}
	for _, r := range rows {
		date := dateOf(r.ServiceDate).String()
		for _, ch := range []string{"board:" + date, "line:" + r.LineID.String() + ":" + date, "trip:" + r.ID.String()} {
			if !seen[ch] {
				seen[ch] = true
				channels = append(channels, ch)
			}
		}
	}
	if len(channels) == 0 {
		return nil
	}
	return tx.Emit(event.Reload(channels...))
}
