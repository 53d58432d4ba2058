package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/store"
)

// Config is what the demonstration is given: a running installation's services.
type Config struct {
	DB       *store.DB
	Identity *identity.Service
	Dispatch *dispatch.Desk
	Booking  *booking.Service
	Matching *matching.Service
	Now      func() time.Time // nil: time.Now
	Logger   *slog.Logger
}

// Demo seeds one installation.
type Demo struct {
	Config
	hash func() string // one for everybody: a hash is slow on purpose
}

// New makes it; nothing is done yet.
func New(c Config) *Demo {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Demo{Config: c, hash: sync.OnceValue(func() string { return identity.HashPassword(Password) })}
}

// Found makes what the first visitor needs: the operators, a login for each role, lines and trips. What is
// there already stays.
func (d *Demo) Found(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, o := range operators {
		g.Go(func() error {
			if err := d.found(ctx, &o); err != nil {
				return fmt.Errorf("demo: found %s: %w", o.tenant.Slug, err)
			}
			return nil
		})
	}
	for _, b := range bureaus {
		g.Go(func() error {
			if err := d.foundBureau(ctx, &b); err != nil {
				return fmt.Errorf("demo: found %s: %w", b.tenant.Slug, err)
			}
			return nil
		})
	}
	return g.Wait()
}

func (d *Demo) found(ctx context.Context, o *operator) error {
	t, err := d.Identity.Tenant(ctx, o.tenant.Slug)
	if store.IsNotFound(err) {
		t, err = d.Identity.CreateTenant(ctx, o.tenant)
	}
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if err := d.enrol(ctx, t.ID, o.staff()); err != nil {
			return err
		}
		if err := d.employ(ctx, t.ID, o); err != nil {
			return err
		}
		if err := d.consult(ctx, t.ID, o); err != nil {
			return err
		}
		return d.bill(ctx, t.ID, o)
	})
	g.Go(func() error { return d.timetable(ctx, t.ID, o) })
	return g.Wait()
}

// timetable imports the feed once. Days that have come since are Run's work, behind the running server.
func (d *Demo) timetable(ctx context.Context, t tenant.ID, o *operator) error {
	version, err := d.DB.Read(t).ScheduleVersion(ctx)
	if err != nil {
		return err
	}
	if version != [16]byte{} {
		return nil
	}
	zone, err := o.tenant.Location()
	if err != nil {
		return err
	}
	// As if it had been there since yesterday: whatever the hour, there are rides to look back on.
	yesterday := servicedate.On(d.Now(), zone).At(0, zone).Add(-time.Second)
	before := dispatch.New(d.DB, d.Logger, func() time.Time { return yesterday })
	in, err := before.Import(ctx, t, o.feed(), dispatch.ImportOptions{Capacity: o.capacity, Shift: o.shift})
	if err != nil {
		return err
	}
	if in.Refused {
		return fmt.Errorf("the feed is refused: %v", in.Report.Notices())
	}
	d.Logger.InfoContext(ctx, "feed imported", "tenant", o.tenant.Slug, "lines", in.Counts.Lines, "trips", in.Ran.Added)
	return nil
}

// enrol makes the users that are not there yet.
func (d *Demo) enrol(ctx context.Context, t tenant.ID, people []identity.NewUser) error {
	there, err := d.people(ctx, t)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for _, p := range people {
		if _, ok := there[p.Email]; ok {
			continue
		}
		g.Go(func() error {
			p.PasswordHash = d.hash()
			_, err := d.Identity.CreateUser(ctx, t, p, idem.Claim{})
			if f := (*fault.Error)(nil); errors.As(err, &f) && f.Code == "email_taken" {
				return nil // another node was faster
			}
			return err
		})
	}
	return g.Wait()
}

// people is the tenant's users by address.
func (d *Demo) people(ctx context.Context, t tenant.ID) (map[string]identity.User, error) {
	all, err := d.Identity.Users(ctx, t, "", [16]byte{}, 5000)
	out := make(map[string]identity.User, len(all))
	for _, u := range all {
		out[u.Email] = u
	}
	return out, err
}
