package billing

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// walletHoldFor is how long money of a wallet waits for the end of a session that nobody ends.
const walletHoldFor = 24 * time.Hour

// Who bears an expert's share of a charge that a bank has taken back for good.
const (
	LostByExpert   = "expert"
	LostByOperator = "operator"
)

// Advice is a session as far as money goes.
type Advice struct {
	Session, Client uuid.UUID
	Expert          uuid.UUID    // nil: nobody has taken it yet; they are named when they do
	Terms           advice.Terms // with nobody named yet: the most that a minute may cost
	LostBy          string       // empty: the expert
	Minutes         int          // to be set aside now
	FromWallet      bool         // the client's own, not a card
	ByCard          bool         // a card, or nothing: no wallet in its place
	With            store.With   // which card, and whether it is kept for other payments
}

// Held is money that was set aside, or is about to be.
type Held struct {
	Payment  store.Payment // none: the wallet's
	Next     gateway.Next  // what the client has to do
	Funds    Funds
	Repeated bool
}

// Authorise sets money aside for the first minutes of a session: at the bank of the client, who is there to confirm it, or
// in their wallet, which also pays where the gateway cannot take less than it has set aside. Asked again with another claim it
// sets aside more, by another card if the client likes.
func (p *Payments) Authorise(ctx context.Context, t tenant.ID, claim idem.Claim, a Advice) (Held, error) {
	if err := a.Terms.Check(); err != nil {
		return Held{}, err
	}
	if a.Expert == a.Client {
		return Held{}, fault.New("bad_value").At("/expert")
	}
	if a.LostBy == "" {
		a.LostBy = LostByExpert
	}
	m := store.Metered{Session: a.Session, Client: a.Client, Expert: a.Expert, Terms: a.Terms, LostBy: a.LostBy}
	if !a.FromWallet {
		account, err := p.cardsAt(ctx, t)
		if err != nil {
			return Held{}, err
		}
		if account == uuid.Nil && a.ByCard {
			return Held{}, fault.New("payment_not_supported")
		}
		m.Account = account
		if err := p.MayKeep(ctx, t, a.With); err != nil {
			return Held{}, err
		}
	}
	return p.setFundsAside(ctx, t, claim, m, a.Minutes, OpAuthorise, a.With)
}

// Extend sets more aside while they talk: the client's card is asked again, without the client. Declined, or when their bank
// wants to see them, nothing is set aside: the meter ends with the funds that there are, or the client authorises again.
func (p *Payments) Extend(ctx context.Context, t tenant.ID, claim idem.Claim, session uuid.UUID, minutes int) (Held, error) {
	m, err := p.db.Read(t).Metered(ctx, session)
	if store.IsNotFound(err) {
		return Held{}, fault.New("not_found")
	}
	if err != nil {
		return Held{}, err
	}
	return p.setFundsAside(ctx, t, claim, m, minutes, OpExtend, store.With{})
}

// cardsAt is the tenant's gateway if it can take less than it has set aside; nil: wallets pay.
func (p *Payments) cardsAt(ctx context.Context, t tenant.ID) (uuid.UUID, error) {
	account, err := p.db.Read(t).GatewayAccountOf(ctx, string(gateway.Stripe))
	if store.IsNotFound(err) {
		return uuid.Nil, fault.New("payment_not_set_up")
	}
	if err != nil {
		return uuid.Nil, err
	}
	g, err := p.accounts.Open(ctx, t, account.ID)
	if err != nil {
		return uuid.Nil, err
	}
	if can := g.Profile(); !can.Can(gateway.PreAuthorise) || !can.Can(gateway.PartialCapture) {
		return uuid.Nil, nil
	}
	return account.ID, nil
}

func (p *Payments) setFundsAside(ctx context.Context, t tenant.ID, claim idem.Claim, m store.Metered, minutes int, op string, with store.With) (Held, error) {
	amount, err := m.Terms.For(minutes)
	if err != nil {
		return Held{}, err
	}
	var pay uuid.UUID // none: the wallet's
	var again bool
	err = p.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, repeated, err := tx.Once(ctx, claim, 201, func() (any, error) { return p.lengthen(ctx, tx, m, amount, op, with) })
		if err != nil {
			return err
		}
		again = repeated
		return json.Unmarshal(answer, &pay)
	})
	if err != nil {
		return Held{}, err
	}
	h := Held{Repeated: again}
	if pay != uuid.Nil {
		h.Payment, h.Next, err = p.Carry(ctx, t, pay, op, 1)
	}
	funds, failed := p.Funds(ctx, t, m.Session)
	if err == nil {
		err = failed
	}
	h.Funds = funds
	return h, err
}

// lengthen adds a link to a session's chain.
func (p *Payments) lengthen(ctx context.Context, tx *store.Tx, m store.Metered, amount ledger.Money, op string, with store.With) (uuid.UUID, error) {
	first := op == OpAuthorise || with.Method != uuid.Nil || m.Follows != uuid.Nil // with a card whose owner is not there, it is asked as when they talk
	if first {
		if _, err := tx.AddMetered(ctx, m); err != nil {
			return uuid.Nil, err
		}
		accounts := []ledger.Account{ledger.Wallet(m.Client, amount.Currency)}
		if m.Expert != uuid.Nil {
			accounts = append(accounts, advice.Accounts(m.Expert, amount.Currency)...)
		}
		if err := tx.OpenAccounts(ctx, accounts...); err != nil {
			return uuid.Nil, err
		}
		if m.Expert == uuid.Nil {
			if err := p.unusedAt(ctx, tx, m.Session); err != nil {
				return uuid.Nil, err
			}
		}
	}
	was, err := tx.LockMetered(ctx, m.Session)
	if err != nil {
		return uuid.Nil, err
	}
	parts, err := tx.MeteredParts(ctx, m.Session)
	if err != nil {
		return uuid.Nil, err
	}
	if m.Expert == uuid.Nil && was.Terms.FeeBP == m.Terms.FeeBP && was.Terms.Price.Currency == m.Terms.Price.Currency && was.Terms.Price.Amount <= m.Terms.Price.Amount {
		m.Expert, m.Terms = was.Expert, was.Terms // somebody has taken it since, for that much or less
	}
	switch {
	case was.Ended:
		return uuid.Nil, fault.New("session_ended")
	case was.Terms != m.Terms || was.Client != m.Client || was.Expert != m.Expert || was.Account != m.Account:
		return uuid.Nil, fault.New("session_other_terms")
	case !first && fundsOf(was, parts).Authorised.Amount == 0:
		return uuid.Nil, fault.New("session_not_funded")
	case len(parts) >= advice.MaxParts:
		return uuid.Nil, fault.New("session_ended")
	}
	link := store.MeteredPart{N: len(parts) + 1, Amount: amount.Amount}
	subject := sessionSubject(m.Session)
	if m.Account == uuid.Nil {
		j := ledger.Hold(fmt.Sprintf("session:%s:hold:%d", m.Session, link.N), "session_hold", walletHoldFor,
			ledger.Debit(ledger.Wallet(m.Client, amount.Currency), amount), ledger.Credit(ledger.Deferred("sessions", amount.Currency), amount))
		held, err := tx.RecordOne(ctx, j.About(subject))
		if err != nil {
			return uuid.Nil, err
		}
		link.Hold = held.ID
		return uuid.Nil, tx.AddMeteredPart(ctx, m.Session, link)
	}
	if link.Destination, err = p.destination(ctx, &tx.Reader, m); err != nil {
		return uuid.Nil, err
	}
	pay := store.Payment{ID: ident.New(), Account: m.Account, Payer: m.Client, Subject: subject, With: with, Amount: amount.Amount, Currency: string(amount.Currency), ClosesAt: p.now().Add(openFor)}
	link.Payment = pay.ID
	if err := tx.AddPayment(ctx, pay); err != nil {
		return uuid.Nil, err
	}
	if err := tx.AddMeteredPart(ctx, m.Session, link); err != nil {
		return uuid.Nil, err
	}
	if _, err := tx.Ask(ctx, store.Operation{Payment: pay.ID, Op: OpCancel, N: 1, Why: abandoned}, pay.ClosesAt); err != nil {
		return uuid.Nil, err
	}
	_, err = tx.Ask(ctx, store.Operation{Payment: pay.ID, Op: op, N: 1, Amount: pay.Amount}, p.now().Add(carryAfter))
	return pay.ID, err
}

func sessionSubject(session uuid.UUID) string { return "session/" + session.String() }

// destination is the expert's account at the gateway, if it may receive a share at the moment of the charge.
func (p *Payments) destination(ctx context.Context, r *store.Reader, m store.Metered) (string, error) {
	c, err := r.ConnectedOf(ctx, m.Account, m.Expert)
	if store.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if !mayReceive(c) {
		return "", nil
	}
	return c.Ref, nil
}

func mayReceive(c store.Connected) bool {
	var seen gateway.Account
	return json.Unmarshal(c.State, &seen) == nil && seen.Transfers == gateway.CapabilityActive
}
