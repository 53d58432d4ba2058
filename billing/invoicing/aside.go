package invoicing

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// SetAside lets a line wait no more, and says why: it is nobody's payment. Its money stays in suspense.
func (s *Service) SetAside(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, line uuid.UUID, reason string) error {
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	return s.setAside(ctx, t, by, claim, line, true, reason)
}

// BringBack lets it wait again.
func (s *Service) BringBack(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, line uuid.UUID) error {
	return s.setAside(ctx, t, by, claim, line, false, "")
}

func (s *Service) setAside(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, line uuid.UUID, aside bool, reason string) error {
	act := "bank.back"
	if aside {
		act = "bank.aside"
	}
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, 204, func() (any, error) {
			l, err := tx.LockBankLine(ctx, line)
			switch {
			case store.IsNotFound(err):
				return nil, fault.New("bank_line_not_found")
			case err != nil:
				return nil, err
			case l.Aside == aside:
				return nil, fault.New("bank_line_changed")
			case aside && l.Matched == l.Amount:
				return nil, fault.New("bank_line_settled")
			}
			if err := tx.SetAside(ctx, line, aside, reason, by); err != nil {
				return nil, err
			}
			return struct{}{}, tx.Audit(store.Audit{Actor: by, Action: act, Target: "bank_line/" + line.String(), Detail: map[string]any{"reason": reason}})
		})
		return err
	})
}

// reasonOf is what a person says of what they do; it must say something.
func reasonOf(reason string) (string, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" || len(reason) > 500 || !utf8.ValidString(reason) || strings.ContainsRune(reason, 0) {
		return "", fault.New("reason_required").At("/reason")
	}
	return reason, nil
}
