package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/waymeet/waymeet/internal/fault"
)

// Whoever floods a door with made-up credentials buys a signature's check, or a statement, for each. So tickets and access
// tokens carry a short seal by a key that every node has: one keyed hash tells what the installation made. It tells
// nothing else. A token's signature seals it for the world, and whether it still counts is asked as ever.

const madeBytes = 16

// ErrSpent is wrapped by what a ticket or a token is answered that is as it was made, its signature included, and counts no more.
var ErrSpent = errors.New("identity: a credential that counts no more")

// spent is an answer to such a one, if the answer is that nobody is meant by it.
func spent(err error) error {
	if f := fault.As(err); err != nil && f.Kind == fault.Unauthenticated {
		return fmt.Errorf("%w: %w", ErrSpent, err)
	}
	return err
}

// Made says whether a ticket or an access token was made by this installation, and names it: however somebody changes the signature
// of a token, its mark stays.
func (s *Service) Made(credential string) (mark string, ok bool) {
	if len(credential) > maxToken {
		return "", false
	}
	if !strings.Contains(credential, ".") {
		b, ok := ticketOf(credential)
		return credential, ok && hmac.Equal(b[ticketBytes-madeBytes:], s.madeSeal("ticket", b[:ticketBytes-madeBytes]))
	}
	mark, _, ok = s.sealed(credential)
	return mark, ok
}

// MadeFor says the same of an access token alone, and names the person that it was made for: the seal is over its claims.
func (s *Service) MadeFor(token string) (mark, person string, ok bool) {
	mark, body, ok := s.sealed(token)
	if !ok {
		return "", "", false
	}
	var c struct{ Tid, Sub string }
	if raw, err := base64.RawURLEncoding.DecodeString(body); err != nil || json.Unmarshal(raw, &c) != nil {
		return "", "", false
	}
	return mark, c.Tid + c.Sub, true
}

// sealed is an access token's seal, if it holds, and its claims as they were sealed.
func (s *Service) sealed(token string) (mark, body string, ok bool) {
	if len(token) > maxToken {
		return "", "", false
	}
	head, rest, _ := strings.Cut(token, ".")
	body, _, _ = strings.Cut(rest, ".")
	raw, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return "", "", false
	}
	var h struct{ Seal []byte }
	if json.Unmarshal(raw, &h) != nil || !hmac.Equal(h.Seal, s.madeSeal("access token", []byte(body))) {
		return "", "", false
	}
	return string(h.Seal), body, true
}

func (s *Service) madeSeal(kind string, b []byte) []byte {
	m := hmac.New(sha256.New, s.made())
	m.Write([]byte(kind))
	m.Write(b)
	return m.Sum(nil)[:madeBytes]
}
