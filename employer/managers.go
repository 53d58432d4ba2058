package employer

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// Managers is a page, by name, of who manages an organisation or a part of it, after what a user holds within a unit. It is told
// to those who may name them: the operator's staff.
func (s *Service) Managers(ctx context.Context, org, afterUser, afterUnit uuid.UUID, limit int) ([]store.Manager, error) {
	a, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.mayWrite(ctx, a, org); err != nil {
		return nil, err
	}
	return s.db.Read(a.Tenant).ManagersAfter(ctx, org, afterUser, afterUnit, limit)
}

// AddManager lets somebody who has an account manage a unit and those under it. The operator's staff do.
func (s *Service) AddManager(ctx context.Context, claim idem.Claim, org, unit uuid.UUID, email string) (store.Manager, error) {
	a, err := caller(ctx)
	if err != nil {
		return store.Manager{}, err
	}
	if err := s.mayWrite(ctx, a, org); err != nil {
		return store.Manager{}, err
	}
	return once(ctx, s, a, claim, 201, func(tx *store.Tx) (store.Manager, error) {
		u, err := tx.Unit(ctx, unit)
		if err == nil && u.Organisation != org || store.IsNotFound(err) {
			return store.Manager{}, fault.New("not_found")
		}
		if err != nil {
			return store.Manager{}, err
		}
		user, _, err := tx.UserByEmail(ctx, strings.ToLower(strings.TrimSpace(email)))
		if store.IsNotFound(err) {
			return store.Manager{}, fault.New("manager_unknown").At("/email")
		}
		if err != nil {
			return store.Manager{}, err
		}
		if err := tx.GiveUnitRole(ctx, user.ID, unit, policy.Manager); err != nil {
			return store.Manager{}, err
		}
		if err := tx.Emit((event.Access{User: user.ID}).Change()); err != nil { // what nodes remember of them is over
			return store.Manager{}, err
		}
		return store.Manager{User: user.ID, Name: user.Name, Email: user.Email, Unit: unit, UnitName: u.Name, Roles: []string{policy.Manager}},
			tx.Audit(store.Audit{Actor: a.User, Action: "manager.named", Target: "organisation/" + org.String(), Detail: map[string]any{"user": user.ID, "unit": unit}})
	})
}

// RemoveManager ends that a user manages a unit, or, when none is said, anything of an organisation. What the account may do
// otherwise stays: that is users.update's. The operator's staff do it, and so an organisation whose last manager goes is theirs
// to give another. Who manages nothing of it any more stays so.
func (s *Service) RemoveManager(ctx context.Context, org, user uuid.UUID, unit *uuid.UUID) error {
	a, err := caller(ctx)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, a.Tenant, func(tx *store.Tx) error {
		if err := managed(ctx, tx, org, user, unit); store.IsNotFound(err) {
			return fault.New("not_found")
		} else if err != nil {
			return err
		}
		if err := policy.Can(ctx, policy.OrganisationWrite, policy.Resource{Tenant: a.Tenant, Kind: "organisation", ID: org}); err != nil {
			return err
		}
		units, err := tx.TakeUnitRoles(ctx, user, org, unit)
		if err != nil || len(units) == 0 {
			return err
		}
		if err := tx.Emit((event.Access{User: user}).Change()); err != nil { // nodes end what they showed them
			return err
		}
		return tx.Audit(store.Audit{Actor: a.User, Action: "manager.removed", Target: "organisation/" + org.String(), Detail: map[string]any{"user": user, "units": units}})
	})
}

// managed fails when one of them is not there, or the unit is another organisation's.
func managed(ctx context.Context, tx *store.Tx, org, user uuid.UUID, unit *uuid.UUID) error {
	if _, err := tx.LockOrganisation(ctx, org); err != nil {
		return err
	}
	if unit != nil {
		if u, err := tx.Unit(ctx, *unit); err != nil {
			return err
		} else if u.Organisation != org {
			return fault.New("not_found")
		}
	}
	_, err := tx.UserByID(ctx, user)
	return err
}
