package livekit

import (
	"context"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/waymeet/waymeet/internal/secret"
	"github.com/waymeet/waymeet/session/media"
)

// claims are LiveKit's.
type claims struct {
	jwt.RegisteredClaims
	Name   string `json:"name,omitempty"`
	Video  *grant `json:"video,omitempty"`
	Sha256 string `json:"sha256,omitempty"` // of a webhook's body, in base64
}

// grant is what a token allows. What is left out of the pointers LiveKit takes for yes.
type grant struct {
	RoomCreate           bool     `json:"roomCreate,omitempty"`
	RoomAdmin            bool     `json:"roomAdmin,omitempty"`
	RoomJoin             bool     `json:"roomJoin,omitempty"`
	Room                 string   `json:"room,omitempty"`
	CanPublish           *bool    `json:"canPublish,omitempty"`
	CanSubscribe         *bool    `json:"canSubscribe,omitempty"`
	CanPublishData       *bool    `json:"canPublishData,omitempty"`
	CanPublishSources    []string `json:"canPublishSources,omitempty"`
	CanUpdateOwnMetadata *bool    `json:"canUpdateOwnMetadata,omitempty"`
	Hidden               bool     `json:"hidden,omitempty"`
}

var sourceOf = map[media.Track]string{
	media.Microphone: "microphone", media.Camera: "camera", media.Screen: "screen_share", media.ScreenAudio: "screen_share_audio",
}

// Admit makes a token; it makes no call.
func (s *server) Admit(_ context.Context, seat media.Seat) (media.Entry, error) {
	now := s.now()
	if err := seat.Check(s.Profile(), now); err != nil {
		return media.Entry{}, err
	}
	lasts := min(seat.Until.Sub(now), entering)
	yes, no := true, false
	e := media.Entry{Provider: media.LiveKit, URL: s.url, Until: now.Add(lasts), Sends: seat.Role.Sends(seat.VoiceOnly)}
	sends := len(e.Sends) > 0
	g := grant{RoomJoin: true, Room: seat.Room, CanSubscribe: &yes, CanPublish: &sends, CanPublishData: &no, CanUpdateOwnMetadata: &no, Hidden: !seat.Role.Shown()}
	for _, t := range e.Sends {
		g.CanPublishSources = append(g.CanPublishSources, sourceOf[t])
	}
	if hearers := media.Hearers(seat.Role, seat.Participant, seat.Party); sends && seat.Role == media.Whisperer {
		e.Restricted, e.HeardBy = true, hearers
	}
	token, err := s.sign(claims{Name: seat.Name, Video: &g}, seat.Participant, lasts)
	e.Token = secret.Hide(token)
	return e, err
}

func (s *server) sign(c claims, subject string, lasts time.Duration) (string, error) {
	now := s.now()
	c.Issuer, c.Subject = s.keyID, subject
	c.NotBefore, c.ExpiresAt = jwt.NewNumericDate(now.Add(-10*time.Second)), jwt.NewNumericDate(now.Add(lasts)) // their clock may be behind ours
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString([]byte(s.key.Reveal()))
	if err != nil {
		return "", fmt.Errorf("livekit: sign: %w", err)
	}
	return token, nil
}
