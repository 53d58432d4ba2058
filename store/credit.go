package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// How an organisation's credit moves.
const (
	CreditSurplus  = "surplus"  // an invoice gives what was credited beyond what was open of it
	CreditApplied  = "applied"  // it pays an invoice
	CreditUndone   = "undone"   // … and that was taken back
	CreditRestored = "restored" // an invoice that gave is open again: what paid it was somebody else's
)

// CreditMove is so much of an organisation's credit for one of its invoices; below nothing, from it.
type CreditMove struct {
	ID, Invoice, Organisation uuid.UUID
	Number, Currency          string // the invoice's
	Amount                    int64
	How, By                   string
	At                        time.Time
	Undone                    bool // it was applied, and taken back
}

// OrganisationCredit is what one organisation has in one currency.
type OrganisationCredit struct {
	Organisation   uuid.UUID
	Name, Currency string
	Amount         int64 // on its account
	Surplus        int64 // that invoices did not give yet: of before there was such an account
	Leaving        int64 // beside both: approved, on its way to their bank
}

// CreditRefund is credit that goes back to an organisation's bank.
type CreditRefund struct {
	ID, Organisation         uuid.UUID
	Name, Currency           string
	Amount                   int64
	Holder, Number, Reason   string
	State                    string // draft, approved, paid, returned, discarded
	Reference, Problem       string
	MadeBy                   uuid.UUID
	Maker, Approver, EndedBy string // what they are called
	MadeAt, ApprovedAt       time.Time
	EndedAt                  time.Time
}

// AddCreditMove moves credit; PostgreSQL bounds it by what is open of the invoice, or below nothing. Record its journal in the same transaction.
func (tx *Tx) AddCreditMove(ctx context.Context, m CreditMove, undoes, by uuid.UUID) error {
	err := tx.q.CreditMoveAdd(ctx, sqlc.CreditMoveAddParams{TenantID: tx.tenant.UUID(), ID: m.ID, InvoiceID: m.Invoice, Amount: m.Amount, How: m.How, Undoes: idOrNull(undoes), MadeBy: by})
	if err != nil {
		return fmt.Errorf("store: move credit of invoice %s: %w", m.Invoice, err)
	}
	return nil
}

// CreditMove is one.
func (r *Reader) CreditMove(ctx context.Context, id uuid.UUID) (CreditMove, error) {
	found, err := r.creditMoves(ctx, nil, &id)
	if err == nil && len(found) == 0 {
		err = pgx.ErrNoRows
	}
	if err != nil {
		return CreditMove{}, fmt.Errorf("store: read credit move %s: %w", id, err)
	}
	return found[0], nil
}

// CreditMoves is an organisation's last ones, the newest first.
func (r *Reader) CreditMoves(ctx context.Context, organisation uuid.UUID) ([]CreditMove, error) {
	return r.creditMoves(ctx, &organisation, nil)
}

func (r *Reader) creditMoves(ctx context.Context, organisation, id *uuid.UUID) ([]CreditMove, error) {
	rows, err := r.q.CreditMoves(ctx, r.tenant.UUID(), organisation, id)
	if err != nil {
		return nil, fmt.Errorf("store: list moves of credit: %w", err)
	}
	out := make([]CreditMove, len(rows))
	for i, m := range rows {
		out[i] = CreditMove{ID: m.ID, Invoice: m.InvoiceID, Organisation: m.OrganisationID, Number: m.Number, Currency: m.Currency, Amount: m.Amount, How: m.How, By: m.MadeByName, At: m.MadeAt,
			Undone: m.Undone}
	}
	return out, nil
}

// Credits is what organisations have; one's, or all's for the nil UUID.
func (r *Reader) Credits(ctx context.Context, organisation uuid.UUID) ([]OrganisationCredit, error) {
	rows, err := r.q.Credits(ctx, r.tenant.UUID(), idOrNull(organisation))
	if err != nil {
		return nil, fmt.Errorf("store: credit of organisations: %w", err)
	}
	out := make([]OrganisationCredit, len(rows))
	for i, c := range rows {
		out[i] = OrganisationCredit{c.ID, c.Name, c.Currency, c.Amount, c.Surplus, c.Leaving}
	}
	return out, nil
}

// Unsettled is an organisation's invoices of which something is open, or below nothing; without lines, the oldest due first.
func (r *Reader) Unsettled(ctx context.Context, organisation uuid.UUID) ([]Document, error) {
	rows, err := r.q.InvoicesUnsettledOf(ctx, r.tenant.UUID(), organisation)
	if err != nil {
		return nil, fmt.Errorf("store: unsettled invoices of %s: %w", organisation, err)
	}
	return documentsOf(rows)
}

// AddCreditRefund writes a draft.
func (tx *Tx) AddCreditRefund(ctx context.Context, x CreditRefund) error {
	err := tx.q.CreditRefundAdd(ctx, sqlc.CreditRefundAddParams{TenantID: tx.tenant.UUID(), ID: x.ID, OrganisationID: x.Organisation, Currency: x.Currency, Amount: x.Amount,
		Holder: x.Holder, Number: x.Number, Reason: x.Reason, MadeBy: x.MadeBy})
	if err != nil {
		return fmt.Errorf("store: add a refund of credit: %w", err)
	}
	return nil
}

// LockCreditRefund reads one and holds its row.
func (tx *Tx) LockCreditRefund(ctx context.Context, id uuid.UUID) (CreditRefund, error) {
	if _, err := tx.q.CreditRefundLock(ctx, tx.tenant.UUID(), id); err != nil {
		return CreditRefund{}, fmt.Errorf("store: lock refund of credit %s: %w", id, err)
	}
	return tx.CreditRefund(ctx, id)
}

// MoveCreditRefund says what became of one.
func (tx *Tx) MoveCreditRefund(ctx context.Context, id uuid.UUID, state, reference, problem string, by uuid.UUID) error {
	err := tx.q.CreditRefundMove(ctx, sqlc.CreditRefundMoveParams{TenantID: tx.tenant.UUID(), ID: id, State: state, Reference: reference, Problem: problem, By: by})
	if err != nil {
		return fmt.Errorf("store: move refund of credit %s: %w", id, err)
	}
	return nil
}

// CreditRefund is one.
func (r *Reader) CreditRefund(ctx context.Context, id uuid.UUID) (CreditRefund, error) {
	found, err := r.creditRefunds(ctx, false, nil, &id)
	if err == nil && len(found) == 0 {
		err = pgx.ErrNoRows
	}
	if err != nil {
		return CreditRefund{}, fmt.Errorf("store: read refund of credit %s: %w", id, err)
	}
	return found[0], nil
}

// CreditRefunds is an organisation's last ones, the newest first; for the nil UUID all that are not over.
func (r *Reader) CreditRefunds(ctx context.Context, organisation uuid.UUID) ([]CreditRefund, error) {
	return r.creditRefunds(ctx, organisation == uuid.Nil, idOrNull(organisation), nil)
}

func (r *Reader) creditRefunds(ctx context.Context, waiting bool, organisation, id *uuid.UUID) ([]CreditRefund, error) {
	rows, err := r.q.CreditRefunds(ctx, r.tenant.UUID(), waiting, organisation, id)
	if err != nil {
		return nil, fmt.Errorf("store: list refunds of credit: %w", err)
	}
	out := make([]CreditRefund, len(rows))
	for i, x := range rows {
		out[i] = CreditRefund{ID: x.ID, Organisation: x.OrganisationID, Name: x.OrganisationName, Currency: x.Currency, Amount: x.Amount, Holder: x.Holder, Number: x.Number, Reason: x.Reason,
			State: x.State, Reference: x.Reference, Problem: x.Problem, MadeBy: x.MadeBy, Maker: x.MadeByName, Approver: x.ApprovedByName, EndedBy: x.EndedByName,
			MadeAt: x.MadeAt, ApprovedAt: instant(x.ApprovedAt), EndedAt: instant(x.EndedAt)}
	}
	return out, nil
}
