package billing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
)

// Hook is where one gateway account's events arrive. An acquirer that tells of a tenant's own objects and of connected
// accounts by different endpoints has two.
type Hook struct {
	Tenant    tenant.ID
	Account   uuid.UUID
	Connected bool // events here are about connected accounts, each names its own
}

// A hook's address names its tenant and account and is sealed by the installation, so that it is found without asking
// anything across tenants, and a made-up one costs no query. It is no secret that anything rests on: signatures are.
const (
	hookBody = 16 + 16 + 1
	hookSeal = 16
)

// Address is the last part of the hook's path.
func (b *Inbox) Address(h Hook) string {
	body := make([]byte, 0, hookBody+hookSeal)
	body = append(append(body, h.Tenant[:]...), h.Account[:]...)
	endpoint := byte(0)
	if h.Connected {
		endpoint = 1
	}
	body = append(body, endpoint)
	return base64.RawURLEncoding.EncodeToString(append(body, b.hookSeal(body)...))
}

// hook is whose address this is.
func (b *Inbox) hook(address string) (Hook, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(address)
	if err != nil || len(raw) != hookBody+hookSeal || !hmac.Equal(raw[hookBody:], b.hookSeal(raw[:hookBody])) || raw[hookBody-1] > 1 {
		return Hook{}, fault.New("not_found")
	}
	return Hook{tenant.ID(raw[:16]), uuid.UUID(raw[16:32]), raw[hookBody-1] == 1}, nil
}

func (b *Inbox) hookSeal(body []byte) []byte {
	m := hmac.New(sha256.New, b.hookKey)
	m.Write(body)
	return m.Sum(nil)[:hookSeal]
}
