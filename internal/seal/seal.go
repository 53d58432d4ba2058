// Package seal keeps secrets at rest unreadable: one secret of the installation, a key of its own for each purpose.
//
// What is sealed says for what it was sealed and under which name (kid, tenant …), so a value moved to another row or
// another use does not open. The secret never leaves this package; losing it loses what was sealed, and nothing else.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

// Box seals and opens.
type Box struct{ secret [32]byte }

// Parse reads the installation's secret: 32 bytes in base64, padded or not.
func Parse(s string) (*Box, error) {
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if b, err := enc.DecodeString(s); err == nil && len(b) == 32 {
			return &Box{secret: [32]byte(b)}, nil
		}
	}
	return nil, errors.New("seal: the secret must be 32 bytes in base64: make one with `openssl rand -base64 32`") // never the value
}

// Key is 32 bytes for one purpose, the same on every node and at every start.
func (b *Box) Key(purpose string) []byte {
	k, err := hkdf.Key(sha256.New, b.secret[:], nil, "waymeet "+purpose, 32)
	if err != nil {
		panic("seal: " + err.Error()) // only for lengths that hkdf cannot give
	}
	return k
}

func (b *Box) aead(purpose string) cipher.AEAD {
	block, err := aes.NewCipher(b.Key(purpose))
	if err != nil {
		panic("seal: " + err.Error()) // 32 bytes are a key
	}
	a, err := cipher.NewGCM(block)
	if err != nil {
		panic("seal: " + err.Error())
	}
	return a
}

// Seal makes plain unreadable, for one purpose and under one name.
func (b *Box) Seal(purpose, name string, plain []byte) []byte {
	a := b.aead(purpose)
	nonce := make([]byte, a.NonceSize(), a.NonceSize()+len(plain)+a.Overhead())
	_, _ = rand.Read(nonce) // never fails: crypto/rand ends the program instead
	return a.Seal(nonce, nonce, plain, []byte(name))
}

// Open is what Seal was given, if purpose, name and secret are those of Seal.
func (b *Box) Open(purpose, name string, sealed []byte) ([]byte, error) {
	a := b.aead(purpose)
	if len(sealed) < a.NonceSize() {
		return nil, fmt.Errorf("seal: %s %s: too short", purpose, name)
	}
	plain, err := a.Open(nil, sealed[:a.NonceSize()], sealed[a.NonceSize():], []byte(name))
	if err != nil {
		return nil, fmt.Errorf("seal: %s %s does not open: another secret, or not what was sealed", purpose, name)
	}
	return plain, nil
}
