package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// lookEvery is how soon a new day is noticed.
const lookEvery = 3 * time.Minute

// Fill brings everything up to now, once.
func (d *Demo) Fill(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, o := range operators {
		g.Go(func() error {
			if _, err := d.fill(ctx, &o, servicedate.Date(0)); err != nil {
				return fmt.Errorf("demo: fill %s: %w", o.tenant.Slug, err)
			}
			return nil
		})
	}
	for _, b := range bureaus {
		g.Go(func() error {
			if err := d.fillBureau(ctx, &b); err != nil {
				return fmt.Errorf("demo: fill %s: %w", b.tenant.Slug, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// Run fills now, and again whenever an operator's day begins, until ctx ends. A failure is told and tried
// again later: the demonstration is no reason for a server to end.
func (d *Demo) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, o := range operators {
		g.Go(func() error {
			filled, tick := servicedate.Date(0), time.NewTicker(lookEvery)
			defer tick.Stop()
			for {
				today, err := d.fill(ctx, &o, filled)
				switch {
				case err == nil:
					filled = today
				case ctx.Err() == nil:
					d.Logger.WarnContext(ctx, "demo data is incomplete", "tenant", o.tenant.Slug, "cause", err)
				}
				select {
				case <-tick.C:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		})
	}
	for _, b := range bureaus {
		g.Go(func() error {
			for wait := lookEvery / 20; ; wait = min(2*wait, lookEvery) {
				err := d.fillBureau(ctx, &b)
				if err == nil || ctx.Err() != nil {
					return ctx.Err()
				}
				d.Logger.WarnContext(ctx, "demo data is incomplete", "tenant", b.tenant.Slug, "cause", err)
				select {
				case <-time.After(wait):
				case <-ctx.Done():
				}
			}
		})
	}
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// fill does what an operator's today and tomorrow lack, unless that day was done before.
func (d *Demo) fill(ctx context.Context, o *operator, done servicedate.Date) (servicedate.Date, error) {
	began := time.Now()
	zone, err := o.tenant.Location()
	if err != nil {
		return 0, err
	}
	today := servicedate.On(d.Now(), zone)
	if today == done {
		return today, nil
	}
	c, err := d.city(ctx, o)
	if err != nil {
		return 0, err
	}
	if _, err := d.Dispatch.Extend(ctx, c.id); err != nil {
		return 0, err
	}
	yesterday, tomorrow := today.AddDays(-1), today.AddDays(1)
	if err := c.crew(ctx, yesterday, today, tomorrow); err != nil {
		return 0, err
	}
	var trips []*event.Trip
	for _, date := range []servicedate.Date{yesterday, today, tomorrow} {
		rows, err := c.trips(ctx, date)
		if err != nil {
			return 0, err
		}
		for i := range rows {
			trips = append(trips, &rows[i])
		}
	}
	slices.SortStableFunc(trips, func(a, b *event.Trip) int { return a.DepartsAt.Compare(b.DepartsAt) })
	rode, err := c.history(ctx, trips)
	if err != nil {
		return 0, err
	}
	if rode > 0 {
		if err := d.DB.InTx(ctx, c.id, func(tx *store.Tx) error { return tx.RefreshStatistics(ctx, yesterday, tomorrow) }); err != nil {
			return 0, err
		}
	}
	if err := c.bookForVisitor(ctx, trips); err != nil {
		return 0, err
	}
	booked, err := c.sell(ctx, trips)
	if err != nil {
		return 0, err
	}
	if rode+booked > 0 && done.IsZero() {
		if err := c.trouble(ctx, trips); err != nil {
			return 0, err
		}
	}
	d.Logger.InfoContext(ctx, "demo data is complete", "tenant", o.tenant.Slug, "day", today.String(), "rides", rode, "bookings", booked,
		"ms", time.Since(began).Milliseconds())
	return today, nil
}

// bookForVisitor gives the rider whose login is printed a seat soon and one tomorrow, so that the first
// screen has something to show.
func (c *city) bookForVisitor(ctx context.Context, trips []*event.Trip) error {
	by := booking.By{Tenant: c.id, User: c.rider}
	if own, err := c.Booking.List(ctx, by, booking.List{Limit: 1}); err != nil || len(own.Items) > 0 {
		return err
	}
	for _, ahead := range []time.Duration{40 * time.Minute, 23 * time.Hour} {
		for _, t := range trips {
			if t.Status != "scheduled" || t.DepartsAt.Sub(c.Now()) < ahead {
				continue
			}
			table, err := c.table(ctx, c.DB.Read(c.id), t.Pattern)
			if err != nil {
				return err
			}
			last := len(table.Stops) - 1
			held, err := c.Booking.Hold(ctx, by, idem.Claim{}, booking.Hold{Trip: t.ID, From: table.Stops[0].Stop, To: table.Stops[last].Stop, Party: 1})
			if err == nil {
				_, err = c.Booking.Confirm(ctx, by, idem.Claim{}, held.Booking.ID, booking.Cash)
			}
			if err != nil && !refusal(err) {
				return err
			}
			break
		}
	}
	return nil
}
