package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// BankMatch is what so much of a line was matched with: an invoice that it pays, or a gateway's payout that it is.
type BankMatch struct {
	ID, Line      uuid.UUID
	Invoice       uuid.UUID // nil: a payout
	Organisation  uuid.UUID // of the invoice
	Number        string    // the invoice's
	Gateway       string    // whose payout
	Account       string    // of the operator, that the payout was booked into: bank:main
	Amount        int64
	How           string // automatic, manual
	By            string
	At            time.Time
	Undone        time.Time // zero while it stands
	UndoneBy, Why string
}

// BankAside is why a line waits no more.
type BankAside struct {
	Reason, By string
	At         time.Time
}

// GatewayPayout is what a gateway paid to the operator's bank, as it was booked when it left.
type GatewayPayout struct {
	ID       uuid.UUID // the journal's
	Gateway  string
	Ref      string // the gateway's own
	Account  string // that it was booked into: bank:main
	Amount   int64
	Currency string
	At       time.Time
}

// LockBankLine holds a line: what becomes of it is decided by one transaction at a time. It is taken before organisations are.
func (tx *Tx) LockBankLine(ctx context.Context, id uuid.UUID) (BankLine, error) {
	if err := tx.q.BankLineLock(ctx, tx.tenant.UUID(), id); err != nil {
		return BankLine{}, fmt.Errorf("store: lock bank line %s: %w", id, err)
	}
	return tx.BankLine(ctx, id)
}

// AsideBankLines is a page of those that were set aside, the newest first.
func (r *Reader) AsideBankLines(ctx context.Context, beforeBooked servicedate.Date, before uuid.UUID, limit int) ([]BankLine, error) {
	rows, err := r.q.BankLinesAside(ctx, r.tenant.UUID(), beforeBooked.Midnight(), before, int32(limit))
	return bankLinesOf(rows, err)
}

// MatchedBankLines is a page of those of which something was matched, the newest first.
func (r *Reader) MatchedBankLines(ctx context.Context, beforeBooked servicedate.Date, before uuid.UUID, limit int) ([]BankLine, error) {
	rows, err := r.q.BankLinesMatched(ctx, r.tenant.UUID(), beforeBooked.Midnight(), before, int32(limit))
	return bankLinesOf(rows, err)
}

func bankLinesOf(rows []sqlc.BankLine, err error) ([]BankLine, error) {
	if err != nil {
		return nil, fmt.Errorf("store: list bank lines: %w", err)
	}
	out := make([]BankLine, len(rows))
	for i := range rows {
		out[i] = bankLineOf(&rows[i])
	}
	return out, nil
}

// BankMatches is what some lines were matched with, by line and in order; what was taken back too.
func (r *Reader) BankMatches(ctx context.Context, lines ...uuid.UUID) (map[uuid.UUID][]BankMatch, error) {
	rows, err := r.q.BankMatches(ctx, r.tenant.UUID(), some(lines))
	if err != nil {
		return nil, fmt.Errorf("store: read what bank lines were matched with: %w", err)
	}
	out := map[uuid.UUID][]BankMatch{}
	for _, m := range rows {
		out[m.BankLineID] = append(out[m.BankLineID], BankMatch{ID: m.ID, Line: m.BankLineID, Invoice: m.InvoiceID, Organisation: m.OrganisationID, Number: m.Number, Gateway: m.Gateway,
			Account: m.Account, Amount: m.Amount, How: m.How, By: m.MadeByName, At: m.MadeAt, Undone: instant(m.UndoneAt), UndoneBy: m.UndoneBy, Why: m.UndoneWhy})
	}
	return out, nil
}

// BankAsides is why some lines are aside.
func (r *Reader) BankAsides(ctx context.Context, lines ...uuid.UUID) (map[uuid.UUID]BankAside, error) {
	rows, err := r.q.BankAsides(ctx, r.tenant.UUID(), some(lines))
	if err != nil {
		return nil, fmt.Errorf("store: read why bank lines are aside: %w", err)
	}
	out := map[uuid.UUID]BankAside{}
	for _, a := range rows {
		if a.Aside {
			out[a.BankLineID] = BankAside{a.Reason, a.MadeByName, a.MadeAt}
		}
	}
	return out, nil
}

// OpenGatewayPayouts is payouts of some amounts and of a time that no line is, in order.
func (r *Reader) OpenGatewayPayouts(ctx context.Context, amounts []int64, since, until time.Time) ([]GatewayPayout, error) {
	negative := make([]int64, len(amounts)) // they leave the gateway's account
	for i, n := range amounts {
		negative[i] = -n
	}
	rows, err := r.q.GatewayPayoutsOpen(ctx, since, until, negative, r.tenant.UUID())
	if err != nil {
		return nil, fmt.Errorf("store: payouts that no bank line is: %w", err)
	}
	out := make([]GatewayPayout, len(rows))
	for i, p := range rows {
		out[i] = GatewayPayout{ID: p.ID, Gateway: p.Gateway, Ref: p.Source, Amount: p.Amount, Currency: p.Currency, At: p.HappenedAt}
	}
	return out, nil
}

// GatewayPayout is one, by the journal that booked it.
func (r *Reader) GatewayPayout(ctx context.Context, journal uuid.UUID) (GatewayPayout, error) {
	p, err := r.q.GatewayPayoutGet(ctx, r.tenant.UUID(), journal)
	if err != nil {
		return GatewayPayout{}, fmt.Errorf("store: read payout %s: %w", journal, err)
	}
	return GatewayPayout{ID: p.ID, Gateway: p.Gateway, Account: p.Account, Amount: p.Amount, Currency: p.Currency, At: p.EffectiveAt}, nil
}

// AddBankPayout says that a whole line is a gateway's payout; a Duplicate error when another line is it already.
func (tx *Tx) AddBankPayout(ctx context.Context, id, line uuid.UUID, p GatewayPayout, by uuid.UUID) error {
	err := tx.q.BankPayoutAdd(ctx, sqlc.BankPayoutAddParams{TenantID: tx.tenant.UUID(), ID: id, BankLineID: line, JournalID: p.ID, Amount: p.Amount, MadeBy: by})
	if err != nil {
		return fmt.Errorf("store: bank line %s is payout %s: %w", line, p.ID, err)
	}
	return nil
}

// SetAside says that a line waits no more, and why, or that it waits again.
func (tx *Tx) SetAside(ctx context.Context, line uuid.UUID, aside bool, reason string, by uuid.UUID) error {
	err := tx.q.BankAsideAdd(ctx, sqlc.BankAsideAddParams{TenantID: tx.tenant.UUID(), ID: ident.New(), BankLineID: line, Aside: aside, Reason: reason, MadeBy: by})
	if err != nil {
		return fmt.Errorf("store: set bank line %s aside: %w", line, err)
	}
	return nil
}

// Unmatch says that a match does not stand, and why; a Duplicate error when it was said before.
func (tx *Tx) Unmatch(ctx context.Context, m BankMatch, reason string, by uuid.UUID) error {
	p := sqlc.UnmatchAddParams{TenantID: tx.tenant.UUID(), MatchID: m.ID, Reason: reason, MadeBy: by}
	if m.Invoice == uuid.Nil {
		p.BankPayoutID = &m.ID
	} else {
		p.ReceiptID = &m.ID
	}
	if err := tx.q.UnmatchAdd(ctx, p); err != nil {
		return fmt.Errorf("store: unmatch %s: %w", m.ID, err)
	}
	return nil
}
