package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// SuperviseSession lets somebody into a conversation as a supervisor, or be one in another way; false: they are one of the two who talk. Lock the session first.
func (tx *Tx) SuperviseSession(ctx context.Context, s *Session, user uuid.UUID, role string, notice bool, at time.Time) (bool, error) {
	epoch, err := tx.q.SessionSupervise(ctx, sqlc.SessionSuperviseParams{TenantID: tx.tenant.UUID(), SessionID: s.ID, UserID: user, Role: role, Notice: notice, At: at})
	if IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("store: supervise session %s: %w", s.ID, err)
	}
	if p, found := s.Party(user); found {
		p.Role, p.Notice, p.SeenAt = role, notice, at
	} else {
		s.Parties = append(s.Parties, SessionParty{User: user, Role: role, Epoch: epoch, Notice: notice, SeenAt: at})
	}
	return true, nil
}

// EndPart ends the part of somebody who is none of the two; false: they had none. Lock the session first.
func (tx *Tx) EndPart(ctx context.Context, s *Session, user uuid.UUID, at time.Time) (bool, error) {
	n, err := tx.q.SessionPartEnd(ctx, at, tx.tenant.UUID(), s.ID, user)
	if err != nil || n == 0 {
		if err != nil {
			err = fmt.Errorf("store: end a part in session %s: %w", s.ID, err)
		}
		return false, err
	}
	for i := range s.Parties {
		if s.Parties[i].User == user {
			s.Parties = append(s.Parties[:i], s.Parties[i+1:]...)
			break
		}
	}
	return true, nil
}

// SeenSupervising notes that these are still there, each in the session beside them.
func (tx *Tx) SeenSupervising(ctx context.Context, sessions, users []uuid.UUID, at time.Time) error {
	if len(users) == 0 {
		return nil
	}
	if err := tx.q.SessionSupervisorsSeen(ctx, at, tx.tenant.UUID(), sessions, users); err != nil {
		return fmt.Errorf("store: note who supervises: %w", err)
	}
	return nil
}

// Supervision is somebody who supervises a conversation now, or is in it beside its expert.
type Supervision struct {
	Tenant        tenant.ID
	Session, User uuid.UUID
	Role          string
}

// Supervisions is who does now, of whichever tenant.
func (s *System) Supervisions(ctx context.Context, limit int) ([]Supervision, error) {
	rows, err := s.q.SessionSupervisors(ctx, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: find who supervises: %w", err)
	}
	out := make([]Supervision, len(rows))
	for i, x := range rows {
		out[i] = Supervision{tenant.ID(x.TenantID), x.SessionID, x.UserID, x.Role}
	}
	return out, nil
}
