package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Payment is what a payer was asked for, and what is known of it.
type Payment struct {
	ID, Account, Payer uuid.UUID // Account: the tenant's with the gateway
	Subject            string    // what it pays: booking/…, wallet/…
	With               With
	Amount             int64
	Currency           string
	Ref                string // the gateway's object; empty while nobody knows of one
	payment.Known
	Decline   string // why the last attempt was refused, while it is open
	Outcome   string // what became of the subject
	Refunding int64  // what we asked to be given back, less what was refused
	Elsewhere int64  // what was given back beyond that
	ClosesAt  time.Time
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// With is the card that a payment is made with.
type With struct {
	Method uuid.UUID // a saved one of the payer's own; nil: its payer types one
	Keep   bool      // and wants it kept
}

// Left is what of a payment can be given back, as far as the payment itself knows: StillLeft asks the seat's wallet too.
//
// What a bank sent back is in its payer's wallet, where it is spent or asked for; of a top-up that is where it was.
func (p Payment) Left() int64 {
	left := p.Captured - p.Refunding - p.Elsewhere - p.Disputed + p.Won
	if strings.HasPrefix(p.Subject, "wallet/") {
		left += p.Returned
	}
	return left
}

// AddPayment opens a payment; ErrTaken when its subject has one under way. A saved card that the payer does not keep there
// is not_found, one more to keep than they may is methods_full: decided here, in the transaction that opens it, so that a repeat of what
// was opened hears its first answer, whatever has become of the card.
func (tx *Tx) AddPayment(ctx context.Context, p Payment) error {
	if err := tx.MayPayWith(ctx, p); err != nil {
		return err
	}
	n, err := tx.q.PaymentAdd(ctx, sqlc.PaymentAddParams{TenantID: tx.tenant.UUID(), ID: p.ID, GatewayAccountID: p.Account, PayerID: p.Payer,
		Subject: p.Subject, Amount: p.Amount, Currency: p.Currency, ClosesAt: p.ClosesAt, MethodID: idOrNull(p.With.Method), Keep: p.With.Keep})
	if err != nil {
		return fmt.Errorf("store: add payment: %w", err)
	}
	if n == 0 {
		return ErrTaken
	}
	tx.financeChanged(event.Payments)
	return nil
}

// MayPayWith refuses a card that is not the payer's own at the payment's gateway, or is gone, and to keep one where there is no room.
func (r *Reader) MayPayWith(ctx context.Context, p Payment) error {
	switch {
	case p.With.Method != uuid.Nil:
		m, err := r.Method(ctx, p.With.Method)
		if IsNotFound(err) || err == nil && (m.User != p.Payer || m.Account != p.Account || m.State != MethodKept) {
			return fault.New("not_found").At("/method")
		}
		return err
	case p.With.Keep:
		return r.RoomForMethod(ctx, p.Account, p.Payer)
	}
	return nil
}

// Operations on a payment.
const (
	OpPay    = "pay"
	OpCancel = "cancel"
	OpRefund = "refund"
)

// OpenPayment opens a payment and commits to asking its gateway for it: the job does from carryAt on, unless somebody has
// before. One that nobody has paid when it closes is called off. ErrTaken when its subject has one under way.
func (tx *Tx) OpenPayment(ctx context.Context, p Payment, carryAt time.Time) error {
	if err := tx.AddPayment(ctx, p); err != nil {
		return err
	}
	if _, err := tx.Ask(ctx, Operation{Payment: p.ID, Op: OpCancel, N: 1, Why: "abandoned"}, p.ClosesAt); err != nil {
		return err
	}
	_, err := tx.Ask(ctx, Operation{Payment: p.ID, Op: OpPay, N: 1, Amount: p.Amount}, carryAt)
	return err
}

// Payment is one payment.
func (r *Reader) Payment(ctx context.Context, id uuid.UUID) (Payment, error) {
	row, err := r.q.PaymentGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return Payment{}, fmt.Errorf("store: read payment %s: %w", id, err)
	}
	return paymentOf(&row)
}

// LockPayment is one payment, which nobody else changes until the transaction ends.
func (tx *Tx) LockPayment(ctx context.Context, id uuid.UUID) (Payment, error) {
	row, err := tx.q.PaymentLock(ctx, tx.tenant.UUID(), id)
	if err != nil {
		return Payment{}, fmt.Errorf("store: lock payment %s: %w", id, err)
	}
	return paymentOf(&row)
}

// PaymentByRef finds the payment whose object this is.
func (r *Reader) PaymentByRef(ctx context.Context, account uuid.UUID, ref string) (uuid.UUID, error) {
	id, err := r.q.PaymentByRef(ctx, r.tenant.UUID(), account, &ref)
	if err != nil {
		return uuid.Nil, fmt.Errorf("store: find payment %s: %w", ref, err)
	}
	return id, nil
}

// PaymentsOf is every payment of a subject, the oldest first.
func (r *Reader) PaymentsOf(ctx context.Context, subject string) ([]Payment, error) {
	rows, err := r.q.PaymentsOf(ctx, r.tenant.UUID(), subject)
	if err != nil {
		return nil, fmt.Errorf("store: payments of %s: %w", subject, err)
	}
	out := make([]Payment, len(rows))
	for i := range rows {
		if out[i], err = paymentOf(&rows[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// PaymentsBy is a payer's payments that were opened before one of them (nil: all), the newest first.
func (r *Reader) PaymentsBy(ctx context.Context, payer, before uuid.UUID, limit int) ([]Payment, error) {
	if before == uuid.Nil {
		before = uuid.Max
	}
	rows, err := r.q.PaymentsBy(ctx, r.tenant.UUID(), payer, before, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: payments by %s: %w", payer, err)
	}
	out := make([]Payment, len(rows))
	for i := range rows {
		if out[i], err = paymentOf(&rows[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SavePayment writes what is known now. Lock the payment first.
func (tx *Tx) SavePayment(ctx context.Context, p Payment) error {
	err := tx.q.PaymentSave(ctx, sqlc.PaymentSaveParams{TenantID: tx.tenant.UUID(), ID: p.ID, GatewayRef: textOrNull(p.Ref), Status: p.Status.String(),
		Authorised: p.Authorised, Captured: p.Captured, Refunded: p.Refunded, Returned: p.Returned, Disputed: p.Disputed, Lost: p.Lost, Won: p.Won,
		Decline: textOrNull(p.Decline), Outcome: textOrNull(p.Outcome), Refunding: p.Refunding, RefundedElsewhere: p.Elsewhere})
	if err != nil {
		return fmt.Errorf("store: save payment %s: %w", p.ID, err)
	}
	tx.financeChanged(event.Payments)
	return nil
}

func paymentOf(p *sqlc.Payment) (Payment, error) {
	status, err := payment.ParseStatus(p.Status)
	if err != nil {
		return Payment{}, fmt.Errorf("store: payment %s: %w", p.ID, err)
	}
	return Payment{ID: p.ID, Account: p.GatewayAccountID, Payer: p.PayerID, Subject: p.Subject, With: With{idOf(p.MethodID), p.Keep}, Amount: p.Amount, Currency: p.Currency, Ref: text(p.GatewayRef),
		Known:   payment.Known{Status: status, Authorised: p.Authorised, Captured: p.Captured, Refunded: p.Refunded, Returned: p.Returned, Disputed: p.Disputed, Lost: p.Lost, Won: p.Won},
		Decline: text(p.Decline), Outcome: text(p.Outcome), Refunding: p.Refunding, Elsewhere: p.RefundedElsewhere, ClosesAt: p.ClosesAt, Version: p.Version, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt}, nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
