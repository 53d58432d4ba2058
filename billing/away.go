package billing

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// MayHold says what is in the way of setting so much aside for a client who will not be there: of a card that they keep and that is good until then, or of
// their wallet as it is now. Nothing is held by it.
func (p *Payments) MayHold(ctx context.Context, t tenant.ID, client uuid.UUID, amount ledger.Money, method uuid.UUID, at time.Time) error {
	if method == uuid.Nil {
		w, err := p.Wallet(ctx, t, client, amount.Currency)
		if err == nil && w.Available.Amount < amount.Amount {
			err = fault.New("insufficient_funds")
		}
		return err
	}
	m, err := p.db.Read(t).Method(ctx, method)
	if store.IsNotFound(err) || err == nil && (m.User != client || m.State != store.MethodKept) {
		return fault.New("not_found").At("/method")
	}
	if err != nil {
		return err
	}
	if account, err := p.cardsAt(ctx, t); err != nil || account != m.Account {
		if err == nil {
			err = fault.New("payment_not_supported")
		}
		return err
	}
	if over := time.Date(m.Card.ExpYear, time.Month(m.Card.ExpMonth)+1, 1, 0, 0, 0, 0, time.UTC); m.Card.ExpYear > 0 && !at.Before(over) {
		return fault.New("card_expires").At("/method")
	}
	return nil
}

var errNotKnown = errors.New("billing: whether money was set aside is not known yet")

// AuthoriseAway sets money aside for a client who is not there: of a card that they keep, or of their wallet. A bank that says no, or wants to see them, is a fault,
// and nothing is left that could be taken later; what nobody knows yet is another error, and may be asked again under the same claim.
func (p *Payments) AuthoriseAway(ctx context.Context, t tenant.ID, claim idem.Claim, session, client uuid.UUID, terms advice.Terms, minutes int, method uuid.UUID) (Held, error) {
	m := store.Metered{Session: session, Client: client, Terms: terms, LostBy: LostByExpert}
	if method == uuid.Nil {
		return p.setFundsAside(ctx, t, claim, m, minutes, OpAuthorise, store.With{})
	}
	card, err := p.db.Read(t).Method(ctx, method)
	if store.IsNotFound(err) || err == nil && (card.User != client || card.State != store.MethodKept) {
		return Held{}, fault.New("not_found").At("/method")
	}
	if err != nil {
		return Held{}, err
	}
	m.Account = card.Account
	return p.setAsideAway(ctx, t, claim, m, minutes, store.With{Method: method})
}

// AuthoriseOnward sets money aside for a conversation that follows another, on its terms and without asking its client again: of the card that pays for the first, or of their wallet.
// What that may come to is as with AuthoriseAway.
func (p *Payments) AuthoriseOnward(ctx context.Context, t tenant.ID, claim idem.Claim, from, session uuid.UUID, minutes int) (Held, error) {
	m, err := p.db.Read(t).Metered(ctx, from)
	if err != nil {
		return Held{}, err
	}
	m = store.Metered{Session: session, Client: m.Client, Account: m.Account, Terms: m.Terms, LostBy: m.LostBy, Follows: from}
	if m.Account == uuid.Nil {
		return p.setFundsAside(ctx, t, claim, m, minutes, OpAuthorise, store.With{})
	}
	return p.setAsideAway(ctx, t, claim, m, minutes, store.With{})
}

// setAsideAway asks a card whose owner is not there.
func (p *Payments) setAsideAway(ctx context.Context, t tenant.ID, claim idem.Claim, m store.Metered, minutes int, with store.With) (Held, error) {
	h, err := p.setFundsAside(ctx, t, claim, m, minutes, OpExtend, with)
	var no *gateway.Declined
	var ask *gateway.NeedsAuthentication
	var refused string
	switch {
	case errors.As(err, &no):
		refused = "payment_declined"
	case errors.As(err, &ask), err == nil && h.Funds.Authorised.Amount == 0 && h.Payment.Ref != "":
		refused = "payment_needs_authentication"
	case err == nil && h.Funds.Authorised.Amount == 0:
		return h, errNotKnown
	default:
		return h, err
	}
	if err := p.letUnusedGo(ctx, t, m.Session); err != nil {
		return h, err
	}
	return h, fault.New(refused)
}
