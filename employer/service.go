package employer

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Service is the verbs. It is safe for use by many goroutines.
type Service struct {
	db  *store.DB
	now func() time.Time
}

// New makes the service; now is the clock by which rosters and months are of today, nil for the real one.
func New(db *store.DB, now func() time.Time) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{db: db, now: now}
}

// today is the day where an organisation is.
func (s *Service) today(o store.Organisation) servicedate.Date {
	zone, err := time.LoadLocation(o.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	return servicedate.On(s.now(), zone)
}

// reading is what the rows of a verb are read through: a transaction, or single statements.
type reading interface {
	Organisation(ctx context.Context, id uuid.UUID) (store.Organisation, error)
	Units(ctx context.Context, organisation uuid.UUID) ([]store.Unit, error)
}

// reach is which units of an organisation the caller reaches for an action, each with all that is under it; not_found
// when that is none.
func reach(ctx context.Context, r reading, actor policy.Actor, action policy.Action, org uuid.UUID) (store.Organisation, []store.Unit, []uuid.UUID, error) {
	o, err := r.Organisation(ctx, org)
	if store.IsNotFound(err) {
		return o, nil, nil, fault.New("not_found")
	}
	if err != nil {
		return o, nil, nil, err
	}
	units, err := r.Units(ctx, org)
	if err != nil {
		return o, nil, nil, err
	}
	var within []uuid.UUID
	var refused error
	for _, u := range units {
		err := on(ctx, actor, action, u.ID, u.Above)
		if err != nil {
			refused = err
		} else if !slices.ContainsFunc(u.Above[:len(u.Above)-1], func(id uuid.UUID) bool { return slices.Contains(within, id) }) {
			within = append(within, u.ID)
		}
	}
	if within == nil {
		return o, nil, nil, refused
	}
	seen := slices.DeleteFunc(units, func(u store.Unit) bool {
		return !slices.ContainsFunc(u.Above, func(id uuid.UUID) bool { return slices.Contains(within, id) })
	})
	return o, seen, within, nil
}

// mayWrite asks whether the caller may change an organisation. It is asked before a claim is looked up: a repeat that is answered with
// what the first did must be allowed to hear it.
func (s *Service) mayWrite(ctx context.Context, a policy.Actor, org uuid.UUID) error {
	if _, err := s.db.Read(a.Tenant).Organisation(ctx, org); store.IsNotFound(err) {
		return fault.New("not_found")
	} else if err != nil {
		return err
	}
	return policy.Can(ctx, policy.OrganisationWrite, policy.Resource{Tenant: a.Tenant, Kind: "organisation", ID: org})
}

// on asks the policy about one unit.
func on(ctx context.Context, actor policy.Actor, action policy.Action, unit uuid.UUID, above []uuid.UUID) error {
	return policy.Can(ctx, action, policy.Resource{Tenant: actor.Tenant, Kind: "unit", ID: unit, Units: above})
}

// caller is who asks. There is always one: nothing here runs by itself.
func caller(ctx context.Context) (policy.Actor, error) {
	a, ok := policy.ActorFrom(ctx)
	if !ok {
		return a, fault.New("unauthenticated")
	}
	return a, nil
}
