package gateway

import (
	"encoding/json"
	"fmt"
)

// Credentials open one tenant's gateway. They are at rest only as billing/gateway/envelope seals them.
type Credentials struct {
	Kind        Kind
	Merchant    Merchant
	SecretKey   Secret
	Publishable string // may be shown to browsers
	// WebhookSecrets are all that count now: while one is being rolled, the old and the new one. SellerSecrets are those
	// of the endpoint that hears of connected accounts: what one endpoint's secret signed does not count at the other.
	WebhookSecrets []Secret
	SellerSecrets  []Secret
	Options        map[string]string // what one adapter alone understands; see its doc.go
}

// stored is what is sealed: the secrets in clear, on purpose.
type stored struct {
	Kind           Kind              `json:"kind"`
	Role           MerchantRole      `json:"merchant_role,omitempty"`
	Name           string            `json:"merchant_name,omitempty"`
	SecretKey      string            `json:"secret_key,omitempty"`
	Publishable    string            `json:"publishable_key,omitempty"`
	WebhookSecrets []string          `json:"webhook_secrets,omitempty"`
	SellerSecrets  []string          `json:"seller_secrets,omitempty"`
	Options        map[string]string `json:"options,omitempty"`
}

// Encode writes credentials with their secrets, for sealing and nothing else.
func (c Credentials) Encode() []byte {
	s := stored{Kind: c.Kind, Role: c.Merchant.Role, Name: c.Merchant.Name, SecretKey: c.SecretKey.Reveal(), Publishable: c.Publishable, Options: c.Options}
	for _, w := range c.WebhookSecrets {
		s.WebhookSecrets = append(s.WebhookSecrets, w.Reveal())
	}
	for _, w := range c.SellerSecrets {
		s.SellerSecrets = append(s.SellerSecrets, w.Reveal())
	}
	b, err := json.Marshal(s)
	if err != nil {
		panic("gateway: credentials: " + err.Error()) // strings alone
	}
	return b
}

// DecodeCredentials reads what Encode wrote.
func DecodeCredentials(b []byte) (Credentials, error) {
	var s stored
	if err := json.Unmarshal(b, &s); err != nil {
		return Credentials{}, fmt.Errorf("gateway: the credentials are not what was sealed") // never err: it quotes
	}
	c := Credentials{Kind: s.Kind, Merchant: Merchant{s.Role, s.Name}, SecretKey: Hide(s.SecretKey), Publishable: s.Publishable, Options: s.Options}
	for _, w := range s.WebhookSecrets {
		c.WebhookSecrets = append(c.WebhookSecrets, Hide(w))
	}
	for _, w := range s.SellerSecrets {
		c.SellerSecrets = append(c.SellerSecrets, Hide(w))
	}
	return c, nil
}
