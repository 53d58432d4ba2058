package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// mostTrips of a date; more than any feed of the demonstration has.
const mostTrips = 5000

// crewsAtOnce bounds a transaction: a long one holds back everybody's screens.
const crewsAtOnce = 400

// crew puts vehicles and drivers on the trips of some dates that have none.
func (c *city) crew(ctx context.Context, dates ...servicedate.Date) error {
	vehicles, err := c.DB.Read(c.id).Vehicles(ctx)
	if err != nil {
		return err
	}
	byLabel := map[string]int{}
	for i, v := range vehicles {
		byLabel[v.Label] = i
	}
	var runs []run
	bare := map[uuid.UUID]bool{}
	for _, date := range dates {
		trips, err := c.trips(ctx, date)
		if err != nil {
			return err
		}
		for i := range trips {
			r, err := c.run(ctx, &trips[i])
			if err != nil {
				return err
			}
			if at, ok := byLabel[trips[i].VehicleLabel]; ok {
				r.vehicle = at
			} else if trips[i].VehicleLabel == "" && trips[i].Status != "cancelled" {
				bare[r.trip] = true
			} else {
				continue
			}
			runs = append(runs, r)
		}
	}
	if len(bare) == 0 {
		return nil
	}
	needed := roster(runs, len(vehicles))
	if 2*needed > len(c.drivers) {
		return fmt.Errorf("%d vehicles need two drivers each, there are %d", needed, len(c.drivers))
	}
	if vehicles, err = c.buy(ctx, vehicles, needed); err != nil {
		return err
	}
	var crews []store.Crew
	for _, r := range runs {
		if bare[r.trip] {
			driver := c.drivers[driverOf(r.vehicle, len(c.drivers), r.leaves.In(c.zone))]
			crews = append(crews, store.Crew{Trip: r.trip, Vehicle: vehicles[r.vehicle].ID, Driver: driver})
		}
	}
	for len(crews) > 0 {
		n := min(len(crews), crewsAtOnce)
		if err := c.DB.InTx(ctx, c.id, func(tx *store.Tx) error { return tx.PutCrews(ctx, crews[:n]) }); err != nil {
			return err
		}
		crews = crews[n:]
	}
	return nil
}

// buy brings the fleet up to a number. The labels go on where those that are there end.
func (c *city) buy(ctx context.Context, have []store.Vehicle, needed int) ([]store.Vehicle, error) {
	var more []store.Vehicle
	for n := len(have); n < needed; n++ {
		more = append(more, store.Vehicle{ID: ident.New(), Label: fmt.Sprintf("%s%03d", c.fleet, n+1), Capacity: int16(c.capacity)})
	}
	if len(more) == 0 {
		return have, nil
	}
	if err := c.DB.InTx(ctx, c.id, func(tx *store.Tx) error { return tx.AddVehicles(ctx, more) }); err != nil {
		return nil, err
	}
	all, err := c.DB.Read(c.id).Vehicles(ctx)
	if err != nil {
		return nil, err
	}
	for _, v := range all { // under their own ids: somebody may have added one of the labels meanwhile
		if slices.ContainsFunc(more, func(m store.Vehicle) bool { return m.Label == v.Label }) {
			have = append(have, v)
		}
	}
	if len(have) < needed {
		return nil, fmt.Errorf("%d vehicles where %d are needed", len(have), needed)
	}
	return have, nil
}

func (c *city) trips(ctx context.Context, date servicedate.Date) ([]event.Trip, error) {
	return c.DB.Read(c.id).LiveBoard(ctx, date, store.Window{First: "00:00", Last: "24:00"}, mostTrips)
}

func (c *city) run(ctx context.Context, t *event.Trip) (run, error) {
	table, err := c.table(ctx, c.DB.Read(c.id), t.Pattern)
	if err != nil {
		return run{}, err
	}
	last := table.Stops[len(table.Stops)-1]
	return run{trip: t.ID, leaves: t.DepartsAt, ends: t.DepartsAt.Add(time.Duration(last.ArriveS) * time.Second),
		start: table.Stops[0].Stop, finish: last.Stop, vehicle: none}, nil
}
