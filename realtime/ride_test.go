package realtime_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/programme"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/realtime"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// manager is somebody who manages a unit and does nothing else.
func (s *scene) manager(x storetest.Tenant, name string, unit uuid.UUID) string {
	token := s.doors.token(x, "manager/"+name)
	s.doors.change(token, func(a *policy.Actor) {
		a.User = uuid.New()
		a.Grants = []policy.Grant{{Permission: policy.CompanyManagePermission, Scope: policy.Scope{Unit: unit}}}
	})
	return token
}

// covered is a confirmed booking for which the rider's employer pays.
func (s *scene) covered(t *testing.T, rider uuid.UUID) uuid.UUID {
	t.Helper()
	id := s.db.Booking(t, s.a, s.a.Trips[0], rider)
	s.programmes(t, func(tx *store.Tx, ctx context.Context) (*store.Programmes, error) {
		p, err := tx.Programmes(ctx, []store.RiderOn{{Rider: rider, Date: s.a.Date}}, nil)
		if err != nil {
			return nil, err
		}
		at := s.a.Date.At(7*3600, time.UTC)
		offer, ok, err := p.Offer(rider, programme.Ride{Date: s.a.Date, Pickup: at, Line: "L", From: "A", To: "B", Fare: 1200, Currency: "MAD"})
		if err != nil || !ok {
			t.Fatalf("no programme pays: %v", err)
		}
		p.Reserve(offer, &store.Booking{Booking: event.Booking{ID: id, Date: s.a.Date, Rider: rider, LineName: "L1",
			From: event.Halt{Name: "From", At: at}, To: event.Halt{Name: "To"}}}, s.a.Line)
		return p, nil
	})
	return id
}

// settle ends rides that are paid for.
func (s *scene) settle(t *testing.T, end func(*store.Programmes), bookings ...uuid.UUID) {
	t.Helper()
	s.programmes(t, func(tx *store.Tx, ctx context.Context) (*store.Programmes, error) {
		p, err := tx.Programmes(ctx, nil, bookings)
		if err == nil {
			end(p)
		}
		return p, err
	})
}

func (s *scene) programmes(t *testing.T, do func(*store.Tx, context.Context) (*store.Programmes, error)) {
	t.Helper()
	err := s.db.InTx(t.Context(), s.db.A.ID, func(tx *store.Tx) error {
		p, err := do(tx, t.Context())
		if err == nil {
			p.Put(tx)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A manager reads the rides that the own organisation pays for, as the organisation's list of rides shows them, and nothing else
// of the booking; another organisation's, another unit's and another tenant's manager learn of nothing.
func TestManagersReadTheRidesThatTheyPayFor(t *testing.T) {
	s := newScene(t, 1)
	n := s.node(t)
	mine, other, abroad := s.db.Employer(t, s.db.A, "Atlas"), s.db.Employer(t, s.db.A, "Rival"), s.db.Employer(t, s.db.B, "Far")
	plant, office := s.db.Unit(t, mine, mine.Organisation, "Plant"), s.db.Unit(t, mine, mine.Organisation, "Office")
	s.db.Member(t, mine, plant, s.db.A.Rider)
	paid, own := s.covered(t, s.db.A.Rider), s.db.Booking(t, s.a, s.a.Trips[0], s.db.A.Rider2)
	ch := "booking:" + paid.String()

	reads := map[string]string{
		"all of it":   s.manager(s.db.A, "root", mine.Organisation),
		"the unit":    s.manager(s.db.A, "plant", plant),
		"the finance": s.doors.token(s.db.A, "finance"), // whom the list of rides is shown to as well
	}
	var watch []*client
	for name, token := range reads {
		c := dial(t, n, token)
		watch = append(watch, c)
		if err := c.sub(ch); err != nil {
			t.Fatalf("%s: %+v", name, err)
		}
		c.converges(s, ch)
		want := `{"set":{"ride/` + paid.String() + `":{"d":{"cost_centre":"CC-1","date":"` + s.a.Date.String() + `","fare":{"amount":1200,"currency":"MAD"},"from":"From",` +
			`"line_name":"L1","programme":"` + mine.Programme.String() + `","state":"reserved","subsidy":{"amount":600,"currency":"MAD"},"to":"To"},"v":1}}}`
		if got := s.truth(t, token, ch); got != want {
			t.Errorf("%s reads %s\nwant %s", name, got, want)
		}
		if err := c.sub("booking:" + own.String()); err == nil || err.Code != "not_found" {
			t.Errorf("%s, of what the rider pays alone: %+v", name, err)
		}
		if err := c.sub("ride:" + paid.String()); err == nil || err.Code != "not_found" {
			t.Errorf("%s, by a name that there is not: %+v", name, err)
		}
	}
	for name, token := range map[string]string{
		"beside":               s.manager(s.db.A, "office", office),
		"another organisation": s.manager(s.db.A, "rival", other.Organisation),
		"another tenant":       s.manager(s.db.B, "far", abroad.Organisation),
		"ours, from abroad":    s.manager(s.db.B, "far, as if ours", mine.Organisation),
		"of no unit":           s.manager(s.db.A, "nowhere", uuid.Nil),
		"another rider":        s.doors.token(s.db.A, "agent"),
	} {
		if err := dial(t, n, token).sub(ch); err == nil || err.Code != "not_found" {
			t.Errorf("%s: %+v", name, err)
		}
		s.doors.mu.Lock()
		who := s.doors.known[token]
		s.doors.mu.Unlock()
		if _, err := realtime.ReadSet(policy.With(t.Context(), who), s.db.DB, ch); err == nil || !strings.Contains(err.Error(), "not_found") {
			t.Errorf("%s, over HTTP: %v", name, err)
		}
	}
	rider := dial(t, n, s.doors.token(s.db.A, "rider"))
	if err := rider.sub(ch); err != nil {
		t.Fatal(err)
	}
	rider.converges(s, ch)
	if got := rider.sets[ch]; len(got) != 1 || got["booking/"+paid.String()].v == 0 {
		t.Errorf("the rider holds %v", got)
	}

	// What the rider and the driver do is not told: not even that something was done.
	s.db.Exec(t, `update booking set state = 'boarded', boarded_at = now(), version = version + 1 where id = $1`, paid)
	for _, c := range watch {
		c.converges(s, ch)
	}
	s.settle(t, func(p *store.Programmes) { p.Use(paid) }, paid)
	for _, c := range watch {
		c.converges(s, ch)
		c.await("the ride is over", func() bool {
			return strings.Contains(string(c.sets[ch]["ride/"+paid.String()].d), `"state":"used"`) && c.sets[ch]["ride/"+paid.String()].v == 2
		})
		for _, f := range c.frames {
			for _, secret := range []string{"boarded", "short", "party", "payment", "seat"} {
				if strings.Contains(f, secret) {
					t.Errorf("a manager was told %s: %s", secret, f)
				}
			}
		}
	}
}

// A ride that the employer does not pay for any more leaves the list, and the channel ends: nobody is left with a set that there is
// not, and nobody finds it again.
func TestReleasedRidesAreNobodysMore(t *testing.T) {
	s := newScene(t, 1)
	here, there := s.node(t), s.node(t)
	e := s.db.Employer(t, s.db.A, "Atlas")
	s.db.Member(t, e, e.Organisation, s.db.A.Rider)
	id := s.covered(t, s.db.A.Rider)
	ch, token := "booking:"+id.String(), s.manager(s.db.A, "root", e.Organisation)
	watch := []*client{dial(t, here, token), dial(t, there, token)}
	for _, c := range watch {
		if err := c.sub(ch); err != nil {
			t.Fatal(err)
		}
	}
	s.settle(t, func(p *store.Programmes) { p.Release(id) }, id)
	for _, c := range watch {
		c.await("the end", func() bool { return c.closed[ch] == "not_found" && len(c.sets[ch]) == 0 })
		if err := c.sub(ch); err == nil || err.Code != "not_found" {
			t.Errorf("after it: %+v", err)
		}
	}
}

// Who is not the organisation's manager any more is told no more, on every node, within the protocol's two seconds.
func TestLostManagersHearNoMore(t *testing.T) {
	s := newScene(t, 1)
	here, there := s.node(t), s.node(t)
	e := s.db.Employer(t, s.db.A, "Atlas")
	s.db.Member(t, e, e.Organisation, s.db.A.Rider)
	id := s.covered(t, s.db.A.Rider)
	ch, token := "booking:"+id.String(), s.manager(s.db.A, "root", e.Organisation)
	watch := []*client{dial(t, here, token), dial(t, there, token)}
	for _, c := range watch {
		if err := c.sub(ch); err != nil {
			t.Fatal(err)
		}
	}
	who := s.doors.change(token, func(a *policy.Actor) { a.Grants = nil })
	began := time.Now()
	emit(t, here.db, s.db.A.ID, event.Access{User: who.User}.Change())
	for _, c := range watch {
		c.await("the end", func() bool { return c.closed[ch] == "forbidden" })
	}
	t.Logf("closed after %v", time.Since(began))
	s.settle(t, func(p *store.Programmes) { p.Use(id) }, id)
	for _, c := range watch {
		if err := c.sub(ch); err == nil || err.Code != "not_found" {
			t.Errorf("after it: %+v", err)
		}
		if got := c.sets[ch]["ride/"+id.String()]; strings.Contains(string(got.d), "used") {
			t.Error("a lost manager was told more")
		}
	}
}
