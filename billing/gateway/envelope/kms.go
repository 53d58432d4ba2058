package envelope

import (
	"context"
	"fmt"

	"github.com/waymeet/waymeet/internal/seal"
)

// KMS keeps key-encryption keys and never hands them out. A cloud's KMS fits behind it; so does the environment.
type KMS interface {
	Current() string // the id of the key that wraps new data keys
	Wrap(ctx context.Context, keyID, name string, dataKey []byte) ([]byte, error)
	Unwrap(ctx context.Context, keyID, name string, wrapped []byte) ([]byte, error)
}

// Environment is a KMS of secrets that the process was started with (internal/seal).
type Environment struct {
	current string
	boxes   map[string]*seal.Box
}

// NewEnvironment takes every secret by its id; current is the one that seals.
func NewEnvironment(current string, boxes map[string]*seal.Box) (*Environment, error) {
	if boxes[current] == nil {
		return nil, fmt.Errorf("envelope: there is no secret %q to seal with", current)
	}
	return &Environment{current, boxes}, nil
}

const purpose = "gateway credentials: data keys"

// Current is the id of the secret that seals.
func (e *Environment) Current() string { return e.current }

// Wrap seals a data key.
func (e *Environment) Wrap(_ context.Context, keyID, name string, dataKey []byte) ([]byte, error) {
	box := e.boxes[keyID]
	if box == nil {
		return nil, fmt.Errorf("envelope: there is no secret %q", keyID)
	}
	return box.Seal(purpose, name, dataKey), nil
}

// Unwrap opens a data key.
func (e *Environment) Unwrap(_ context.Context, keyID, name string, wrapped []byte) ([]byte, error) {
	box := e.boxes[keyID]
	if box == nil {
		return nil, fmt.Errorf("envelope: there is no secret %q: was it removed before all was re-wrapped?", keyID)
	}
	return box.Open(purpose, name, wrapped)
}
