package identity

import (
	"bytes"
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/pace"
	"github.com/waymeet/waymeet/store"
)

// Session is what somebody holds who has just signed in or refreshed.
type Session struct {
	Tenant    tenant.ID
	User      uuid.UUID
	ID        uuid.UUID
	Access    string
	ExpiresIn time.Duration
	Refresh   string
	KeptFor   time.Duration // the refresh token
	Me        Me
}

// SignIn opens a session. Unknown tenant, unknown user, disabled user and wrong password all end in the same words after
// the same work.
func (s *Service) SignIn(ctx context.Context, slug, email, password string, from netip.Addr) (Session, error) {
	slug, email = strings.ToLower(strings.TrimSpace(slug)), strings.ToLower(strings.TrimSpace(email))
	if err := s.paced(slug, email, from); err != nil {
		return Session{}, err
	}
	t, err := s.db.System().TenantBySlug(ctx, slug)
	unknown := store.IsNotFound(err)
	if err != nil && !unknown {
		return Session{}, err
	}
	if unknown {
		t.ID = tenant.ID(ident.New()) // nobody's: the same statement finds nobody
	}
	u, hash, err := s.db.Read(t.ID).UserByEmail(ctx, email)
	if err != nil && !store.IsNotFound(err) {
		return Session{}, err
	}
	good, err := s.hasher.verify(ctx, password, hash)
	if err != nil {
		return Session{}, err
	}
	if !good || u.Disabled || t.Disabled || unknown {
		return Session{}, fault.New("bad_credentials")
	}
	s.address.GiveBack(address(from)) // guesses are counted, not an office that comes to work
	id := ident.New()
	refresh, sum := s.firstToken(t.ID, id)
	err = s.db.InTx(ctx, t.ID, func(tx *store.Tx) error {
		if err := tx.CreateSignIn(ctx, id, u.ID, sum, sessionTTL); err != nil {
			return err
		}
		return tx.Audit(store.Audit{Actor: u.ID, Action: "session.started", Target: "user/" + u.ID.String(), Detail: map[string]any{"session": id}})
	})
	if err != nil {
		return Session{}, err
	}
	return s.hand(ctx, t.ID, u.ID, id, refresh)
}

func (s *Service) paced(slug, email string, from netip.Addr) error {
	now, who, where := s.now(), slug+"\x00"+email, address(from)
	for _, l := range []struct {
		limiter *pace.Limiter
		key     string
	}{{s.address, where}, {s.pair, who + "\x00" + where}, {s.account, who}} {
		if wait, ok := l.limiter.Take(l.key, now); !ok {
			return fault.New("rate_limited").After(wait)
		}
	}
	return nil
}

// address is what one customer's tries are counted under: an IPv6 customer has a whole /64.
func address(a netip.Addr) string {
	a = a.Unmap()
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

func (s *Service) hand(ctx context.Context, t tenant.ID, user, session uuid.UUID, refresh string) (Session, error) {
	access, err := s.signAccess(ctx, t, user, session)
	if err != nil {
		return Session{}, err
	}
	me, err := s.me(ctx, t, user, session)
	if err != nil {
		return Session{}, err
	}
	return Session{Tenant: t, User: user, ID: session, Access: access, ExpiresIn: accessTTL, Refresh: refresh, KeptFor: sessionTTL, Me: me}, nil
}

// Refresh trades a refresh token for the next. For a moment the one before gets the same answer again (two windows, a
// lost answer); any older one means that two people hold the family, and ends it.
func (s *Service) Refresh(ctx context.Context, token string) (Session, error) {
	old, ok := s.readRefreshToken(token)
	if !ok {
		return Session{}, fault.New("unauthenticated")
	}
	next, sum := s.next(old)
	var user uuid.UUID
	var refused bool
	err := s.db.InTx(ctx, old.tenant, func(tx *store.Tx) error {
		refused = false // the closure may run twice
		family, err := tx.LockSignIn(ctx, old.session, repeatTTL)
		if store.IsNotFound(err) {
			refused = true
			return nil
		}
		if err != nil {
			return err
		}
		user = family.User
		switch {
		case family.Over, family.Suspended: // a suspended tenant's token is not traded: it is good again when the tenant is
			refused = true
			return nil
		case bytes.Equal(family.Hash, old.hash):
			return tx.RotateSignIn(ctx, old.session, sum, sessionTTL)
		case bytes.Equal(family.Previous, old.hash) && family.Fresh:
			return nil // a repeat: the next token is the newest already
		}
		refused = true
		return s.end(ctx, tx, family, "reused") // commits, although the caller is refused
	})
	if err != nil {
		return Session{}, err
	}
	if refused {
		s.heard(Revocation{old.tenant, user})
		return Session{}, fault.New("unauthenticated")
	}
	return s.hand(ctx, old.tenant, user, old.session, next)
}

// SignOut ends the token's session. A token that stands for nothing is as good as signed out.
func (s *Service) SignOut(ctx context.Context, token string) error {
	old, ok := s.readRefreshToken(token)
	if !ok {
		return nil
	}
	var user uuid.UUID
	err := s.db.InTx(ctx, old.tenant, func(tx *store.Tx) error {
		family, err := tx.LockSignIn(ctx, old.session, repeatTTL)
		if store.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		user = family.User
		return s.end(ctx, tx, family, "signed_out")
	})
	if err == nil && user != uuid.Nil {
		s.heard(Revocation{old.tenant, user})
	}
	return err
}

func (s *Service) end(ctx context.Context, tx *store.Tx, family store.SignIn, why string) error {
	ended, err := tx.EndSignIn(ctx, family.ID, why)
	if err != nil || !ended {
		return err
	}
	if err := revoke(tx, family.User, family.ID); err != nil {
		return err
	}
	return tx.Audit(store.Audit{Actor: family.User, Action: "session." + why, Target: "user/" + family.User.String(), Detail: map[string]any{"session": family.ID}})
}
