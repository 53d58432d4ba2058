package identity

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Prove is who an address and a password are, with what they may do now, and opens no session. It is the command line's, where a verb is done in
// somebody's own name: whoever can type a command is not therefore whom they name. Each try costs a hash.
func (s *Service) Prove(ctx context.Context, t tenant.ID, email, password string) (policy.Actor, error) {
	r := s.db.Read(t)
	u, hash, err := r.UserByEmail(ctx, strings.ToLower(strings.TrimSpace(email)))
	if err != nil && !store.IsNotFound(err) {
		return policy.Actor{}, err
	}
	good, err := s.hasher.verify(ctx, password, hash)
	if err != nil {
		return policy.Actor{}, err
	}
	if !good || u.Disabled {
		return policy.Actor{}, fault.New("bad_credentials")
	}
	st, err := r.Standing(ctx, u.ID, uuid.Nil)
	if err != nil {
		return policy.Actor{}, err
	}
	if !st.Active {
		return policy.Actor{}, fault.New("bad_credentials")
	}
	return policy.Actor{Tenant: t, User: u.ID, Locale: st.Locale, Grants: grants(st.Roles)}, nil
}
