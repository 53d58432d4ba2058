package identity

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"sync"
)

// signatures is tokens whose signature was checked on this node: a client sends the same one for ten minutes, and a check costs more
// than most requests. Only the arithmetic is spared. Whether the key still counts, the claims hold and the session lives is
// asked every time.
type signatures struct {
	mu       sync.Mutex
	now, old map[[sha256.Size]byte]signed // guarded by mu; two generations, so that it cannot grow without end
}

type signed struct {
	claims claims
	kid    string
	by     ed25519.PublicKey
}

const signaturesMost = 20_000

// find is what was checked under the token's hash, if it was signed by key.
func (s *signatures) find(token [sha256.Size]byte, key func(kid string) ed25519.PublicKey) (claims, bool) {
	s.mu.Lock()
	found, ok := s.now[token]
	if !ok {
		found, ok = s.old[token]
	}
	s.mu.Unlock()
	if !ok || !bytes.Equal(found.by, key(found.kid)) {
		return claims{}, false
	}
	return found.claims, true
}

func (s *signatures) keep(token [sha256.Size]byte, what signed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now == nil || len(s.now) >= signaturesMost {
		s.old, s.now = s.now, make(map[[sha256.Size]byte]signed)
	}
	s.now[token] = what
}
