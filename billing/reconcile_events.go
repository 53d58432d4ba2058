package billing

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// eventsKept is how long a gateway can say what has happened; older ones nobody can list any more.
const eventsKept = 29 * 24 * time.Hour

// sellersAPage is how many connected accounts are read at a time.
const sellersAPage = 200

// events stores what the gateway tells and the inbox lacks, the tenant's own and the connected accounts'.
func (r *Reconciler) events(ctx context.Context, t tenant.ID, g gateway.Gateway, account uuid.UUID) error {
	from, err := r.db.Read(t).Reconciled(ctx, account, store.EventsPart)
	if err != nil {
		return err
	}
	until := r.now().Add(-settled)
	from = latest(from.Add(-overlap), until.Add(-eventsKept))
	missed, err := r.eventsOf(ctx, t, g, account, "", from, until)
	if err != nil {
		return err
	}
	for after := ""; g.Profile().Can(gateway.Splits); {
		sellers, err := r.db.Read(t).ConnectedAccounts(ctx, account, after, sellersAPage)
		if err != nil {
			return err
		}
		for _, s := range sellers {
			n, err := r.eventsOf(ctx, t, g, account, s, from, until)
			if err != nil {
				return err
			}
			missed += n
			after = s
		}
		if len(sellers) < sellersAPage {
			break
		}
	}
	subject := "gateway_account/" + account.String()
	if missed > 0 {
		r.missed.Add(int64(missed))
		err = r.find(ctx, t, FindingMissed, subject, store.Warning, map[string]any{"events": missed})
	} else {
		err = r.passed(ctx, t, subject, FindingMissed)
	}
	if err != nil {
		return err
	}
	return r.db.InTx(ctx, t, func(tx *store.Tx) error { return tx.SetReconciled(ctx, account, store.EventsPart, until) })
}

// eventsOf goes through the events of one account at the gateway, and says how many were missed.
func (r *Reconciler) eventsOf(ctx context.Context, t tenant.ID, g gateway.Gateway, account uuid.UUID, seller string, from, until time.Time) (missed int, err error) {
	return missed, inPieces(from, until, func(from, until time.Time) error {
		return inPages(func(after string) (string, int, error) {
			page, err := g.ListEvents(ctx, gateway.EventQuery{Page: gateway.Page{Since: from, Until: until, After: after, Limit: listed, Account: seller}})
			if err != nil || len(page) == 0 {
				return "", 0, err
			}
			for _, e := range page {
				first, err := r.inbox.keep(ctx, t, account, e)
				if err != nil {
					return "", 0, err
				}
				if first {
					missed++
				}
			}
			return page[len(page)-1].ID, len(page), nil
		})
	})
}

// inPieces goes through a time in windows, the oldest first.
func inPieces(from, until time.Time, do func(from, until time.Time) error) error {
	for ; from.Before(until); from = from.Add(window) {
		end := from.Add(window)
		if end.After(until) {
			end = until
		}
		if err := do(from, end); err != nil {
			return err
		}
	}
	return nil
}

// inPages goes through a list to its end; do answers the last id of the page behind after, and how many it had.
func inPages(do func(after string) (last string, n int, err error)) error {
	after := ""
	for range mostPages {
		last, n, err := do(after)
		if err != nil || n < listed {
			return err
		}
		after = last
	}
	return nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
