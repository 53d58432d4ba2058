package livekit

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/waymeet/waymeet/session/media"
)

// lasting is how long LiveKit's webhook tokens are good for.
const lasting = 5 * time.Minute

var news = map[string]media.News{
	"room_started": media.Started, "room_finished": media.Ended, "participant_joined": media.Joined, "participant_left": media.Left,
}

// ReadWebhook believes a body whose hash one of our secrets has signed, lately.
func (s *server) ReadWebhook(d media.Delivery) (media.Event, error) {
	token := strings.TrimPrefix(d.Header.Get("Authorization"), "Bearer ")
	if token == "" {
		return media.Event{}, &media.BadWebhook{Why: media.Unsigned}
	}
	c, ok := s.verify(token)
	sum := sha256.Sum256(d.Body)
	hash := base64.StdEncoding.EncodeToString(sum[:])
	if !ok || subtle.ConstantTimeCompare([]byte(hash), []byte(c.Sha256)) != 1 {
		return media.Event{}, &media.BadWebhook{Why: media.Forged}
	}
	signed := time.Time{}
	switch {
	case c.NotBefore != nil:
		signed = c.NotBefore.Time
	case c.ExpiresAt != nil:
		signed = c.ExpiresAt.Add(-lasting)
	}
	if err := media.Fresh(signed, d.At); err != nil {
		return media.Event{}, err
	}
	var body struct {
		ID          string                    `json:"id"`
		Event       string                    `json:"event"`
		CreatedAt   seconds                   `json:"createdAt"`
		Room        struct{ Name string }     `json:"room"`
		Participant struct{ Identity string } `json:"participant"`
	}
	if err := json.Unmarshal(d.Body, &body); err != nil || body.ID == "" || body.Event == "" {
		return media.Event{}, &media.BadWebhook{Why: media.Unreadable}
	}
	e := media.Event{ID: body.ID, News: media.Other, Word: body.Event, Room: body.Room.Name, Participant: body.Participant.Identity, At: body.CreatedAt.time()}
	if n, known := news[body.Event]; known {
		e.News = n
	}
	return e, nil
}

// verify tries all secrets that count. When it was signed, and for how long, is asked afterwards, by the time of receipt.
func (s *server) verify(token string) (c claims, ok bool) {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithoutClaimsValidation())
	for _, key := range s.hooks {
		c = claims{}
		if _, err := parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return []byte(key.Reveal()), nil }); err == nil {
			return c, c.Issuer == s.keyID
		}
	}
	return claims{}, false
}

// seconds is a number of protobuf's, which JSON has as text.
type seconds int64

// UnmarshalJSON takes both.
func (s *seconds) UnmarshalJSON(b []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(b), `"`), 10, 64)
	*s = seconds(n)
	return err
}

func (s seconds) time() time.Time {
	if s <= 0 {
		return time.Time{}
	}
	return time.Unix(int64(s), 0)
}
