package billing

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Funds is where the money of a session stands: the join of all that is known of its links.
type Funds struct {
	Authorised ledger.Money  // set aside now
	Until      time.Duration // of metered time that it pays for: the meter ends there, never after
	Ended      bool
	Billed     int64 // once ended: the metered amount
	Taken      int64 // of it
	Coming     int64 // of it: decided on, and the gateway has not said yet
	Short      int64 // of it: what nobody will pay any more, since a bank let its hold go. It is a finding
}

// Funds is a session's.
func (p *Payments) Funds(ctx context.Context, t tenant.ID, session uuid.UUID) (Funds, error) {
	m, err := p.db.Read(t).Metered(ctx, session)
	if store.IsNotFound(err) {
		return Funds{}, fault.New("not_found")
	}
	if err != nil {
		return Funds{}, err
	}
	parts, err := p.db.Read(t).MeteredParts(ctx, session)
	return fundsOf(m, parts), err
}

// SetAside is what a client has set aside for a conversation: where it stands, and what is left to do at its bank.
type SetAside struct {
	Funds   Funds
	Ceiling ledger.Money // of a minute
	Step    *Step        // of the latest payment; nil: the wallet's
}

// SetAside is a client's own.
func (p *Payments) SetAside(ctx context.Context, t tenant.ID, client, session uuid.UUID) (s SetAside, err error) {
	m, err := p.db.Read(t).Metered(ctx, session)
	if store.IsNotFound(err) || err == nil && m.Client != client {
		return s, fault.New("not_found")
	}
	if err != nil {
		return s, err
	}
	parts, err := p.db.Read(t).MeteredParts(ctx, session)
	if err != nil {
		return s, err
	}
	s.Ceiling = m.Terms.Price
	if n := len(parts); n > 0 && parts[n-1].Payment != uuid.Nil {
		step, err := p.Step(ctx, t, parts[n-1].Payment)
		if err != nil {
			return s, err
		}
		s.Step = &step
	}
	s.Funds, err = p.Funds(ctx, t, session) // after the step: what a look has brought is among them
	return s, err
}

func fundsOf(m store.Metered, parts []store.MeteredPart) Funds {
	f := Funds{Authorised: ledger.Of(0, m.Terms.Price.Currency), Ended: m.Ended, Billed: m.Billed}
	for _, l := range parts {
		switch {
		case !l.Decided:
			f.Authorised.Amount += l.Live()
		case l.Payment == uuid.Nil:
			f.Taken += l.Taken.Amount
		case l.Status == payment.Paid:
			f.Taken += l.Captured
		case l.Status != payment.Cancelled:
			f.Coming += l.Taken.Amount
		}
	}
	f.Until = m.Terms.Funded(f.Authorised.Amount)
	if m.Ended {
		due, _ := m.Terms.Price.Currency.ByCard(f.Billed)
		f.Short = max(0, due-f.Taken-f.Coming)
	}
	return f
}

// lacks tells people of a session that is over and that nobody will pay all of any more: the money is not in the books, and the
// client owes it all the same.
func (p *Payments) lacks(ctx context.Context, tx *store.Tx, session uuid.UUID) error {
	m, err := tx.Metered(ctx, session)
	if err != nil {
		return err
	}
	parts, err := tx.MeteredParts(ctx, session)
	if err != nil {
		return err
	}
	f := fundsOf(m, parts)
	if f.Short == 0 {
		return nil
	}
	detail, err := json.Marshal(map[string]any{"billed": f.Billed, "taken": f.Taken, "short": f.Short, "currency": m.Terms.Price.Currency})
	if err != nil {
		return fmt.Errorf("billing: session %s: %w", session, err)
	}
	_, err = tx.SeeFinding(ctx, store.Finding{Kind: FindingShort, Subject: sessionSubject(session), Severity: store.Warning, Detail: detail})
	return err
}
