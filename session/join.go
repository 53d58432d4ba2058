package session

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// Joined is what a connection of somebody who takes part is told.
type Joined struct {
	Epoch      int64       `json:"epoch"` // its own: it says it with every heartbeat
	Role       string      `json:"role"`
	Polite     bool        `json:"polite"`     // gives way when both offer at once
	Generation int         `json:"generation"` // of the media: said with every signal about it
	Media      *MediaEntry `json:"media,omitempty" doc:"How to come into its media; not there in a chat"`
}

// Join lets a new connection speak for somebody who takes part; the one before it cannot any more. Once that is committed the provider is asked how
// they come in. A repeat under the same key is the same connection with another entry: entries are never kept.
func (s *Service) Join(ctx context.Context, by By, claim idem.Claim, id uuid.UUID) (j Joined, err error) {
	err = s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, http.StatusOK, func() (any, error) {
			var j Joined
			ids := []uuid.UUID{id}
			before, err := tx.SessionBefore(ctx, id)
			if err == nil && before != uuid.Nil {
				ids = append(ids, before)
			}
			if err != nil && !store.IsNotFound(err) {
				return nil, err
			}
			return &j, s.turns(ctx, tx, ids, func(all []*store.Session, at time.Time) ([][]meter.Sign, error) {
				x, signs := all[0], make([][]meter.Sign, len(all))
				p, err := taking(x, by.User)
				if err != nil {
					return nil, err
				}
				if x.Ended() {
					return nil, fault.New("session_over")
				}
				if len(all) > 1 {
					if signs[1], err = handed(all[1], x, p, at); err != nil {
						return nil, err
					}
				}
				if _, talks := sideOf(p.Role); talks { // whoever else comes disturbs nobody's connections
					x.Generation++
				}
				if err := came(ctx, tx, x, p, at); err != nil {
					return nil, err
				}
				x.Tell()
				err = tx.JoinSession(ctx, x, p, at)
				j = Joined{Epoch: p.Epoch, Role: p.Role, Polite: p.Role == store.RoleClient, Generation: x.Generation}
				return signs, err
			})
		})
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &j)
	})
	if err != nil {
		return Joined{}, err
	}
	if j.Media, err = s.Entry(ctx, by, id, j.Epoch); err != nil {
		return Joined{}, err
	}
	return j, nil
}

// taking is a user's part; whoever has none hears that there is no such conversation.
func taking(x *store.Session, user uuid.UUID) (*store.SessionParty, error) {
	p, found := x.Party(user)
	if !found {
		return nil, fault.New("session_not_found")
	}
	return p, nil
}

// sideOf is the meter's name of a role; false: it is none of the two who talk.
func sideOf(role string) (meter.Party, bool) {
	switch role {
	case store.RoleClient:
		return meter.Client, true
	case store.RoleExpert:
		return meter.Expert, true
	}
	return 0, false
}
