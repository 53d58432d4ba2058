package identity

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/waymeet/waymeet/store"
)

const (
	keyPurpose = "access token keys"
	patience   = 5 * time.Second // for what is read for many at once: keys, and what people may do
)

// A key is published, then it signs: by then every node knows it, and a name that a node does not know is nobody's. So strangers'
// names cost PostgreSQL nothing, and good tokens nothing either.
const (
	keyPublished = 5 * time.Minute // before it signs
	keysCurrent  = 4 * time.Minute // since they were read, that no other can sign: clocks differ, and PostgreSQL tells when a key was made
)

// keyring is the installation's signing keys as this node knows them.
type keyring struct {
	turn chan struct{} // of one, for whoever reads them

	mu      sync.RWMutex
	public  map[string]ed25519.PublicKey // guarded by mu
	kid     string                       // guarded by mu; which signs
	private ed25519.PrivateKey           // guarded by mu
	order   []string                     // guarded by mu; newest first
	whole   time.Time                    // guarded by mu; until when no key signs that is not here
	looks   uint64                       // guarded by mu; that were begun
	looked  uint64                       // guarded by mu; the last that ended
	err     error                        // guarded by mu; what it met
}

// errSealed is keys that no repeating makes readable.
var errSealed = errors.New("identity: the signing key does not open with WAYMEET_SECRET")

// errBlind is a token of which this node cannot tell.
var errBlind = errors.New("identity: keys could not be read")

// loadKeys reads the keys. Whoever comes while they are being read waits for one reading that began after they came, all together.
func (s *Service) loadKeys(ctx context.Context) error {
	k := &s.keys
	k.mu.RLock()
	came := k.looks
	k.mu.RUnlock()
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	k.mu.Lock()
	if k.looked > came {
		defer k.mu.Unlock()
		return k.err
	}
	k.looks++
	k.mu.Unlock()
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience) // it is others' as well
	defer cancel()
	err := s.readKeys(look)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.looked, k.err = k.looks, err
	return err
}

// awaitKeys loads the keys for the first time; PostgreSQL may be away for a moment.
func (s *Service) awaitKeys(ctx context.Context) error {
	for pause := 100 * time.Millisecond; ctx.Err() == nil; pause = min(2*pause, 2*time.Second) {
		err := s.loadKeys(ctx)
		if err == nil || errors.Is(err, errSealed) {
			return err
		}
		s.log.WarnContext(ctx, "signing keys were not read: this node is not ready until they are", "cause", err)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	return nil
}

// Ready says what this service lacks before it can tell who somebody is.
func (s *Service) Ready() error {
	s.keys.mu.RLock()
	defer s.keys.mu.RUnlock()
	if s.keys.private == nil {
		return errors.New("the signing keys have not been read yet")
	}
	return nil
}

// readKeys reads the keys and makes a new one when the newest is old enough. Two nodes that do so at once leave two good keys.
func (s *Service) readKeys(ctx context.Context) error {
	began := s.now()
	keys, err := s.db.System().SigningKeys(ctx)
	if err != nil {
		return err
	}
	if len(keys) == 0 || began.Sub(keys[0].CreatedAt) > keySigns {
		if err := s.makeKey(ctx); err != nil {
			return err
		}
		if keys, err = s.db.System().SigningKeys(ctx); err != nil {
			return err
		}
	}
	if len(keys) == 0 {
		return fmt.Errorf("identity: the signing key that was made is not there")
	}
	signs, whole := signing(keys, began)
	private, err := s.box.Open(keyPurpose, signs.ID, signs.Sealed)
	if err != nil {
		return fmt.Errorf("%w: %w", errSealed, err)
	}
	public, order := map[string]ed25519.PublicKey{}, make([]string, len(keys))
	for i, k := range keys {
		public[k.ID], order[i] = k.Public, k.ID
	}
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	s.keys.public, s.keys.order, s.keys.kid, s.keys.private = public, order, signs.ID, ed25519.NewKeyFromSeed(private)
	s.keys.whole = whole
	return nil
}

// signing chooses, of keys newest first, the newest that was published long enough ago and verifies for as long as what it signs lives, and
// says until when nobody can sign with one that is not among them. Without such a key (an installation begins, or no node ran for a month)
// the oldest young one signs at once, and whoever does not know it has to look.
func signing(keys []store.SigningKey, now time.Time) (signs store.SigningKey, whole time.Time) {
	for _, k := range keys {
		if k.RetiresAt.Sub(now) < keyPublished+accessTTL {
			continue
		}
		if now.Sub(k.CreatedAt) >= keyPublished {
			return k, now.Add(keysCurrent)
		}
		signs = k
	}
	if signs.ID == "" {
		signs = keys[0]
	}
	return signs, time.Time{}
}

func (s *Service) makeKey(ctx context.Context) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("identity: make a signing key: %w", err)
	}
	sum := sha256.Sum256(public)
	kid := base64.RawURLEncoding.EncodeToString(sum[:9])
	return s.db.System().CreateSigningKey(ctx, store.SigningKey{ID: kid, Public: public, Sealed: s.box.Seal(keyPurpose, kid, private.Seed())}, keyVerifies)
}

// publicKey finds the key of that name; none: nobody has it. Where this node cannot know, because it has read none, or none lately, it looks.
func (s *Service) publicKey(ctx context.Context, kid string) (ed25519.PublicKey, error) {
	k, sure := s.keys.find(kid, s.now())
	if k != nil || sure {
		return k, nil
	}
	if err := s.loadKeys(ctx); err != nil {
		s.log.WarnContext(ctx, "signing keys were not read", "cause", err)
		return nil, errBlind
	}
	k, _ = s.keys.find(kid, s.now())
	return k, nil
}

func (k *keyring) find(kid string, now time.Time) (key ed25519.PublicKey, sure bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.public[kid], now.Before(k.whole)
}

func (s *Service) signer(ctx context.Context) (string, ed25519.PrivateKey, error) {
	s.keys.mu.RLock()
	kid, private := s.keys.kid, s.keys.private
	s.keys.mu.RUnlock()
	if private != nil {
		return kid, private, nil
	}
	if err := s.loadKeys(ctx); err != nil {
		return "", nil, err
	}
	s.keys.mu.RLock()
	defer s.keys.mu.RUnlock()
	return s.keys.kid, s.keys.private, nil
}

// JWK is a public key as RFC 7517 and 8037 write it.
type JWK struct {
	KeyType string `json:"kty" example:"OKP"`
	Curve   string `json:"crv" example:"Ed25519"`
	ID      string `json:"kid" example:"pXv0Jc1mQk3a"`
	Use     string `json:"use" example:"sig"`
	Alg     string `json:"alg" example:"EdDSA"`
	X       string `json:"x" example:"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"`
}

// JWKS is every key that an access token may be signed with, newest first.
func (s *Service) JWKS(ctx context.Context) ([]JWK, error) {
	if _, _, err := s.signer(ctx); err != nil {
		return nil, err
	}
	s.keys.mu.RLock()
	defer s.keys.mu.RUnlock()
	out := make([]JWK, len(s.keys.order))
	for i, kid := range s.keys.order {
		out[i] = JWK{"OKP", "Ed25519", kid, "sig", "EdDSA", base64.RawURLEncoding.EncodeToString(s.keys.public[kid])}
	}
	return out, nil
}
