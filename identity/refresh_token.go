package identity

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
)

// A refresh token is tenant, session, 32 secret bytes, and a seal over them. Only its hash is kept. The seal proves that
// a token which is not the newest was once ours: so an old one ends the family, and a made-up one ends nothing. The first
// token's secret is random; each next one is derived from the one before by a key of the installation, so that however
// many windows refresh at once with one token, all are handed the same next one.
const (
	tokenBody  = 16 + 16 + 32
	tokenBytes = tokenBody + sha256.Size
)

type refreshToken struct {
	tenant  tenant.ID
	session uuid.UUID
	secret  [32]byte
	hash    []byte
}

// firstToken begins a family.
func (s *Service) firstToken(t tenant.ID, session uuid.UUID) (token string, hash []byte) {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails
	return s.writeToken(t, session, secret)
}

// next is the token that follows.
func (s *Service) next(old refreshToken) (token string, hash []byte) {
	m := hmac.New(sha256.New, s.box.Key("refresh token chain"))
	m.Write(old.secret[:])
	return s.writeToken(old.tenant, old.session, [32]byte(m.Sum(nil)))
}

func (s *Service) writeToken(t tenant.ID, session uuid.UUID, secret [32]byte) (token string, hash []byte) {
	b := make([]byte, 0, tokenBytes)
	b = append(b, t[:]...)
	b = append(b, session[:]...)
	b = append(b, secret[:]...)
	b = append(b, s.tokenSeal(b)...)
	return base64.RawURLEncoding.EncodeToString(b), hashOf(b)
}

func (s *Service) readRefreshToken(token string) (refreshToken, bool) {
	if base64.RawURLEncoding.DecodedLen(len(token)) != tokenBytes {
		return refreshToken{}, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || !hmac.Equal(s.tokenSeal(b[:tokenBody]), b[tokenBody:]) {
		return refreshToken{}, false
	}
	return refreshToken{tenant.ID(b[:16]), uuid.UUID(b[16:32]), [32]byte(b[32:tokenBody]), hashOf(b)}, true
}

// Holds says whether a refresh token was made by this installation, and names its session. It says nothing about whether it still counts.
func (s *Service) Holds(refresh string) (session string, ok bool) {
	t, ok := s.readRefreshToken(refresh)
	return t.session.String(), ok
}

func (s *Service) tokenSeal(body []byte) []byte {
	m := hmac.New(sha256.New, s.box.Key("refresh tokens"))
	m.Write(body)
	return m.Sum(nil)
}

func hashOf(b []byte) []byte { h := sha256.Sum256(b); return bytes.Clone(h[:]) }
