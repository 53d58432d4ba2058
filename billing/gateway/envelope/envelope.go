package envelope

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"

	"github.com/waymeet/waymeet/billing/gateway"
)

// Sealed is a record at rest: three columns of a row.
type Sealed struct {
	KeyID string // of the key-encryption key
	Key   []byte // the data key, wrapped
	Data  []byte // nonce and AES-256-GCM
}

// Seal seals plain under a new data key, bound to name.
func Seal(ctx context.Context, kms KMS, name string, plain []byte) (Sealed, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails: crypto/rand ends the program instead
	id := kms.Current()
	wrapped, err := kms.Wrap(ctx, id, name, key)
	if err != nil {
		return Sealed{}, fmt.Errorf("envelope: wrap the key of %s: %w", name, err)
	}
	a, err := aead(key)
	if err != nil {
		return Sealed{}, err
	}
	nonce := make([]byte, a.NonceSize(), a.NonceSize()+len(plain)+a.Overhead())
	_, _ = rand.Read(nonce)
	return Sealed{KeyID: id, Key: wrapped, Data: a.Seal(nonce, nonce, plain, bound(name))}, nil
}

// Open is what Seal was given, if the name is that of Seal.
func Open(ctx context.Context, kms KMS, name string, s Sealed) ([]byte, error) {
	key, err := kms.Unwrap(ctx, s.KeyID, name, s.Key)
	if err != nil {
		return nil, fmt.Errorf("envelope: unwrap the key of %s: %w", name, err)
	}
	a, err := aead(key)
	if err != nil {
		return nil, err
	}
	if len(s.Data) < a.NonceSize() {
		return nil, fmt.Errorf("envelope: %s: too short", name)
	}
	plain, err := a.Open(nil, s.Data[:a.NonceSize()], s.Data[a.NonceSize():], bound(name))
	if err != nil {
		return nil, fmt.Errorf("envelope: %s does not open: not what was sealed", name)
	}
	return plain, nil
}

// Rewrap moves a record under the current key-encryption key. Its data stays as it is, byte for byte. A record that is
// there already is returned unchanged.
func Rewrap(ctx context.Context, kms KMS, name string, s Sealed) (Sealed, error) {
	id := kms.Current()
	if s.KeyID == id {
		return s, nil
	}
	key, err := kms.Unwrap(ctx, s.KeyID, name, s.Key)
	if err != nil {
		return Sealed{}, fmt.Errorf("envelope: unwrap the key of %s: %w", name, err)
	}
	wrapped, err := kms.Wrap(ctx, id, name, key)
	if err != nil {
		return Sealed{}, fmt.Errorf("envelope: wrap the key of %s: %w", name, err)
	}
	return Sealed{KeyID: id, Key: wrapped, Data: s.Data}, nil
}

// SealCredentials seals a tenant's credentials; record is the row's id.
func SealCredentials(ctx context.Context, kms KMS, tenant, record string, c gateway.Credentials) (Sealed, error) {
	return Seal(ctx, kms, credentialsName(tenant, record), c.Encode())
}

// OpenCredentials opens what SealCredentials sealed for the same tenant and row.
func OpenCredentials(ctx context.Context, kms KMS, tenant, record string, s Sealed) (gateway.Credentials, error) {
	plain, err := Open(ctx, kms, credentialsName(tenant, record), s)
	if err != nil {
		return gateway.Credentials{}, err
	}
	return gateway.DecodeCredentials(plain)
}

// RewrapCredentials moves a tenant's credentials under the current key-encryption key.
func RewrapCredentials(ctx context.Context, kms KMS, tenant, record string, s Sealed) (Sealed, error) {
	return Rewrap(ctx, kms, credentialsName(tenant, record), s)
}

func credentialsName(tenant, record string) string {
	return fmt.Sprintf("gateway credentials/%d:%s/%s", len(tenant), tenant, record) // no two pairs make one name
}

func bound(name string) []byte { return []byte("waymeet envelope v1/" + name) }

func aead(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("envelope: a data key of %d bytes", len(key))
	}
	return cipher.NewGCM(block)
}
