package session

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/session/media"
	"github.com/waymeet/waymeet/store"
)

// HangUp ends the media of a conversation that is over, where a server carries it: nobody goes on talking there. It may be asked for twice. A
// provider that the tenant has left cannot be told any more; its rooms end by themselves.
func (s *Service) HangUp(ctx context.Context, t tenant.ID, id uuid.UUID) error {
	x, err := s.db.Read(t).Session(ctx, id)
	if err != nil || !x.Ended() || !carried(&x) {
		return err
	}
	p, err := s.carrier(ctx, t, x.Provider, x.RelayOnly)
	if err == nil {
		err = p.Close(ctx, id.String())
	}
	var wrong *media.Misconfigured
	if errors.As(err, &wrong) {
		s.log.WarnContext(ctx, "session: the media of a session that is over cannot be ended", "session", id, "error", err)
		return nil
	}
	return err
}

// carried says that a server carries a conversation's media, and must be told when it is over.
func carried(x *store.Session) bool { return x.Provider != store.BuiltIn && x.Modality != "chat" }
