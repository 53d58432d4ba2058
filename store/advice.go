package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Metered is the money of one session: what was agreed on, and how much was used once it has ended.
type Metered struct {
	Session, Client uuid.UUID
	Expert          uuid.UUID // nil: nobody has taken it yet
	Account         uuid.UUID // the tenant's with a gateway; nil: the client's wallet pays
	Terms           advice.Terms
	LostBy          string // who bears a share when a dispute is lost: expert, operator
	Customer        string // the client at the gateway
	Ended           bool
	Billed          int64     // once ended
	Follows         uuid.UUID // the money of the conversation before, whose card is asked again; nil: none
}

// MeteredPart is one link of its chain.
type MeteredPart struct {
	N             int
	Amount        int64
	Payment, Hold uuid.UUID // one of the two
	Destination   string    // the expert's account at the gateway, which takes the share itself
	Decided       bool
	Taken         advice.Taken // once decided
	Status        payment.Status
	Captured      int64
}

// Live is how much a link that nobody decided on can pay.
func (p MeteredPart) Live() int64 {
	if !p.Decided && (p.Hold != uuid.Nil || p.Status == payment.Authorised) {
		return p.Amount
	}
	return 0
}

// AddMetered notes what a session's money is to be; false: it is noted already.
func (tx *Tx) AddMetered(ctx context.Context, m Metered) (bool, error) {
	n, err := tx.q.MeteredAdd(ctx, sqlc.MeteredAddParams{TenantID: tx.tenant.UUID(), ID: m.Session, ClientID: m.Client, ExpertID: idOrNull(m.Expert),
		GatewayAccountID: idOrNull(m.Account), Price: m.Terms.Price.Amount, FeeBp: int16(m.Terms.FeeBP), Currency: string(m.Terms.Price.Currency), LostBy: m.LostBy, Follows: idOrNull(m.Follows)})
	if err != nil {
		return false, fmt.Errorf("store: add money of session %s: %w", m.Session, err)
	}
	return n == 1, nil
}

// Metered is one session's.
func (r *Reader) Metered(ctx context.Context, session uuid.UUID) (Metered, error) {
	row, err := r.q.MeteredGet(ctx, r.tenant.UUID(), session)
	if err != nil {
		return Metered{}, fmt.Errorf("store: read money of session %s: %w", session, err)
	}
	return meteredOf(&row), nil
}

// LockMetered is one session's, which nobody else extends or settles until the transaction ends. Lock it before payments.
func (tx *Tx) LockMetered(ctx context.Context, session uuid.UUID) (Metered, error) {
	row, err := tx.q.MeteredLock(ctx, tx.tenant.UUID(), session)
	if err != nil {
		return Metered{}, fmt.Errorf("store: lock money of session %s: %w", session, err)
	}
	return meteredOf(&row), nil
}

// NameMetered says who takes a session, and at which price: never above what was agreed on. False: it is over, or a part of its
// chain is another expert's already.
func (tx *Tx) NameMetered(ctx context.Context, session, expert uuid.UUID, price int64) (bool, error) {
	n, err := tx.q.MeteredName(ctx, &expert, price, tx.tenant.UUID(), session)
	if err != nil {
		return false, fmt.Errorf("store: name expert of session %s: %w", session, err)
	}
	return n == 1, nil
}

// MeteredCustomer keeps who the client is at the gateway.
func (tx *Tx) MeteredCustomer(ctx context.Context, session uuid.UUID, customer string) error {
	if err := tx.q.MeteredCustomer(ctx, tx.tenant.UUID(), session, &customer); err != nil {
		return fmt.Errorf("store: note customer of session %s: %w", session, err)
	}
	return nil
}

// CustomerAt is who a client is at a gateway, if an earlier session has said so.
func (r *Reader) CustomerAt(ctx context.Context, account, client uuid.UUID) (string, error) {
	c, err := r.q.MeteredCustomerOf(ctx, r.tenant.UUID(), &account, client)
	if err != nil {
		return "", fmt.Errorf("store: find customer %s: %w", client, err)
	}
	return text(c), nil
}

// EndMetered notes what was used. Lock it first.
func (tx *Tx) EndMetered(ctx context.Context, session uuid.UUID, billed int64) error {
	if err := tx.q.MeteredEnd(ctx, tx.tenant.UUID(), session, &billed); err != nil {
		return fmt.Errorf("store: end money of session %s: %w", session, err)
	}
	return nil
}

// AddMeteredPart lengthens the chain.
func (tx *Tx) AddMeteredPart(ctx context.Context, session uuid.UUID, p MeteredPart) error {
	err := tx.q.MeteredPartAdd(ctx, sqlc.MeteredPartAddParams{TenantID: tx.tenant.UUID(), SessionID: session, N: int16(p.N), Amount: p.Amount,
		PaymentID: idOrNull(p.Payment), HoldID: idOrNull(p.Hold), Destination: textOrNull(p.Destination)})
	if err != nil {
		return fmt.Errorf("store: add link %d of session %s: %w", p.N, session, err)
	}
	return nil
}

// TakeMeteredPart decides how much of a link is taken. It is decided once.
func (tx *Tx) TakeMeteredPart(ctx context.Context, session uuid.UUID, n int, c advice.Taken) error {
	err := tx.q.MeteredPartTake(ctx, sqlc.MeteredPartTakeParams{TenantID: tx.tenant.UUID(), SessionID: session, N: int16(n), Capture: &c.Amount, Fee: &c.Fee})
	if err != nil {
		return fmt.Errorf("store: decide on link %d of session %s: %w", n, session, err)
	}
	return nil
}

// MeteredParts is a session's chain in its order.
func (r *Reader) MeteredParts(ctx context.Context, session uuid.UUID) ([]MeteredPart, error) {
	rows, err := r.q.MeteredParts(ctx, r.tenant.UUID(), session)
	if err != nil {
		return nil, fmt.Errorf("store: read chain of session %s: %w", session, err)
	}
	out := make([]MeteredPart, len(rows))
	for i, p := range rows {
		out[i] = MeteredPart{N: int(p.N), Amount: p.Amount, Payment: idOf(p.PaymentID), Hold: idOf(p.HoldID), Destination: text(p.Destination), Decided: p.Capture != nil, Captured: amountOf(p.Captured)}
		if p.Capture != nil {
			out[i].Taken = advice.Taken{Amount: *p.Capture, Fee: amountOf(p.Fee)}
		}
		if p.Status != nil {
			if out[i].Status, err = payment.ParseStatus(*p.Status); err != nil {
				return nil, fmt.Errorf("store: link %d of session %s: %w", p.N, session, err)
			}
		}
	}
	return out, nil
}

// MeteredPartOf is the link that a payment is, and the session that it is of.
func (r *Reader) MeteredPartOf(ctx context.Context, pay uuid.UUID) (Metered, MeteredPart, error) {
	row, err := r.q.MeteredPartOf(ctx, r.tenant.UUID(), &pay)
	if err != nil {
		return Metered{}, MeteredPart{}, fmt.Errorf("store: read link of payment %s: %w", pay, err)
	}
	m := Metered{Session: row.SessionID, Client: row.ClientID, Expert: idOf(row.ExpertID), Account: idOf(row.GatewayAccountID), LostBy: row.LostBy, Customer: text(row.GatewayCustomer), Ended: row.Billed != nil, Billed: amountOf(row.Billed), Follows: idOf(row.Follows),
		Terms: advice.Terms{Price: ledger.Of(row.Price, ledger.Currency(row.Currency)), FeeBP: int(row.FeeBp)}}
	p := MeteredPart{N: int(row.N), Amount: row.Amount, Payment: pay, Destination: text(row.Destination), Decided: row.Capture != nil}
	if p.Decided {
		p.Taken = advice.Taken{Amount: *row.Capture, Fee: amountOf(row.Fee)}
	}
	return m, p, nil
}

// SharesOwed is payments of sessions whose share their expert was not sent yet, though the gateway has the money.
func (r *Reader) SharesOwed(ctx context.Context, account, expert uuid.UUID, limit int) ([]uuid.UUID, error) {
	rows, err := r.q.SharesOwed(ctx, r.tenant.UUID(), &expert, &account, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: read shares of %s: %w", expert, err)
	}
	out := make([]uuid.UUID, len(rows))
	for i, p := range rows {
		out[i] = idOf(p.PaymentID)
	}
	return out, nil
}

// Connected is an account that a gateway keeps for somebody whom the tenant pays.
type Connected struct {
	Account, User uuid.UUID // Account: the tenant's with the gateway
	Ref           string
	State         json.RawMessage // as last seen
	SeenAt        time.Time
}

// ConnectedOf is a user's account at a gateway.
func (r *Reader) ConnectedOf(ctx context.Context, account, user uuid.UUID) (Connected, error) {
	c, err := r.q.ConnectedAccountOf(ctx, r.tenant.UUID(), account, user)
	if err != nil {
		return Connected{}, fmt.Errorf("store: read connected account of %s: %w", user, err)
	}
	return Connected{c.GatewayAccountID, c.UserID, c.GatewayRef, c.State, instant(c.SeenAt)}, nil
}

// ConnectedByRef is the account that a gateway calls so.
func (r *Reader) ConnectedByRef(ctx context.Context, account uuid.UUID, ref string) (Connected, error) {
	c, err := r.q.ConnectedAccountByRef(ctx, r.tenant.UUID(), account, ref)
	if err != nil {
		return Connected{}, fmt.Errorf("store: read connected account %s: %w", ref, err)
	}
	return Connected{c.GatewayAccountID, c.UserID, c.GatewayRef, c.State, instant(c.SeenAt)}, nil
}

// OpenConnected notes an account that was opened; false: the user has one there.
func (tx *Tx) OpenConnected(ctx context.Context, c Connected) (bool, error) {
	n, err := tx.q.ConnectedAccountOpen(ctx, sqlc.ConnectedAccountOpenParams{TenantID: tx.tenant.UUID(), GatewayAccountID: c.Account, GatewayRef: c.Ref, UserID: c.User, State: c.State, SeenAt: &c.SeenAt})
	if err != nil {
		return false, fmt.Errorf("store: open connected account of %s: %w", c.User, err)
	}
	return n == 1, nil
}

func meteredOf(m *sqlc.MeteredSession) Metered {
	return Metered{Session: m.ID, Client: m.ClientID, Expert: idOf(m.ExpertID), Account: idOf(m.GatewayAccountID), LostBy: m.LostBy, Customer: text(m.GatewayCustomer), Ended: m.Billed != nil,
		Billed: amountOf(m.Billed), Follows: idOf(m.Follows), Terms: advice.Terms{Price: ledger.Of(m.Price, ledger.Currency(m.Currency)), FeeBP: int(m.FeeBp)}}
}

func amountOf(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

func idOf(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}

func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
