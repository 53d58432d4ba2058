package demo

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
)

// city is an operator in this installation.
type city struct {
	*Demo
	*operator
	id      tenant.ID
	zone    *time.Location
	riders  []uuid.UUID
	drivers []uuid.UUID
	rider   uuid.UUID // whose login is printed

	mu     sync.Mutex
	tables map[uuid.UUID]*table // guarded by mu
}

// table is a pattern with what rides on it cost.
type table struct {
	store.Timetable
	zone  *time.Location
	fares []store.FareRow
}

func (d *Demo) city(ctx context.Context, o *operator) (*city, error) {
	t, err := d.Identity.Tenant(ctx, o.tenant.Slug)
	if err != nil {
		return nil, err
	}
	if err := d.enrol(ctx, t.ID, o.public()); err != nil {
		return nil, err
	}
	c := &city{Demo: d, operator: o, id: t.ID, tables: map[uuid.UUID]*table{}}
	if c.zone, err = t.Location(); err != nil {
		return nil, err
	}
	people, err := d.people(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	for _, email := range o.riderEmails() {
		if u, ok := people[email]; ok && !u.Disabled {
			c.riders = append(c.riders, u.ID)
		}
	}
	for _, email := range o.driverEmails() {
		if u, ok := people[email]; ok && !u.Disabled {
			c.drivers = append(c.drivers, u.ID)
		}
	}
	c.rider = people[o.email("rider")].ID
	return c, nil
}

// staff is the riders whose employer pays a part.
func (c *city) staff() []uuid.UUID { return c.riders[:min(employed-1, len(c.riders))] }

func (c *city) table(ctx context.Context, r *store.Reader, pattern uuid.UUID) (*table, error) {
	c.mu.Lock()
	known := c.tables[pattern]
	c.mu.Unlock() // nobody waits for a connection with it: who has one may wait for it
	if known != nil {
		return known, nil
	}
	row, err := r.Timetable(ctx, pattern)
	if err != nil {
		return nil, err
	}
	t := &table{Timetable: row}
	if t.zone, err = time.LoadLocation(row.TimeZone); err != nil {
		return nil, err
	}
	if t.fares, err = r.Fares(ctx, row.Source); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tables[pattern] = t
	return t, nil
}

func (t *table) halt(departs time.Time, i int) event.Halt {
	at := departs.Add(time.Duration(t.Stops[i].DepartS) * time.Second).UTC()
	return event.Halt{Stop: t.Stops[i].Stop, Name: t.Stops[i].Name, Index: int16(i), At: at, Time: at.In(t.zone).Format("15:04")}
}

// fare is the price of a ride for one. The feeds of the demonstration name zones at both ends, or nothing.
func (t *table) fare(from, to int, currency string) int64 {
	best := int64(-1)
	for _, f := range t.fares {
		fits := f.Currency == currency && (f.Line == uuid.Nil || f.Line == t.Line) &&
			(f.Origin == "" || f.Origin == t.Stops[from].Zone) && (f.Destination == "" || f.Destination == t.Stops[to].Zone)
		if fits && (best < 0 || f.Amount < best) {
			best = f.Amount
		}
	}
	return max(best, 0)
}
