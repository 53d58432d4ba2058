package session

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// Rate keeps what one of the two says of a conversation that has ended, once. Only people who talked have something to say.
func (s *Service) Rate(ctx context.Context, by By, claim idem.Claim, id uuid.UUID, stars int, words string) error {
	if stars < 1 || stars > 5 {
		return fault.New("out_of_range").At("/stars")
	}
	if utf8.RuneCountInString(words) > 1000 {
		return fault.New("too_long").At("/words")
	}
	return s.once(ctx, by, claim, id, func(tx *store.Tx, x *store.Session, p *store.SessionParty, _ time.Time) ([]meter.Sign, error) {
		if err := talker(p); err != nil {
			return nil, err
		}
		if !x.Ended() {
			return nil, fault.New("session_goes_on")
		}
		if x.Meter.Meter.Seconds() == 0 {
			return nil, fault.New("session_nobody_talked")
		}
		kept, err := tx.Rate(ctx, x, store.Rating{By: by.User, Stars: stars, Words: words})
		if err == nil && !kept {
			err = fault.New("session_rated")
		}
		return nil, err
	})
}
