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
	patience   = 5 * time.Second // for keys, before they are asked for again
)

// keyring is the installation's signing keys as this node knows them.
type keyring struct {
	mu      sync.RWMutex
	public  map[string]ed25519.PublicKey // guarded by mu
	kid     string                       // guarded by mu; the newest, which signs
	private ed25519.PrivateKey           // guarded by mu
	order   []string                     // guarded by mu; newest first
	blind   bool                         // guarded by mu; they could not be read the last time: one that this node does not know may be good
	asked   time.Time                    // guarded by mu; when an unknown kid last made us look
}

// errSealed is keys that no repeating makes readable.
var errSealed = errors.New("identity: the signing key does not open with WAYMEET_SECRET")

// errBlind is a token of which this node cannot tell.
var errBlind = errors.New("identity: keys could not be read")

// loadKeys reads the keys, or remembers that it could not.
func (s *Service) loadKeys(ctx context.Context) error {
	err := s.readKeys(ctx)
	s.keys.mu.Lock()
	s.keys.blind = err != nil
	s.keys.mu.Unlock()
	return err
}

// awaitKeys loads the keys for the first time; PostgreSQL may be away for a moment.
func (s *Service) awaitKeys(ctx context.Context) error {
	for pause := 100 * time.Millisecond; ctx.Err() == nil; pause = min(2*pause, 2*time.Second) {
		try, cancel := context.WithTimeout(ctx, patience)
		err := s.loadKeys(try)
		cancel()
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

// readKeys reads the keys and makes a new one when the newest has signed for long enough. Two nodes that do so at once
// leave two good keys.
func (s *Service) readKeys(ctx context.Context) error {
	keys, err := s.db.System().SigningKeys(ctx)
	if err != nil {
		return err
	}
	if len(keys) == 0 || s.now().Sub(keys[0].CreatedAt) > keySigns {
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
	private, err := s.box.Open(keyPurpose, keys[0].ID, keys[0].Sealed)
	if err != nil {
		return fmt.Errorf("%w: %w", errSealed, err)
	}
	public, order := map[string]ed25519.PublicKey{}, make([]string, len(keys))
	for i, k := range keys {
		public[k.ID], order[i] = k.Public, k.ID
	}
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	s.keys.public, s.keys.order, s.keys.kid, s.keys.private = public, order, keys[0].ID, ed25519.NewKeyFromSeed(private)
	return nil
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

// publicKey finds the key of that name; one that this node does not know may be another node's new one, so it looks, but
// not more than once in five seconds whatever strangers send.
func (s *Service) publicKey(ctx context.Context, kid string) (key ed25519.PublicKey, err error) {
	s.keys.mu.Lock()
	k, known := s.keys.public[kid]
	look := !known && s.now().Sub(s.keys.asked) > 5*time.Second
	if look {
		s.keys.asked = s.now()
	}
	s.keys.mu.Unlock()
	if known {
		return k, nil
	}
	if look {
		if err := s.loadKeys(ctx); err != nil {
			s.log.WarnContext(ctx, "signing keys were not read", "cause", err)
		}
	}
	s.keys.mu.RLock()
	defer s.keys.mu.RUnlock()
	if k, known = s.keys.public[kid]; !known && s.keys.blind {
		return nil, errBlind
	}
	return k, nil
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
