package identity

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Devices is where a user is connected now, one entry for each sign-in, node and kind of client. A node that died
// without a word is believed for the length of its lease.
func (s *Service) Devices(ctx context.Context, t tenant.ID, user uuid.UUID) ([]store.Device, error) {
	r := s.db.Read(t)
	if _, err := r.UserByID(ctx, user); store.IsNotFound(err) {
		return nil, fault.New("not_found")
	} else if err != nil {
		return nil, err
	}
	if err := policy.Can(ctx, policy.UserRead, policy.Resource{Tenant: t, Kind: "user", ID: user, Owner: user}); err != nil {
		return nil, err
	}
	return r.Presence(ctx, user)
}

// MyDevices is where the caller is connected now.
func (s *Service) MyDevices(ctx context.Context) ([]store.Device, error) {
	a, ok := policy.ActorFrom(ctx)
	if !ok {
		return nil, fault.New("unauthenticated")
	}
	if err := policy.Can(ctx, policy.SelfRead, policy.Resource{Tenant: a.Tenant, Kind: "user", ID: a.User, Owner: a.User}); err != nil {
		return nil, err
	}
	return s.db.Read(a.Tenant).Presence(ctx, a.User)
}
