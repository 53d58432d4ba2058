package billing

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/reconcile"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// GatewayFee is the kind of the journals that book what a gateway has taken for itself.
const GatewayFee = "gateway_fee"

// GatewayPayout is the kind of the journals that book what a gateway has paid to the operator's own bank, or what came back.
const GatewayPayout = "gateway_payout"

// operatorsBank is where gateways pay what they keep for the operator.
const operatorsBank = "main"

// movements keeps what the gateway has moved since the last time, and books its fees and what it paid to the operator's bank.
func (r *Reconciler) movements(ctx context.Context, t tenant.ID, g gateway.Gateway, account uuid.UUID) error {
	from, err := r.db.Read(t).Reconciled(ctx, account, store.MovementsPart)
	if err != nil {
		return err
	}
	until := r.now()
	err = inPieces(from.Add(-overlap), until, func(from, upto time.Time) error {
		err := inPages(func(after string) (string, int, error) {
			page, err := g.ListMovements(ctx, gateway.Page{Since: from, Until: upto, After: after, Limit: listed})
			if err != nil || len(page) == 0 {
				return "", 0, err
			}
			return page[len(page)-1].ID, len(page), r.keepMovements(ctx, t, g, account, page)
		})
		if err != nil {
			return err
		}
		return r.db.InTx(ctx, t, func(tx *store.Tx) error { return tx.SetReconciled(ctx, account, store.MovementsPart, upto) })
	})
	if err != nil {
		return err
	}
	return r.db.InTx(ctx, t, func(tx *store.Tx) error { return tx.LinkMovements(ctx, account) })
}

// keepMovements stores a page. A fee is booked with the movement that names it, and so is a payout that nobody here ordered:
// nobody else tells of them, and the chart has accounts for them.
func (r *Reconciler) keepMovements(ctx context.Context, t tenant.ID, g gateway.Gateway, account uuid.UUID, page []gateway.Movement) error {
	return r.db.InTx(ctx, t, func(tx *store.Tx) error {
		var journals []ledger.Journal
		locked, err := tx.LockedUntil(ctx)
		if err != nil {
			return err
		}
		for _, m := range page {
			row := store.Movement{Account: account, Ref: m.ID, Type: m.Type, Source: m.Source, OfRef: m.Payment, What: m.What,
				Currency: m.Amount.Currency, Amount: m.Amount.Minor, Fee: m.Fee.Minor, At: m.At}
			if of, _, ok := strings.Cut(m.Key, ":"); ok { // ordered by us, for something of ours
				row.About, _ = uuid.Parse(of)
			}
			added, err := tx.AddMovement(ctx, row)
			if err != nil {
				return err
			}
			if j, some := feeOf(g.Profile().Kind, m); some && added {
				journals = append(journals, openedAt(j, locked))
			}
			j, some := ownPayout(g.Profile().Kind, m)
			if !some {
				continue
			}
			if before, err := tx.Posted(ctx, j.Key); err != nil || len(before) > 0 { // one that was kept and not booked is booked now
				if err != nil {
					return err
				}
				continue
			}
			journals = append(journals, openedAt(j, locked))
		}
		return tx.RecordAll(ctx, journals...)
	})
}

// openedAt is the journal as it can be recorded: a locked period takes nothing, then it happened when we heard of it.
func openedAt(j ledger.Journal, locked time.Time) ledger.Journal {
	if j.Effective.Before(locked) {
		j.Effective = time.Time{}
	}
	return j
}

// feeOf is the journal of what a movement has cost; its key is the movement's, so it is written once.
func feeOf(kind gateway.Kind, m gateway.Movement) (ledger.Journal, bool) {
	n := m.Fee.Minor
	if m.What == reconcile.Fee { // a line of its own
		n -= m.Amount.Minor
	}
	c := ledger.Currency(m.Amount.Currency)
	if n == 0 || !c.Known() {
		return ledger.Journal{}, false
	}
	costs, clearing := ledger.Fees(string(kind), c), ledger.Clearing(string(kind), c)
	entries := []ledger.Entry{ledger.Debit(costs, ledger.Of(n, c)), ledger.Credit(clearing, ledger.Of(n, c))}
	if n < 0 { // given back
		entries = []ledger.Entry{ledger.Debit(clearing, ledger.Of(-n, c)), ledger.Credit(costs, ledger.Of(-n, c))}
	}
	j := ledger.Post("movement:"+m.ID+":fee", GatewayFee, entries...)
	j.Subject, j.Effective = "movement/"+m.ID, m.At
	return j, true
}

// ownPayout is the journal of what a gateway has paid to the operator's bank by its own schedule, or taken back because the bank
// returned it. A payout does each once.
func ownPayout(kind gateway.Kind, m gateway.Movement) (ledger.Journal, bool) {
	n, c := m.Amount.Minor, ledger.Currency(m.Amount.Currency)
	if m.What != reconcile.Payout || m.Key != "" || m.Source == "" || n == 0 || !c.Known() {
		return ledger.Journal{}, false
	}
	bank, clearing, step := ledger.Bank(operatorsBank, c), ledger.Clearing(string(kind), c), "paid"
	entries := []ledger.Entry{ledger.Debit(bank, ledger.Of(-n, c)), ledger.Credit(clearing, ledger.Of(-n, c))}
	if n > 0 {
		step, entries = "returned", []ledger.Entry{ledger.Debit(clearing, ledger.Of(n, c)), ledger.Credit(bank, ledger.Of(n, c))}
	}
	j := ledger.Post("payout:"+m.Source+":"+step, GatewayPayout, entries...)
	j.Subject, j.Effective = "movement/"+m.ID, m.At
	return j, true
}
