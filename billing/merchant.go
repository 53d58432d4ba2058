package billing

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
)

// Merchant is who sells, as the payer's bank knows them: of the account that a payment was asked of, or (Nil) of the one that the next is
// asked of. Nothing while no gateway is set up.
func (p *Payments) Merchant(ctx context.Context, t tenant.ID, account uuid.UUID) (string, error) {
	if account == uuid.Nil {
		var err error
		if account, err = p.Account(ctx, t); fault.Is(err, "payment_not_set_up") {
			return "", nil
		} else if err != nil {
			return "", err
		}
	}
	g, err := p.accounts.Open(ctx, t, account)
	if fault.Is(err, "not_found") { // not used any more: what it was called then
		row, err := p.db.Read(t).GatewayAccount(ctx, account)
		return row.Merchant, err
	}
	if err != nil {
		return "", err
	}
	return g.Profile().Merchant.Name, nil
}
