package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// PaymentsAsk asks for payments, newest first: those in a state (or refunded, disputed, lost), for one kind of thing, of one payer, made in a
// time, that were made before a point. What is empty says nothing.
type PaymentsAsk struct {
	State, SubjectKind string
	Search             string // a part of the payer's name, or all of a reference: the gateway's, the payment's, of what it pays
	Amount             int64  // exactly so much; 0: any
	Payer              uuid.UUID
	Since, Until       time.Time
	Before             time.Time
	BeforeID           uuid.UUID
	Limit              int
}

// PaymentView is a payment with whose it is and how it was paid.
type PaymentView struct {
	Payment
	PayerName, Gateway string
}

// AccountOwners is what those are called whom accounts belong to, by id.
func (r *Reader) AccountOwners(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	rows, err := r.q.AccountOwners(ctx, r.tenant.UUID(), ids)
	if err != nil {
		return nil, fmt.Errorf("store: names of %d owners: %w", len(ids), err)
	}
	out := make(map[uuid.UUID]string, len(rows))
	for _, o := range rows {
		out[o.ID] = o.Name
	}
	return out, nil
}

// Payments is a page of them.
func (r *Reader) Payments(ctx context.Context, ask PaymentsAsk) ([]PaymentView, error) {
	if ask.Until.IsZero() {
		ask.Until = always
	}
	rows, err := r.q.PaymentList(ctx, sqlc.PaymentListParams{TenantID: r.tenant.UUID(), State: ask.State, SubjectKind: ask.SubjectKind, Payer: idOrNull(ask.Payer),
		Since: ask.Since, Until: ask.Until, Search: ask.Search, Amount: ask.Amount, Before: ask.Before, BeforeID: ask.BeforeID, MaxRows: int32(ask.Limit)})
	if err != nil {
		return nil, fmt.Errorf("store: list payments: %w", err)
	}
	out := make([]PaymentView, len(rows))
	for i := range rows {
		p, err := paymentOf(&rows[i].Payment)
		if err != nil {
			return nil, err
		}
		out[i] = PaymentView{p, rows[i].PayerName, rows[i].Gateway}
	}
	return out, nil
}

// PaymentView is one of them.
func (r *Reader) PaymentView(ctx context.Context, id uuid.UUID) (PaymentView, error) {
	p, err := r.Payment(ctx, id)
	if err != nil {
		return PaymentView{}, err
	}
	of, err := r.q.PaymentOf(ctx, r.tenant.UUID(), id)
	if err != nil {
		return PaymentView{}, fmt.Errorf("store: whose payment %s is: %w", id, err)
	}
	return PaymentView{p, of.PayerName, of.Gateway}, nil
}

// WebhooksAbout is what a gateway has told about some of its objects, oldest first.
func (r *Reader) WebhooksAbout(ctx context.Context, objects []string, limit int) ([]Webhook, error) {
	rows, err := r.q.WebhooksAbout(ctx, r.tenant.UUID(), objects, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: events about %d objects: %w", len(objects), err)
	}
	out := make([]Webhook, len(rows))
	for i := range rows {
		out[i] = webhookOf(&rows[i])
	}
	return out, nil
}

// Booked is a journal with what it has posted.
type Booked struct {
	ID                uuid.UUID
	Key, Kind, Reason string
	At                time.Time
	Lines             []ledger.Line
}

// EntriesAbout is what was posted about something, oldest first.
func (r *Reader) EntriesAbout(ctx context.Context, subject string, limit int) ([]Booked, error) {
	rows, err := r.q.EntriesAbout(ctx, r.tenant.UUID(), subject, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: entries about %s: %w", subject, err)
	}
	var out []Booked
	for _, e := range rows {
		if len(out) == 0 || out[len(out)-1].ID != e.ID {
			out = append(out, Booked{ID: e.ID, Key: e.Key, Kind: e.Kind, Reason: e.Reason, At: e.At})
		}
		b := &out[len(out)-1]
		b.Lines = append(b.Lines, ledger.Line{Ref: ledger.Ref{Code: e.Code, Currency: ledger.Currency(e.Currency)}, Debit: e.Dr, Credit: e.Cr, Layer: ledger.Posted})
	}
	return out, nil
}
