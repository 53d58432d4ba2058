package session

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/session/media"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// most is how many take part in a conversation that nobody carries.
const most = 20

// Supervise lets somebody into a conversation to listen, to whisper to its expert, or to speak with both, or in another of these ways than before. Whether
// they may is asked by whoever calls. The others are shown them in the same commit, but for an observer whose tenant asks for no notice; it is written down always.
// Neither the meter nor the money knows of them.
func (s *Service) Supervise(ctx context.Context, by By, claim idem.Claim, id uuid.UUID, way policy.Action) error {
	x, err := s.Get(ctx, by, id)
	if err != nil {
		return err
	}
	house, err := s.db.Read(by.Tenant).Terms(ctx)
	if err != nil {
		return err
	}
	role, notice := store.RoleSupervisor, true
	switch way {
	case policy.SessionListen:
		role = store.RoleObserver
		if notice, err = noticed(house); err != nil {
			return err
		}
	case policy.SessionWhisper:
		role = store.RoleWhisperer
	}
	room, err := s.plays(ctx, by.Tenant, &x, role, notice)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, http.StatusOK, func() (any, error) {
			return struct{}{}, s.turn(ctx, tx, id, func(x *store.Session, at time.Time) ([]meter.Sign, error) {
				_, there := x.Party(by.User)
				switch {
				case x.Ended():
					return nil, fault.New("session_over")
				case !there && heads(x) >= room:
					return nil, fault.New("session_crowded")
				}
				x.Tell()
				let, err := tx.SuperviseSession(ctx, x, by.User, role, notice, at)
				if err == nil && !let {
					err = fault.New("session_own")
				}
				if err == nil {
					err = tx.Audit(store.Audit{Actor: by.User, Action: string(way), Target: "session/" + id.String(), Detail: map[string]any{"queue": x.Queue, "notice": notice}})
				}
				if err == nil {
					err = arrange(ctx, tx, x)
				}
				return nil, err
			})
		})
		return err
	})
}

// plays says how many may take part, or that what carries the conversation cannot do this.
func (s *Service) plays(ctx context.Context, t tenant.ID, x *event.Session, role string, notice bool) (int, error) {
	if x.Modality == "chat" {
		if role == store.RoleWhisperer {
			return 0, fault.New("media_not_supported")
		}
		return most, nil
	}
	p, err := s.carrier(ctx, t, x.Provider, x.RelayOnly)
	if err != nil {
		return 0, err
	}
	need := map[string]media.Capability{store.RoleObserver: media.Listen, store.RoleWhisperer: media.Whisper}[role]
	if !notice {
		need = media.Observe
	}
	if profile := p.Profile(); need == "" || profile.Can(need) {
		return profile.Party, nil
	}
	return 0, &media.NotSupported{Kind: p.Profile().Kind, Capability: need}
}

// heads is for how many there must be room: a second expert's place is kept from when they are asked for.
func heads(x *store.Session) int {
	if x.Second.Open() && x.Second.Offer == uuid.Nil {
		return len(x.Parties) + 1
	}
	return len(x.Parties)
}

// supervises says that a part is a supervisor's.
func supervises(role string) bool { return wayOf[role] != "" }

// playing is what a part may send and hear.
func playing(role string) media.Role {
	if role == store.RoleSupervisor || role == store.RoleSecond {
		return media.Expert
	}
	return media.Role(role)
}

// arrange asks that its media follow who takes part, where a server carries it.
func arrange(ctx context.Context, tx *store.Tx, x *store.Session, gone ...uuid.UUID) error {
	if !carried(x) {
		return nil
	}
	e := errand.SessionArrange{Session: x.ID, Version: x.Version, Gone: gone}
	return tx.AddJob(ctx, e, e.Key())
}
