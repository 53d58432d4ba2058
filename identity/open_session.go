package identity

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// OpenSession signs a user in without a password and answers with an access token. It is the command line's, for whoever
// holds the database and the secret anyway (load tests need a thousand people): no route leads here.
func (s *Service) OpenSession(ctx context.Context, t tenant.ID, user uuid.UUID) (access string, err error) {
	id := ident.New()
	_, sum := s.firstToken(t, id)
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		if err := tx.CreateSignIn(ctx, id, user, sum, sessionTTL); err != nil {
			return err
		}
		return tx.Audit(store.Audit{Action: "session.opened", Target: "user/" + user.String(), Detail: map[string]any{"session": id}})
	})
	if err != nil {
		return "", err
	}
	return s.signAccess(ctx, t, user, id)
}
