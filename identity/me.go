package identity

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Me is a user as they see themselves.
type Me struct {
	User        uuid.UUID
	Name, Email string
	Locale      string
	Permissions []policy.Permission
	Roles       []string
	Tenant      tenant.Tenant
	Advises     bool // their tenant has to do with advice
}

// Me is the caller.
func (s *Service) Me(ctx context.Context) (Me, error) {
	a, ok := policy.ActorFrom(ctx)
	if !ok {
		return Me{}, fault.New("unauthenticated")
	}
	return s.me(ctx, a.Tenant, a.User, a.Session)
}

func (s *Service) me(ctx context.Context, t tenant.ID, user, session uuid.UUID) (Me, error) {
	st, err := s.db.Read(t).Standing(ctx, user, session)
	if store.IsNotFound(err) || (err == nil && (!st.Active || !st.SignedIn)) {
		return Me{}, fault.New("unauthenticated")
	}
	if err != nil {
		return Me{}, err
	}
	own, err := s.db.Read(t).TenantRow(ctx)
	if err != nil {
		return Me{}, err
	}
	advises, err := s.db.Read(t).Advises(ctx)
	if err != nil {
		return Me{}, err
	}
	me := Me{Advises: advises, User: user, Name: st.Name, Email: st.Email, Locale: st.Locale, Tenant: own, Permissions: []policy.Permission{}, Roles: []string{}}
	for _, g := range grants(st.Roles) {
		if !slices.Contains(me.Permissions, g.Permission) {
			me.Permissions = append(me.Permissions, g.Permission)
		}
	}
	for _, r := range st.Roles {
		if !slices.Contains(me.Roles, r.Role) {
			me.Roles = append(me.Roles, r.Role)
		}
	}
	slices.Sort(me.Permissions)
	return me, nil
}

// SetLocale changes the language that the caller is spoken to in.
func (s *Service) SetLocale(ctx context.Context, locale string) (Me, error) {
	a, ok := policy.ActorFrom(ctx)
	if !ok {
		return Me{}, fault.New("unauthenticated")
	}
	if !tenant.KnownLocale(locale) {
		return Me{}, fault.New("bad_value").At("/locale")
	}
	err := s.db.InTx(ctx, a.Tenant, func(tx *store.Tx) error {
		u, err := tx.LockUser(ctx, a.User)
		if err != nil {
			return err
		}
		if u.Locale == locale {
			return nil
		}
		u.Locale = locale
		return save(ctx, tx, u)
	})
	if err != nil {
		return Me{}, err
	}
	s.memory.forget(Revocation{a.Tenant, a.User}) // the locale is part of what is remembered
	return s.Me(ctx)
}

// save writes a user and tells their own screens.
func save(ctx context.Context, tx *store.Tx, u store.User) error {
	v, err := tx.UpdateUser(ctx, u)
	if err != nil {
		return err
	}
	status := "active"
	if u.Disabled {
		status = "disabled"
	}
	e := event.User{ID: u.ID, Name: u.Name, Email: u.Email, Locale: u.Locale, Status: status, Version: v}
	return tx.Emit(e.Change())
}
