package identity

import (
	"context"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// Suspend shuts everybody of a tenant out, or lets them in again, and says whether that is news. Nothing of theirs is ended or
// removed: sign-ins hold, and go on when the tenant does. The row's own trigger tells every node. It is the command line's: no
// route leads here.
func (s *Service) Suspend(ctx context.Context, t tenant.ID, suspended bool) (changed bool, err error) {
	action := "tenant.resumed"
	if suspended {
		action = "tenant.suspended"
	}
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		if changed, err = tx.SuspendTenant(ctx, suspended); err != nil || !changed {
			return err
		}
		return tx.Audit(store.Audit{Action: action, Target: "tenant/" + t.String()})
	})
	if err == nil && changed {
		s.heard(Revocation{Tenant: t})
	}
	return changed, err
}
