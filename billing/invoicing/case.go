package invoicing

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// What a case is decided as.
const (
	Declined = "declined"
	Goodwill = "goodwill" // money into the person's wallet
	Credited = "credit"   // a credit note over the line
	Refunded = "refund"   // money back the way it came: to the card, into the wallet
)

const (
	maxEvidence = 20
	maxFile     = 2 << 20
)

// OpenCase opens a case about what its subject names. Whoever asks has been let through to it.
func (s *Service) OpenCase(ctx context.Context, t tenant.ID, c store.Case, claim idem.Claim) (id uuid.UUID, err error) {
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 201, func() (any, error) {
			c.ID = ident.New()
			if err := tx.AddCase(ctx, c); err != nil {
				return nil, err
			}
			return c.ID, tx.Audit(store.Audit{Actor: c.OpenedBy, Action: "case.open", Target: "case/" + c.ID.String(), Detail: map[string]any{"subject": c.Subject}})
		})
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &id)
	})
	return id, err
}

// Case is one, with its evidence.
func (s *Service) Case(ctx context.Context, t tenant.ID, id uuid.UUID) (store.Case, []store.Evidence, error) {
	r := s.db.Read(t)
	c, err := r.Case(ctx, id)
	if store.IsNotFound(err) {
		return c, nil, fault.New("case_not_found")
	}
	if err != nil {
		return c, nil, err
	}
	e, err := r.Evidence(ctx, id)
	return c, e, err
}

// Cases is a page of them, the newest first.
func (s *Service) Cases(ctx context.Context, t tenant.ID, state string, openedBy, before uuid.UUID, limit int) ([]store.Case, error) {
	return s.db.Read(t).Cases(ctx, state, openedBy, before, limit)
}

// AddEvidence adds words or a file to an open case. What a file is, its first bytes say; its name and the caller are not asked.
func (s *Service) AddEvidence(ctx context.Context, t tenant.ID, e store.Evidence, claim idem.Claim) (id uuid.UUID, err error) {
	if e.ContentType = ""; len(e.Bytes) == 0 {
		e.Bytes, e.File = nil, ""
	} else {
		e.ContentType = http.DetectContentType(e.Bytes)
	}
	switch {
	case len(e.Bytes) > maxFile, len(e.Bytes) == 0 && e.Says == "":
		return id, fault.New("evidence_invalid")
	case len(e.Bytes) > 0 && e.ContentType != "application/pdf" && e.ContentType != "image/png" && e.ContentType != "image/jpeg":
		return id, fault.New("evidence_invalid")
	}
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 201, func() (any, error) {
			c, err := tx.LockCase(ctx, e.Case)
			if store.IsNotFound(err) {
				return nil, fault.New("case_not_found")
			}
			if err != nil {
				return nil, err
			}
			if c.State != "open" {
				return nil, fault.New("case_decided")
			}
			before, err := tx.Evidence(ctx, e.Case)
			if err != nil {
				return nil, err
			}
			if len(before) >= maxEvidence {
				return nil, fault.New("evidence_too_many")
			}
			e.ID = ident.New()
			if err := tx.AddEvidence(ctx, e); err != nil {
				return nil, err
			}
			return e.ID, tx.Audit(store.Audit{Actor: e.By, Action: "case.evidence", Target: "case/" + e.Case.String(), Detail: map[string]any{"type": e.ContentType, "bytes": len(e.Bytes)}})
		})
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &id)
	})
	return id, err
}

// EvidenceFile is one file of a case.
func (s *Service) EvidenceFile(ctx context.Context, t tenant.ID, of, id uuid.UUID) (store.Evidence, error) {
	e, err := s.db.Read(t).EvidenceFile(ctx, of, id)
	if store.IsNotFound(err) {
		return e, fault.New("case_not_found")
	}
	return e, err
}

// Decision is what finance says to a case.
type Decision struct {
	As     string
	Amount ledger.Money // of everything but declined
	Answer string
}

// Decide ends a case: the decision and what it moves are one transaction.
func (s *Service) Decide(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, id uuid.UUID, d Decision) error {
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, 204, func() (any, error) {
			c, err := tx.LockCase(ctx, id)
			if store.IsNotFound(err) {
				return nil, fault.New("case_not_found")
			}
			if err != nil {
				return nil, err
			}
			if c.State != "open" {
				return nil, fault.New("case_decided")
			}
			c.Decision, c.Answer, c.DecidedBy = d.As, d.Answer, by
			if d.As != Declined {
				if err := d.Amount.Check(); err != nil {
					return nil, err
				}
				c.Amount, c.Currency = d.Amount.Amount, string(d.Amount.Currency)
			}
			if err := s.adjust(ctx, tx, &c, d.Amount); err != nil {
				return nil, err
			}
			if err := tx.DecideCase(ctx, c); err != nil {
				return nil, err
			}
			return struct{}{}, tx.Audit(store.Audit{Actor: by, Action: "case.decide", Target: "case/" + id.String(),
				Detail: map[string]any{"decision": d.As, "amount": c.Amount, "currency": c.Currency, "outcome": c.Outcome}})
		})
		return err
	})
}

// adjust writes what a decision moves, and where it can be found.
func (s *Service) adjust(ctx context.Context, tx *store.Tx, c *store.Case, m ledger.Money) error {
	kind, rest, _ := strings.Cut(c.Subject, "/")
	switch {
	case c.Decision == Declined:
		return nil
	case c.Decision == Goodwill && c.User != uuid.Nil:
		return s.goodwill(ctx, tx, c, m)
	case c.Decision == Refunded:
		return s.giveBack(ctx, tx, c, m)
	case c.Decision == Credited && kind == "invoice":
		id, line, err := invoiceLine(rest)
		if err != nil {
			return err
		}
		d, err := tx.Document(ctx, id)
		if err != nil {
			return err
		}
		if d.Currency != string(m.Currency) {
			return fault.New("currency_mismatch")
		}
		amount := m.Amount
		if i, _ := strconv.Atoi(line); i >= 1 && i <= len(d.Lines) && d.Lines[i-1].Amount < 0 {
			amount = -amount
		}
		note, err := s.credit(ctx, tx, c.DecidedBy, id, []invoice.Pick{{Line: line, Amount: amount}}, "case/"+c.ID.String(), "")
		c.Outcome = "invoice/" + note.ID.String()
		return err
	}
	return fault.New("decision_not_apply")
}

// invoiceLine is what the subject of a case about a line names, "invoice/ID/7" without its first word.
func invoiceLine(rest string) (id uuid.UUID, line string, err error) {
	name, line, _ := strings.Cut(rest, "/")
	if id, err = uuid.Parse(name); err != nil {
		return id, line, fault.New("case_subject")
	}
	return id, line, nil
}
