package session

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

const (
	mostMessages = 500
	longest      = 2000
)

// Say writes a message into a conversation, until it is over. Under its key it is written once.
func (s *Service) Say(ctx context.Context, by By, claim idem.Claim, id uuid.UUID, body string) error {
	body = strings.TrimSpace(body)
	if n := utf8.RuneCountInString(body); n == 0 || n > longest {
		return fault.New("bad_value").At("/body")
	}
	return s.once(ctx, by, claim, id, func(tx *store.Tx, x *store.Session, p *store.SessionParty, at time.Time) ([]meter.Sign, error) {
		switch {
		case !speaks(p.Role):
			return nil, fault.New("session_listens")
		case x.Meter.State.Over():
			return nil, fault.New("session_over")
		case x.Messages >= mostMessages:
			return nil, fault.New("session_full")
		}
		_, err := tx.AddMessage(ctx, x, by.User, body, at)
		return nil, err
	})
}

// speaks says that a part is one that both hear: who listens or whispers writes nothing either.
func speaks(role string) bool { return !supervises(role) || role == store.RoleSupervisor }

// Messages is what was written after the n-th: the transcript.
func (s *Service) Messages(ctx context.Context, by By, id uuid.UUID, after, limit int) ([]event.Message, error) {
	return s.db.Read(by.Tenant).Messages(ctx, id, after, limit)
}
