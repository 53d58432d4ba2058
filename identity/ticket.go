package identity

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// A ticket is its tenant, 16 secret bytes, and a seal over both (Made).
const ticketBytes = 16 + 16 + madeBytes

func ticketOf(ticket string) ([]byte, bool) {
	if base64.RawURLEncoding.DecodedLen(len(ticket)) != ticketBytes {
		return nil, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(ticket)
	return b, err == nil
}

// Ticket makes a key to the socket for the caller: once, within thirty seconds. The tenant is part of it only to find
// the row; it is worth nothing without the secret beside it.
func (s *Service) Ticket(ctx context.Context) (string, time.Duration, error) {
	a, ok := policy.ActorFrom(ctx)
	if !ok {
		return "", 0, fault.New("unauthenticated")
	}
	b := make([]byte, ticketBytes)
	copy(b, a.Tenant[:])
	_, _ = rand.Read(b[16 : ticketBytes-madeBytes]) // never fails
	copy(b[ticketBytes-madeBytes:], s.madeSeal("ticket", b[:ticketBytes-madeBytes]))
	if err := s.db.Read(a.Tenant).CreateSocketTicket(ctx, hashOf(b), a.User, a.Session, ticketTTL); err != nil {
		return "", 0, err
	}
	return base64.RawURLEncoding.EncodeToString(b), ticketTTL, nil
}

// UseTicket opens the socket: whoever uses the ticket up has it. A connection then lives as long as an access token
// would, unless it renews.
func (s *Service) UseTicket(ctx context.Context, ticket string) (Credential, error) {
	refused := fault.New("unauthenticated")
	b, ok := ticketOf(ticket)
	if !ok {
		return Credential{}, refused
	}
	t := tenant.ID(b[:16])
	if t == tenant.None {
		return Credential{}, refused
	}
	user, session, good, err := s.db.Read(t).TakeSocketTicket(ctx, hashOf(b))
	if store.IsNotFound(err) {
		return Credential{}, s.usedUp(ticket, refused)
	}
	if err != nil {
		return Credential{}, err
	}
	if !good || user == uuid.Nil {
		return Credential{}, s.usedUp(ticket, refused)
	}
	a, err := s.Actor(ctx, t, user, session)
	return Credential{a, s.now().Add(accessTTL)}, spent(err)
}

// usedUp tells a ticket that was made here from a guess.
func (s *Service) usedUp(ticket string, err error) error {
	if _, made := s.Made(ticket); made {
		return spent(err)
	}
	return err
}
