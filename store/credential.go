package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// SignIn is one family of refresh tokens.
type SignIn struct {
	ID, User       uuid.UUID
	Hash, Previous []byte
	Fresh          bool // the newest token was made a moment ago
	Over           bool // ended or expired
	Suspended      bool // its tenant is
}

// CreateSignIn begins a family.
func (tx *Tx) CreateSignIn(ctx context.Context, id, user uuid.UUID, hash []byte, ttl time.Duration) error {
	err := tx.q.SignInInsert(ctx, sqlc.SignInInsertParams{TenantID: tx.tenant.UUID(), ID: id, UserID: user, TokenHash: hash, TtlS: ttl.Seconds()})
	if err != nil {
		return fmt.Errorf("store: create sign-in of user %s: %w", user, err)
	}
	return nil
}

// LockSignIn reads a family and holds it, so that two repeats of one token see each other. Fresh says whether it was
// rotated within grace.
func (tx *Tx) LockSignIn(ctx context.Context, id uuid.UUID, grace time.Duration) (SignIn, error) {
	s, err := tx.q.SignInForUpdate(ctx, tx.tenant.UUID(), id, grace.Seconds())
	if err != nil {
		return SignIn{}, fmt.Errorf("store: lock sign-in %s: %w", id, err)
	}
	return SignIn{ID: s.ID, User: s.UserID, Hash: s.TokenHash, Previous: s.PreviousHash, Fresh: s.Fresh, Over: s.Over, Suspended: s.Suspended}, nil
}

// RotateSignIn makes another token the newest.
func (tx *Tx) RotateSignIn(ctx context.Context, id uuid.UUID, hash []byte, ttl time.Duration) error {
	if err := tx.q.SignInRotate(ctx, tx.tenant.UUID(), id, hash, ttl.Seconds()); err != nil {
		return fmt.Errorf("store: rotate sign-in %s: %w", id, err)
	}
	return nil
}

// EndSignIn ends one family; false when it had ended.
func (tx *Tx) EndSignIn(ctx context.Context, id uuid.UUID, why string) (bool, error) {
	n, err := tx.q.SignInEnd(ctx, tx.tenant.UUID(), id, &why)
	if err != nil {
		return false, fmt.Errorf("store: end sign-in %s: %w", id, err)
	}
	return n > 0, nil
}

// EndSignIns ends all families of a user.
func (tx *Tx) EndSignIns(ctx context.Context, user uuid.UUID, why string) (int, error) {
	n, err := tx.q.SignInEndAll(ctx, tx.tenant.UUID(), user, &why)
	if err != nil {
		return 0, fmt.Errorf("store: end the sign-ins of user %s: %w", user, err)
	}
	return int(n), nil
}

// CreateSocketTicket keeps the hash of a ticket.
func (r *Reader) CreateSocketTicket(ctx context.Context, hash []byte, user, signIn uuid.UUID, ttl time.Duration) error {
	err := r.q.SocketTicketInsert(ctx, sqlc.SocketTicketInsertParams{TenantID: r.tenant.UUID(), TokenHash: hash, UserID: user, SignInID: signIn, TtlS: ttl.Seconds()})
	if err != nil {
		return fmt.Errorf("store: create a socket ticket of user %s: %w", user, err)
	}
	return nil
}

// TakeSocketTicket uses a ticket up; good is false for one that came too late.
func (r *Reader) TakeSocketTicket(ctx context.Context, hash []byte) (user, signIn uuid.UUID, good bool, err error) {
	t, err := r.q.SocketTicketTake(ctx, r.tenant.UUID(), hash)
	if err != nil {
		return uuid.Nil, uuid.Nil, false, fmt.Errorf("store: take a socket ticket: %w", err)
	}
	return t.UserID, t.SignInID, t.Good, nil
}

// SigningKey signs access tokens of the whole installation; the private half is sealed.
type SigningKey struct {
	ID             string
	Public, Sealed []byte
	CreatedAt      time.Time
	RetiresAt      time.Time
}

// SigningKeys is those that have not retired, newest first.
func (s *System) SigningKeys(ctx context.Context) ([]SigningKey, error) {
	rows, err := s.q.SigningKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("store: list signing keys: %w", err)
	}
	out := make([]SigningKey, len(rows))
	for i, k := range rows {
		out[i] = SigningKey{k.Kid, k.PublicKey, k.SealedPrivateKey, k.CreatedAt, k.RetiresAt}
	}
	return out, nil
}

// CreateSigningKey adds a key that verifies for ttl.
func (s *System) CreateSigningKey(ctx context.Context, k SigningKey, ttl time.Duration) error {
	if err := s.q.SigningKeyInsert(ctx, k.ID, k.Public, k.Sealed, ttl.Seconds()); err != nil {
		return fmt.Errorf("store: create signing key %s: %w", k.ID, err)
	}
	return nil
}

// SweepCredentials deletes what has long expired, and says how much.
func (s *System) SweepCredentials(ctx context.Context) (int64, error) {
	var sum int64
	for _, sweep := range []func(context.Context) (int64, error){s.q.SweepSignIns, s.q.SweepSocketTickets, s.q.SweepSigningKeys} {
		n, err := sweep(ctx)
		if err != nil {
			return sum, fmt.Errorf("store: sweep credentials: %w", err)
		}
		sum += n
	}
	return sum, nil
}

// RevocationsSince is whose rights changed since a snapshot's xmin (xmin as OutboxState shows it): entities named
// access/…, perhaps some that were seen before.
func (s *System) RevocationsSince(ctx context.Context, xmin uint64) ([]Revoked, error) {
	rows, err := s.q.OutboxRevocations(ctx, strconv.FormatUint(xmin, 10))
	if err != nil {
		return nil, fmt.Errorf("store: read revocations: %w", err)
	}
	out := make([]Revoked, len(rows))
	for i, r := range rows {
		out[i] = Revoked{r.N, tenant.ID(r.TenantID), r.Entity}
	}
	return out, nil
}

// Revoked names whose rights changed.
type Revoked struct {
	Row    int64 // tells one revocation from another
	Tenant tenant.ID
	Entity string
}
