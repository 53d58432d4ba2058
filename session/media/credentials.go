package media

import (
	"encoding/json"
	"errors"

	"github.com/waymeet/waymeet/internal/secret"
)

// Credentials open one tenant's provider. They are at rest only as billing/gateway/envelope seals them.
type Credentials struct {
	Kind Kind
	// RelayOnly: the parties' browsers never learn each other's addresses. Of the built-in provider; the others never tell them.
	RelayOnly bool
	URL       string // of the provider's server; may be shown
	KeyID     string // names the key; may be shown
	Key       secret.Text
	// WebhookSecrets are all that count now: while one is being rolled, the old and the new one.
	WebhookSecrets []secret.Text
}

// stored is what is sealed: the secrets in clear, on purpose.
type stored struct {
	Kind           Kind     `json:"kind"`
	URL            string   `json:"url,omitempty"`
	KeyID          string   `json:"key_id,omitempty"`
	Key            string   `json:"key,omitempty"`
	WebhookSecrets []string `json:"webhook_secrets,omitempty"`
}

// Encode writes credentials with their secrets, for sealing and nothing else. Whether parties are relayed is no secret, and not in it.
func (c Credentials) Encode() []byte {
	s := stored{Kind: c.Kind, URL: c.URL, KeyID: c.KeyID, Key: c.Key.Reveal()}
	for _, w := range c.WebhookSecrets {
		s.WebhookSecrets = append(s.WebhookSecrets, w.Reveal())
	}
	b, err := json.Marshal(s)
	if err != nil {
		panic("media: credentials: " + err.Error()) // strings alone
	}
	return b
}

// DecodeCredentials reads what Encode wrote.
func DecodeCredentials(b []byte) (Credentials, error) {
	var s stored
	if err := json.Unmarshal(b, &s); err != nil {
		return Credentials{}, errors.New("media: the credentials are not what was sealed") // never err: it quotes
	}
	c := Credentials{Kind: s.Kind, URL: s.URL, KeyID: s.KeyID, Key: secret.Hide(s.Key)}
	for _, w := range s.WebhookSecrets {
		c.WebhookSecrets = append(c.WebhookSecrets, secret.Hide(w))
	}
	return c, nil
}
