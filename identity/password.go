package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/waymeet/waymeet/internal/fault"
)

// The cost of one hash: 19 MiB and two passes take about 30 ms on one processor (OWASP's floor for argon2id).
const (
	hashMemory = 19 * 1024
	hashPasses = 2
	hashBytes  = 32
	saltBytes  = 16
	waitHash   = 5 * time.Second
)

// hasher lets a few hashes run at once: memory is bounded, and a flood waits in line.
type hasher struct {
	slots chan struct{}
	dummy string       // verified where there is no user, so that no user takes as long as one
	done  atomic.Int64 // verifications: each costs the same, whoever it is for
}

func newHasher(atOnce int) *hasher {
	if atOnce <= 0 {
		atOnce = runtime.GOMAXPROCS(0)
	}
	return &hasher{slots: make(chan struct{}, atOnce), dummy: HashPassword("nobody has this password")}
}

// HashPassword makes what is kept of a password. It takes 30 ms and 19 MiB: seeds share one.
func HashPassword(password string) string {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails
	sum := argon2.IDKey([]byte(password), salt, hashPasses, hashMemory, 1, hashBytes)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, hashMemory, hashPasses, enc.EncodeToString(salt), enc.EncodeToString(sum))
}

// verify tells whether the password is the hash's. An empty hash (no such user, no password) takes as long and says no.
func (h *hasher) verify(ctx context.Context, password, hash string) (bool, error) {
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer func() { <-h.slots }()
	known := hash != ""
	if !known {
		hash = h.dummy
	}
	var version, memory, passes, lanes int
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, fmt.Errorf("identity: a password hash of another make")
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &passes, &lanes); err != nil {
		return false, fmt.Errorf("identity: read a password hash: %w", err)
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, fmt.Errorf("identity: read a password hash: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false, fmt.Errorf("identity: read a password hash: %w", err)
	}
	h.done.Add(1)
	got := argon2.IDKey([]byte(password), salt, uint32(passes), uint32(memory), uint8(lanes), uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1 && known, nil
}

func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer func() { <-h.slots }()
	return HashPassword(password), nil
}

func (h *hasher) enter(ctx context.Context) error {
	line := time.NewTimer(waitHash)
	defer line.Stop()
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-line.C:
		return fault.New("unavailable").After(waitHash)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// checkPassword wants length, the one rule that helps, and that it is not the address itself.
func checkPassword(password, email string) error {
	local, _, _ := strings.Cut(email, "@")
	n := utf8.RuneCountInString(password)
	if n < minPassword || len(password) > maxPassword || strings.EqualFold(password, email) || strings.EqualFold(password, local) ||
		strings.Count(password, string([]rune(password)[0])) == n {
		return fault.New("weak_password", fault.Params{"min": minPassword}).At("/password")
	}
	return nil
}
