package session

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/session/media"
	"github.com/waymeet/waymeet/store"
)

// Arrange makes what carries a conversation's media follow who takes part now, and throws out who does no more. It may be asked for twice, and late.
func (s *Service) Arrange(ctx context.Context, t tenant.ID, id uuid.UUID, gone []uuid.UUID) error {
	x, _, err := s.db.Read(t).LiveSession(ctx, id)
	if store.IsNotFound(err) || err == nil && x.Charged != nil {
		return nil // its room is closed by the job that ends it
	}
	if err != nil {
		return err
	}
	p, err := s.carrier(ctx, t, x.Provider, x.RelayOnly)
	for _, user := range gone {
		if err == nil && !slices.ContainsFunc(partyOf(&x), func(m media.Member) bool { return m.Participant == user.String() }) { // or they are back
			err = p.Eject(ctx, id.String(), user.String())
		}
	}
	if err == nil {
		err = p.Arrange(ctx, media.Arrangement{Room: id.String(), VoiceOnly: x.Modality == "audio", Party: partyOf(&x)})
	}
	var wrong *media.Misconfigured
	if errors.As(err, &wrong) {
		s.log.WarnContext(ctx, "session: the media of a session cannot follow who takes part", "session", id, "error", err)
		return nil
	}
	return err
}
