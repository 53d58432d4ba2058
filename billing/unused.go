package billing

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// unusedFor is how long money stays set aside for a request that nobody places: longer than a payer may take to confirm it.
const unusedFor = openFor + 10*time.Minute

// GiveBackFunds lets a client's own money go that no request waits with: all that was set aside, and what is about to be. While one does,
// or somebody talks for it, it stays (request_funds_used): that request is to be cancelled.
func (p *Payments) GiveBackFunds(ctx context.Context, t tenant.ID, client, session uuid.UUID) (Funds, error) {
	m, err := p.db.Read(t).Metered(ctx, session)
	if store.IsNotFound(err) || err == nil && m.Client != client {
		return Funds{}, fault.New("not_found")
	}
	if err != nil {
		return Funds{}, err
	}
	if err := p.letUnusedGo(ctx, t, session); err != nil {
		return Funds{}, err
	}
	return p.Funds(ctx, t, session)
}

// Unused is the job's: what a client has left behind.
func (p *Payments) Unused(ctx context.Context, t tenant.ID, session uuid.UUID) error {
	err := p.letUnusedGo(ctx, t, session)
	if fault.Is(err, "request_funds_used") || fault.Is(err, "not_found") {
		return nil // it is needed: what comes of the request, or of the conversation, ends it
	}
	return err
}

// letUnusedGo settles for nothing what no request names. Placing one locks the same row, so it is one or the other.
func (p *Payments) letUnusedGo(ctx context.Context, t tenant.ID, session uuid.UUID) error {
	var asked []store.Operation
	err := p.db.InTx(ctx, t, func(tx *store.Tx) error {
		asked = nil // the closure may run twice
		m, err := tx.LockMetered(ctx, session)
		switch {
		case store.IsNotFound(err):
			return fault.New("not_found")
		case err != nil:
			return err
		case m.Ended:
			return nil
		}
		used, err := tx.ServesAlready(ctx, m.Client, store.FundingOf(session))
		if err == nil && (used || m.Expert != uuid.Nil) {
			err = fault.New("request_funds_used")
		}
		if err != nil {
			return err
		}
		asked, err = p.settle(ctx, tx, session, ledger.Of(0, m.Terms.Price.Currency))
		return err
	})
	if err != nil {
		return err
	}
	p.carryAll(ctx, t, session, asked)
	return nil
}

// unusedAt has the job look at money that was set aside before anybody is known.
func (p *Payments) unusedAt(ctx context.Context, tx *store.Tx, session uuid.UUID) error {
	e := errand.FundsUnused{Session: session, Why: "left"}
	return tx.AddJobAt(ctx, e, e.Key(), p.now().Add(unusedFor))
}
