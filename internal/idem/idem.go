// Package idem is the word for a request that may come twice.
//
// A caller that does not know whether its request was done (the train entered a tunnel) sends it again under the same
// key and hears the first answer. The claim on a key is a row of the transaction that does the work: written first
// (store.Tx.Once), or with its answer behind the lock that a repeat would wait for too (seats). So the key, the work and
// its answer are committed together or not at all: a refusal leaves no trace and may be tried again. Keys are a user's
// own: two users with the same key never meet.
package idem

import (
	"crypto/sha256"
	"encoding/json"

	"github.com/google/uuid"
)

// Claim is one request under one key. The zero Claim, without a key, claims nothing.
type Claim struct {
	Actor     uuid.UUID // who asks; the nil UUID is the system itself
	Operation string    // bookings.hold
	Key       string    // the caller's own, 1 to 128 visible ASCII characters
	Hash      [32]byte  // of all that was asked, so that another request under the same key is told apart
}

// None says that nothing is claimed.
func (c Claim) None() bool { return c.Key == "" }

// Same says whether two claims stand for the same key, whatever they ask.
func (c Claim) Same(o Claim) bool {
	return c.Actor == o.Actor && c.Operation == o.Operation && c.Key == o.Key
}

// HashOf is the hash of a request that is a plain value, for callers that are not HTTP.
func HashOf(request any) [32]byte {
	b, err := json.Marshal(request)
	if err != nil {
		panic("idem: a request that is no plain value: " + err.Error())
	}
	return sha256.Sum256(b)
}
