package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// RefundState is what became of a refund that a case was decided with.
type RefundState string

// States of it. Refused is for people: they try again, or put the money into the wallet.
const (
	RefundRequested RefundState = "requested"
	RefundDone      RefundState = "done"
	RefundRefused   RefundState = "refused"
)

// RefundRequest is money that a case's decision gives back the way it came.
type RefundRequest struct {
	Case, User    uuid.UUID // the case; who paid
	RiderName     string
	Subject       string // booking/ID
	Amount        int64
	Currency      string
	State         RefundState
	RequestedAt   time.Time
	DecidedBy     uuid.UUID
	DecidedByName string
	Answer        string

	// What a gateway was asked last; of what went into a wallet all is empty.
	Payment   uuid.UUID
	Asked     int64
	Asking    OperationState
	Problem   string
	SettledAt time.Time
}

// RefundCause is what a case's refund is asked of a payment for.
func RefundCause(of uuid.UUID) string { return "case/" + of.String() }

// CaseOf is the case behind such a cause.
func CaseOf(cause string) (uuid.UUID, bool) {
	kind, of, _ := strings.Cut(cause, "/")
	id, err := uuid.Parse(of)
	return id, err == nil && kind == "case"
}

// RequestRefund keeps what a case's decision gives back.
func (tx *Tx) RequestRefund(ctx context.Context, c Case, state RefundState) error {
	err := tx.q.RefundRequestAdd(ctx, sqlc.RefundRequestAddParams{TenantID: tx.tenant.UUID(), CaseID: c.ID, Subject: c.Subject, Amount: c.Amount, Currency: c.Currency, State: string(state)})
	if err != nil {
		return fmt.Errorf("store: request a refund for case %s: %w", c.ID, err)
	}
	tx.financeChanged(event.Payments)
	return nil
}

// RefundedToWallet is the journal of a case's refund that goes into the rider's wallet, from where its money lies now.
func RefundedToWallet(of uuid.UUID, subject string, rider uuid.UUID, m ledger.Money, from ...ledger.Entry) ledger.Journal {
	to := ledger.Credit(ledger.Wallet(rider, m.Currency), m)
	return ledger.Post("case:"+of.String()+":refunded", "refund_to_wallet", append(from, to)...).About(subject)
}

// LockRefundRequest is one that nobody else settles until the transaction ends.
func (tx *Tx) LockRefundRequest(ctx context.Context, of uuid.UUID) (RefundRequest, error) {
	if _, err := tx.q.RefundRequestLock(ctx, tx.tenant.UUID(), of); err != nil {
		return RefundRequest{}, fmt.Errorf("store: lock refund request %s: %w", of, err)
	}
	return tx.RefundRequest(ctx, of)
}

// SettleRefundRequest says what became of it; what is done stays so.
func (tx *Tx) SettleRefundRequest(ctx context.Context, of uuid.UUID, state RefundState) error {
	if _, err := tx.q.RefundRequestSettle(ctx, string(state), tx.tenant.UUID(), of); err != nil {
		return fmt.Errorf("store: settle refund request %s: %w", of, err)
	}
	tx.financeChanged(event.Payments)
	return nil
}

// RefundRequest is one.
func (r *Reader) RefundRequest(ctx context.Context, of uuid.UUID) (RefundRequest, error) {
	all, err := r.refundRequests(ctx, nil, uuid.Nil, of, 1)
	switch {
	case err != nil:
		return RefundRequest{}, err
	case len(all) == 0:
		return RefundRequest{}, errNoRow
	}
	return all[0], nil
}

// RefundRequests is a page of those in some states, the newest first.
func (r *Reader) RefundRequests(ctx context.Context, states []RefundState, before uuid.UUID, limit int) ([]RefundRequest, error) {
	return r.refundRequests(ctx, states, before, uuid.Nil, limit)
}

func (r *Reader) refundRequests(ctx context.Context, states []RefundState, before, one uuid.UUID, limit int) ([]RefundRequest, error) {
	if before == uuid.Nil {
		before = uuid.Max
	}
	if len(states) == 0 {
		states = []RefundState{RefundRequested, RefundDone, RefundRefused}
	}
	words := make([]string, len(states))
	for i, s := range states {
		words[i] = string(s)
	}
	rows, err := r.q.RefundRequestList(ctx, sqlc.RefundRequestListParams{TenantID: r.tenant.UUID(), Before: before, States: words, One: idOrNull(one), MaxRows: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("store: list refund requests: %w", err)
	}
	out := make([]RefundRequest, len(rows))
	for i, row := range rows {
		q := row.RefundRequest
		out[i] = RefundRequest{Case: q.CaseID, User: idOrNil(row.UserID), RiderName: row.RiderName, Subject: q.Subject, Amount: q.Amount, Currency: q.Currency,
			State: RefundState(q.State), RequestedAt: q.RequestedAt, DecidedBy: idOrNil(row.DecidedBy), DecidedByName: row.DeciderName, Answer: text(row.Answer),
			Payment: row.PaymentID, Asked: row.Asked, Asking: OperationState(row.Asking), Problem: row.Problem}
		if row.SettledAt.Unix() > 0 {
			out[i].SettledAt = row.SettledAt
		}
	}
	return out, nil
}

// PostedAbout is what journals about something have debited an account with, less what they credited.
func (r *Reader) PostedAbout(ctx context.Context, of ledger.Ref, subjects ...string) (int64, error) {
	n, err := r.q.PostedAbout(ctx, r.tenant.UUID(), subjects, of.Code, string(of.Currency))
	if err != nil {
		return 0, fmt.Errorf("store: posted on %s about %s: %w", of.Code, subjects, err)
	}
	return n, nil
}

// Posted is what the journal with this key has posted; nothing if there is none.
func (r *Reader) Posted(ctx context.Context, key string) ([]ledger.Line, error) {
	rows, err := r.q.PostedUnder(ctx, r.tenant.UUID(), key)
	if err != nil {
		return nil, fmt.Errorf("store: entries of journal %s: %w", key, err)
	}
	out := make([]ledger.Line, len(rows))
	for i, e := range rows {
		out[i] = ledger.Line{Ref: ledger.Ref{Code: e.Code, Currency: ledger.Currency(e.Currency)}, Debit: e.Dr, Credit: e.Cr, Layer: ledger.Posted}
	}
	return out, nil
}
