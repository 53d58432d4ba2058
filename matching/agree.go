package matching

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
)

// Agree is what a client agrees to before anybody is known: the most that a minute may cost, and the operator's share of it. Less than
// any expert asks for is refused before money is set aside for nothing.
func (s *Service) Agree(ctx context.Context, t tenant.ID, ceiling int64) (advice.Terms, error) {
	r := s.db.Read(t)
	row, err := r.TenantRow(ctx)
	if err != nil {
		return advice.Terms{}, err
	}
	least, err := r.CheapestMinute(ctx, ledger.Currency(row.Currency))
	if err == nil && (least == 0 || ceiling < least) {
		err = fault.New("ceiling_too_low").At("/ceiling")
	}
	return advice.Terms{Price: ledger.Of(ceiling, ledger.Currency(row.Currency)), FeeBP: row.Advice.Fee()}, err
}

// FundsOf names what a claim sets aside: a repeat finds the same.
func FundsOf(c idem.Claim) uuid.UUID {
	return uuid.NewSHA1(c.Actor, []byte(c.Operation+"\n"+c.Key))
}
