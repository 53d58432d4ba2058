package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Case is somebody's word that a ride, a session or a line of an invoice is wrong.
type Case struct {
	ID           uuid.UUID
	Subject      string    // booking/ID, session/ID, invoice/ID/LINE
	Organisation uuid.UUID // for which it was opened; nil: by a person for themselves
	User         uuid.UUID // whose ride it was
	OpenedBy     uuid.UUID
	Reason, Says string
	State        string // open, decided
	Decision     string // declined, goodwill, credit, refund
	Amount       int64
	Currency     string
	Answer       string
	Outcome      string // what was written: a journal's key, a credit note, a request
	DecidedBy    uuid.UUID
	DecidedAt    time.Time
	OpenedAt     time.Time
}

// AddCase opens one.
func (tx *Tx) AddCase(ctx context.Context, c Case) error {
	err := tx.q.CaseAdd(ctx, sqlc.CaseAddParams{TenantID: tx.tenant.UUID(), ID: c.ID, Subject: c.Subject, OrganisationID: idOrNull(c.Organisation),
		UserID: idOrNull(c.User), OpenedBy: c.OpenedBy, Reason: c.Reason, Says: c.Says})
	if err != nil {
		return fmt.Errorf("store: open a case: %w", err)
	}
	return nil
}

// Case is one.
func (r *Reader) Case(ctx context.Context, id uuid.UUID) (Case, error) {
	row, err := r.q.CaseGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return Case{}, fmt.Errorf("store: read case %s: %w", id, err)
	}
	return caseOf(&row), nil
}

// LockCase is one that nobody else decides until the transaction ends.
func (tx *Tx) LockCase(ctx context.Context, id uuid.UUID) (Case, error) {
	row, err := tx.q.CaseLock(ctx, tx.tenant.UUID(), id)
	if err != nil {
		return Case{}, fmt.Errorf("store: lock case %s: %w", id, err)
	}
	return caseOf(&row), nil
}

// Cases is a page of them, the newest first: in a state or in any for "", opened by somebody or by anybody for the nil UUID.
func (r *Reader) Cases(ctx context.Context, state string, openedBy, before uuid.UUID, limit int) ([]Case, error) {
	if before == uuid.Nil {
		before = uuid.Max
	}
	rows, err := r.q.CaseList(ctx, sqlc.CaseListParams{TenantID: r.tenant.UUID(), Before: before, State: state, OpenedBy: idOrNull(openedBy), MaxRows: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("store: list cases: %w", err)
	}
	out := make([]Case, len(rows))
	for i := range rows {
		out[i] = caseOf(&rows[i])
	}
	return out, nil
}

// DecideCase writes what was decided. Lock the case first.
func (tx *Tx) DecideCase(ctx context.Context, c Case) error {
	p := sqlc.CaseDecideParams{TenantID: tx.tenant.UUID(), ID: c.ID, Decision: &c.Decision, Answer: &c.Answer, Outcome: &c.Outcome, DecidedBy: &c.DecidedBy}
	if c.Amount != 0 {
		p.Amount, p.Currency = &c.Amount, &c.Currency
	}
	if err := tx.q.CaseDecide(ctx, p); err != nil {
		return fmt.Errorf("store: decide case %s: %w", c.ID, err)
	}
	return nil
}

// GoodwillFor is what was given as goodwill in all cases about a subject.
func (tx *Tx) GoodwillFor(ctx context.Context, subject string) (int64, error) {
	n, err := tx.q.CaseGoodwill(ctx, tx.tenant.UUID(), subject)
	if err != nil {
		return 0, fmt.Errorf("store: goodwill for %s: %w", subject, err)
	}
	return n, nil
}

// Evidence is what speaks for a case.
type Evidence struct {
	ID, Case, By uuid.UUID
	Says         string
	File         string
	ContentType  string // of a file; empty: words alone
	Bytes        []byte // not in lists
	Size         int
	At           time.Time
}

// AddEvidence adds a piece to a case.
func (tx *Tx) AddEvidence(ctx context.Context, e Evidence) error {
	err := tx.q.EvidenceAdd(ctx, sqlc.EvidenceAddParams{TenantID: tx.tenant.UUID(), ID: e.ID, CaseID: e.Case, AddedBy: e.By, Says: e.Says, FileName: e.File,
		ContentType: e.ContentType, Bytes: e.Bytes})
	if err != nil {
		return fmt.Errorf("store: add evidence to %s: %w", e.Case, err)
	}
	return nil
}

// Evidence is all of a case, without the files' bytes.
func (r *Reader) Evidence(ctx context.Context, of uuid.UUID) ([]Evidence, error) {
	rows, err := r.q.EvidenceList(ctx, r.tenant.UUID(), of)
	if err != nil {
		return nil, fmt.Errorf("store: evidence of %s: %w", of, err)
	}
	out := make([]Evidence, len(rows))
	for i, e := range rows {
		out[i] = Evidence{ID: e.ID, Case: of, By: e.AddedBy, Says: e.Says, File: e.FileName, ContentType: e.ContentType, Size: int(e.Size), At: e.AddedAt}
	}
	return out, nil
}

// EvidenceFile is one file.
func (r *Reader) EvidenceFile(ctx context.Context, of, id uuid.UUID) (Evidence, error) {
	e, err := r.q.EvidenceFile(ctx, r.tenant.UUID(), of, id)
	if err != nil {
		return Evidence{}, fmt.Errorf("store: evidence %s of %s: %w", id, of, err)
	}
	return Evidence{ID: id, Case: of, File: e.FileName, ContentType: e.ContentType, Bytes: e.Bytes, Size: len(e.Bytes)}, nil
}

func caseOf(c *sqlc.CaseFile) Case {
	out := Case{ID: c.ID, Subject: c.Subject, Organisation: idOrNil(c.OrganisationID), User: idOrNil(c.UserID), OpenedBy: c.OpenedBy, Reason: c.Reason, Says: c.Says,
		State: c.State, Decision: text(c.Decision), Currency: text(c.Currency), Answer: text(c.Answer), Outcome: text(c.Outcome), DecidedBy: idOrNil(c.DecidedBy), OpenedAt: c.OpenedAt}
	if c.Amount != nil {
		out.Amount = *c.Amount
	}
	if c.DecidedAt != nil {
		out.DecidedAt = *c.DecidedAt
	}
	return out
}
