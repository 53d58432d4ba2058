package booking

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// epoch is before every ticket's end, for readers that do not mind its age.
var epoch = time.Unix(0, 0)

// ticketLife is how long after its ride a ticket is still one: a late trip, a phone that was offline.
const ticketLife = 12 * time.Hour

// keyPurpose is what ticket keys are sealed for.
const keyPurpose = "ticket key"

// Ticket is a signed ticket and what its holder may know of it.
type Ticket struct {
	Token   string
	KID     seat.KID
	Expires time.Time
}

// Ticket signs a ticket for a booking. Only a booking that may board, or has, is given one.
func (s *Service) Ticket(ctx context.Context, t tenant.ID, booking uuid.UUID) (Ticket, error) {
	b, err := s.Get(ctx, t, booking)
	if err != nil {
		return Ticket{}, err
	}
	if b.State != string(seat.Confirmed) && b.State != string(seat.Boarded) {
		return Ticket{}, fault.New("not_confirmed")
	}
	kid, key, err := s.signingKey(ctx, t)
	if err != nil {
		return Ticket{}, err
	}
	ticket := seat.Ticket{KID: kid, Tenant: t, Trip: b.Trip, Booking: b.ID, Party: int(b.Party), Issued: b.CreatedAt, Expires: b.To.At.Add(ticketLife),
		Ride: seat.Interval{From: int(b.From.Index), To: int(b.To.Index)}}
	token, err := ticket.Sign(key)
	if err != nil {
		return Ticket{}, fmt.Errorf("booking: ticket for %s: %w", booking, err)
	}
	return Ticket{Token: token, KID: kid, Expires: ticket.Expires}, nil
}

// TicketKey is the public half of a key, for phones that check tickets.
type TicketKey struct {
	KID    seat.KID
	Public ed25519.PublicKey
}

// TicketKeys is all the keys whose tickets may be about, retired ones too.
func (s *Service) TicketKeys(ctx context.Context, t tenant.ID) ([]TicketKey, error) {
	if _, _, err := s.signingKey(ctx, t); err != nil { // a tenant that never sold a ticket gets its key now
		return nil, err
	}
	rows, err := s.db.Read(t).TicketKeys(ctx)
	if err != nil {
		return nil, err
	}
	keys := make([]TicketKey, len(rows))
	for i, r := range rows {
		keys[i] = TicketKey{seat.KID(r.KID), r.Public}
	}
	return keys, nil
}

func (s *Service) publicKeys(ctx context.Context, t tenant.ID) (map[seat.KID]ed25519.PublicKey, error) {
	rows, err := s.db.Read(t).TicketKeys(ctx)
	if err != nil {
		return nil, err
	}
	keys := make(map[seat.KID]ed25519.PublicKey, len(rows))
	for _, r := range rows {
		keys[seat.KID(r.KID)] = r.Public
	}
	return keys, nil
}

// signingKey is the newest key that is not retired; a tenant without one gets one.
func (s *Service) signingKey(ctx context.Context, t tenant.ID) (seat.KID, ed25519.PrivateKey, error) {
	if s.secret == nil {
		return 0, nil, errors.New("booking: no secret to open ticket keys with")
	}
	rows, err := s.db.Read(t).TicketKeys(ctx)
	if err != nil {
		return 0, nil, err
	}
	for i := len(rows) - 1; i >= 0; i-- {
		if rows[i].RetiresAt.IsZero() {
			key, err := s.secret.Open(keyPurpose, keyName(t, rows[i].KID), rows[i].Sealed)
			return seat.KID(rows[i].KID), key, err
		}
	}
	if err := s.nextKey(ctx, t, len(rows)); err != nil {
		return 0, nil, err
	}
	return s.signingKey(ctx, t)
}

// RotateTicketKey gives a tenant its next key and lets the older ones sign no more. Their tickets stay good.
func (s *Service) RotateTicketKey(ctx context.Context, t tenant.ID) error {
	if s.secret == nil {
		return errors.New("booking: no secret to seal ticket keys with")
	}
	rows, err := s.db.Read(t).TicketKeys(ctx)
	if err != nil {
		return err
	}
	return s.nextKey(ctx, t, len(rows))
}

// nextKey makes the key after those that a tenant has. Two nodes that do so at once make one key between them.
func (s *Service) nextKey(ctx context.Context, t tenant.ID, have int) error {
	if have >= 255 {
		return errors.New("booking: a tenant has at most 255 ticket keys")
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("booking: make a ticket key: %w", err)
	}
	kid := int16(have + 1)
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		added, err := tx.AddTicketKey(ctx, store.TicketKey{KID: kid, Public: public, Sealed: s.secret.Seal(keyPurpose, keyName(t, kid), private)})
		if err != nil || !added {
			return err
		}
		for old := int16(1); old < kid; old++ {
			if err := tx.RetireTicketKey(ctx, old, time.Now()); err != nil {
				return err
			}
		}
		return tx.Audit(store.Audit{Action: "ticket_key.rotate", Target: "ticket_key/" + strconv.Itoa(int(kid))})
	})
	if err != nil {
		return fmt.Errorf("booking: rotate the ticket key: %w", err)
	}
	return nil
}

// keyName ties a sealed key to its row.
func keyName(t tenant.ID, kid int16) string { return t.String() + "/" + strconv.Itoa(int(kid)) }
