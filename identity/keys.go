package identity

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"sync"
	"time"

	"github.com/waymeet/waymeet/store"
)

const keyPurpose = "access token keys"

// keyring is the installation's signing keys as this node knows them.
type keyring struct {
	mu      sync.RWMutex
	public  map[string]ed25519.PublicKey // guarded by mu
	kid     string                       // guarded by mu; the newest, which signs
	private ed25519.PrivateKey           // guarded by mu
	order   []string                     // guarded by mu; newest first
	asked   time.Time                    // guarded by mu; when an unknown kid last made us look
}

// loadKeys reads the keys and makes a new one when the newest has signed for long enough. Two nodes that do so at once
// leave two good keys.
func (s *Service) loadKeys(ctx context.Context) error {
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
		return fmt.Errorf("identity: open signing key: %w", err)
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
func (s *Service) publicKey(ctx context.Context, kid string) ed25519.PublicKey {
	s.keys.mu.Lock()
	k, known := s.keys.public[kid]
	look := !known && s.now().Sub(s.keys.asked) > 5*time.Second
	if look {
		s.keys.asked = s.now()
	}
	s.keys.mu.Unlock()
	if !look {
		return k
	}
	if err := s.loadKeys(ctx); err != nil {
		s.log.WarnContext(ctx, "signing keys were not read", "cause", err)
		return nil
	}
	s.keys.mu.RLock()
	defer s.keys.mu.RUnlock()
	return s.keys.public[kid]
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
