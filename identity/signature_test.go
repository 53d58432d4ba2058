package identity

import (
	"crypto/ed25519"
	"crypto/sha256"
	"testing"
)

// What was checked under a key counts as long as that key does, and no other takes its name.
func TestASignatureIsAsGoodAsItsKey(t *testing.T) {
	t.Parallel()
	key, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	another, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	var s signatures
	token := sha256.Sum256([]byte("token"))
	s.keep(token, signed{kid: "k", by: key})
	for name, c := range map[string]struct {
		token [sha256.Size]byte
		key   ed25519.PublicKey
		want  bool
	}{
		"the key":                {token, key, true},
		"the key is gone":        {token, nil, false},
		"another under its name": {token, another, false},
		"another token":          {sha256.Sum256([]byte("other")), key, false},
	} {
		if _, ok := s.find(c.token, func(string) ed25519.PublicKey { return c.key }); ok != c.want {
			t.Errorf("%s: %v", name, ok)
		}
	}
	for i := range 2*signaturesMost + 2 { // two generations later it is forgotten
		s.keep(sha256.Sum256([]byte{byte(i), byte(i >> 8), byte(i >> 16)}), signed{kid: "k", by: key})
	}
	if _, ok := s.find(token, func(string) ed25519.PublicKey { return key }); ok || len(s.now)+len(s.old) > 2*signaturesMost {
		t.Errorf("kept for ever: %v, %d", ok, len(s.now)+len(s.old))
	}
}
