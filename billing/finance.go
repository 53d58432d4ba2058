package billing

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Finance is what those look at who answer for the money. It changes nothing: giving back is Payments.Refund, replaying is
// Inbox.Replay, deciding is Reconciler.Decide.
type Finance struct{ db *store.DB }

// NewFinance makes it.
func NewFinance(db *store.DB) *Finance { return &Finance{db} }

// Payments is a page of payments and the cursor of what follows; ask's point comes from the cursor.
func (f *Finance) Payments(ctx context.Context, t tenant.ID, ask store.PaymentsAsk, cursor string) (items []store.PaymentView, next string, err error) {
	if ask.Before, ask.BeforeID, err = readPlace(cursor); err != nil {
		return nil, "", err
	}
	limit := ask.Limit
	ask.Limit++
	if items, err = f.db.Read(t).Payments(ctx, ask); err == nil && len(items) > limit {
		items = items[:limit]
		next = writePlace(items[limit-1].CreatedAt, items[limit-1].ID)
	}
	return items, next, err
}

// Events is a page of what gateways have told, in some states, newest first.
func (f *Finance) Events(ctx context.Context, t tenant.ID, states []store.WebhookState, cursor string, limit int) (items []store.Webhook, next string, err error) {
	before, beforeID, err := readPlace(cursor)
	if err != nil {
		return nil, "", err
	}
	if items, err = f.db.Read(t).Webhooks(ctx, states, before, beforeID, limit+1); err == nil && len(items) > limit {
		items = items[:limit]
		next = writePlace(items[limit-1].ReceivedAt, items[limit-1].ID)
	}
	return items, next, err
}

// Event is one of them.
func (f *Finance) Event(ctx context.Context, t tenant.ID, id uuid.UUID) (store.Webhook, error) {
	w, err := f.db.Read(t).Webhook(ctx, id)
	if store.IsNotFound(err) {
		return w, fault.New("not_found")
	}
	return w, err
}

// Findings is a page of what checks have found, seen last first.
func (f *Finance) Findings(ctx context.Context, t tenant.ID, ask store.FindingsAsk, cursor string) (items []store.Finding, next string, err error) {
	if ask.Before, ask.BeforeID, err = readPlace(cursor); err != nil {
		return nil, "", err
	}
	limit := ask.Limit
	ask.Limit++
	if items, err = f.db.Read(t).Findings(ctx, ask); err == nil && len(items) > limit {
		items = items[:limit]
		next = writePlace(items[limit-1].LastSeen, items[limit-1].ID)
	}
	return items, next, err
}

// BudgetAlerts is a page of the budgets of which much is used, newest first: what organisations have granted shows on their next invoices.
func (f *Finance) BudgetAlerts(ctx context.Context, t tenant.ID, cursor string, limit int) (items []store.OrganisationAlert, next string, err error) {
	before, beforeID, err := readPlace(cursor)
	if err != nil {
		return nil, "", err
	}
	if items, err = f.db.Read(t).AllBudgetAlerts(ctx, before, beforeID, limit+1); err == nil && len(items) > limit {
		items = items[:limit]
		next = writePlace(items[limit-1].At, items[limit-1].Programme)
	}
	return items, next, err
}

// Refunds is a page of what cases give back, in some states, newest first.
func (f *Finance) Refunds(ctx context.Context, t tenant.ID, states []store.RefundState, cursor string, limit int) (items []store.RefundRequest, next string, err error) {
	_, before, err := readPlace(cursor)
	if err != nil {
		return nil, "", err
	}
	if items, err = f.db.Read(t).RefundRequests(ctx, states, before, limit+1); err == nil && len(items) > limit {
		items = items[:limit]
		next = writePlace(items[limit-1].RequestedAt, items[limit-1].Case)
	}
	for i, r := range items { // what people may settle is shown as that
		if unasked(r, time.Now()) {
			items[i].State = store.RefundRefused
		}
	}
	return items, next, err
}

// Refund is one of them.
func (f *Finance) Refund(ctx context.Context, t tenant.ID, of uuid.UUID) (store.RefundRequest, error) {
	r, err := f.db.Read(t).RefundRequest(ctx, of)
	if store.IsNotFound(err) {
		return r, fault.New("not_found")
	}
	return r, err
}

// Accounts is a page of the books of one kind, or all, by code, each with what is in it now.
func (f *Finance) Accounts(ctx context.Context, t tenant.ID, kind string, after ledger.Ref, limit int) (items []store.Book, more bool, err error) {
	r := f.db.Read(t)
	if items, err = r.Accounts(ctx, kind, after, limit+1); err != nil {
		return nil, false, err
	}
	if more = len(items) > limit; more {
		items = items[:limit]
	}
	for i, b := range items {
		if b.Known {
			continue
		}
		if items[i].Balance, err = r.Balance(ctx, b.Account); err != nil {
			return nil, false, err
		}
	}
	return items, more, nil
}

// Statement is a page of an account's statement, oldest first, and the cursor of what follows.
func (f *Finance) Statement(ctx context.Context, t tenant.ID, ask store.StatementAsk, cursor string) (s store.Statement, next string, err error) {
	if cursor != "" {
		if ask.After, err = readStatementPlace(cursor); err != nil {
			return s, "", err
		}
	}
	limit := ask.Limit
	ask.Limit++
	if s, err = f.db.Read(t).Statement(ctx, ask); err == nil && len(s.Lines) > limit {
		s.Lines = s.Lines[:limit]
		last := s.Lines[limit-1]
		next = writePlace(last.At, last.Journal) + base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint16(nil, uint16(last.Seq)))
	}
	return s, next, err
}

// A cursor is a place in the order of a list; it holds nothing that its owner has not been shown.
const placeLength = 32 // of 24 bytes

func writePlace(at time.Time, id uuid.UUID) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(at.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(b, id[:]...))
}

func readPlace(s string) (time.Time, uuid.UUID, error) {
	if s == "" {
		return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), uuid.Max, nil
	}
	bad := fault.New("bad_value").At("query/cursor")
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != 24 {
		return time.Time{}, uuid.Nil, bad
	}
	micros := int64(binary.BigEndian.Uint64(b))
	if micros < 0 || micros > time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro() {
		return time.Time{}, uuid.Nil, bad
	}
	return time.UnixMicro(micros).UTC(), uuid.UUID(b[8:]), nil
}

func readStatementPlace(s string) (store.Place, error) {
	bad := fault.New("bad_value").At("query/cursor")
	if len(s) < placeLength {
		return store.Place{}, bad
	}
	at, journal, err := readPlace(s[:placeLength])
	if err != nil {
		return store.Place{}, err
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s[placeLength:])
	if err != nil || len(b) != 2 || b[0] > 127 {
		return store.Place{}, bad
	}
	return store.Place{At: at, Journal: journal, Seq: int16(binary.BigEndian.Uint16(b))}, nil
}
