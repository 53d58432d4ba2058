package billing

import (
	"context"
	"time"

	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/store"
)

// toldFor is how long it is worth waking somebody for a dispute: their wallet's page tells it as long as it matters.
const toldFor = 24 * time.Hour

// tellDispute wakes a payer whose bank takes their payment back, or has decided about it: once for each, with the journals that say so.
func (p *Payments) tellDispute(ctx context.Context, tx *store.Tx, pay store.Payment, moves []payment.Move) error {
	for _, m := range moves {
		var what string
		switch m.Kind {
		case payment.MoveDisputed:
			what = errand.PushDispute
		case payment.MoveWon, payment.MoveLost:
			what = errand.PushDecided
		default:
			continue
		}
		to, err := tx.PushTo(ctx, pay.Payer)
		if err != nil || len(to) == 0 {
			return err
		}
		push := errand.Push{User: pay.Payer, What: what, About: pay.ID, N: int(m.Total), Until: p.now().Add(toldFor)}
		if err := tx.AddJob(ctx, push, push.Key()+"/"+string(m.Kind)); err != nil {
			return err
		}
	}
	return nil
}
