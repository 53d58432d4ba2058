package gateway

import "github.com/waymeet/waymeet/internal/secret"

// Secret is a credential: it is not seen where it is printed.
type Secret = secret.Text

// Hide makes a Secret.
func Hide(s string) Secret { return secret.Hide(s) }
