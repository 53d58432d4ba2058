package billing

import (
	"context"
	"errors"
	"fmt"

	"github.com/waymeet/waymeet/billing/gateway/envelope"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Rotated is what a rotation found.
type Rotated struct{ Moved, There int } // There: under the current key before

// Rotate moves a tenant's credentials, of accounts that are not used any more too, under the current key; what is sealed stays byte for
// byte. Each is a commit of its own: cut off, it goes on where it was. One that cannot be opened holds up no other.
func (a *Accounts) Rotate(ctx context.Context, t tenant.ID) (Rotated, error) {
	all, err := a.db.Read(t).SealedAccounts(ctx)
	if err != nil {
		return Rotated{}, err
	}
	var r Rotated
	var failed error
	for _, row := range all {
		moved, err := a.rotate(ctx, t, row)
		switch {
		case err != nil:
			failed = errors.Join(failed, fmt.Errorf("account %s (%s): %w", row.ID, row.Kind, err))
		case moved:
			r.Moved++
		default:
			r.There++
		}
	}
	return r, failed
}

func (a *Accounts) rotate(ctx context.Context, t tenant.ID, row store.GatewayAccount) (moved bool, err error) {
	for range 3 { // somebody changes it at the same time: what they sealed may be under the current key already
		sealed, err := envelope.RewrapCredentials(ctx, a.kms, t.String(), row.ID.String(), envelope.Sealed(row.Sealed))
		if err != nil || sealed.KeyID == row.Sealed.KeyID {
			return false, err
		}
		if _, err := envelope.OpenCredentials(ctx, a.kms, t.String(), row.ID.String(), sealed); err != nil {
			return false, err // nothing is written that does not open
		}
		var done bool
		err = a.db.InTx(ctx, t, func(tx *store.Tx) (err error) {
			if done, err = tx.SealGatewayAccount(ctx, row, store.Sealed(sealed)); err != nil || !done {
				return err
			}
			return tx.Audit(store.Audit{Action: "gateway.rotate", Target: "gateway/" + row.ID.String(), Detail: map[string]any{"kind": row.Kind, "from": row.Sealed.KeyID, "to": sealed.KeyID}})
		})
		if err != nil || done {
			return done, err
		}
		if row, err = a.db.Read(t).GatewayAccount(ctx, row.ID); err != nil {
			return false, err
		}
	}
	return false, fault.New("gateway_changed")
}
