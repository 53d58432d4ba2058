package daily

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/waymeet/waymeet/internal/secret"
	"github.com/waymeet/waymeet/session/media"
)

var kindOf = map[media.Track]string{media.Microphone: "audio", media.Camera: "video", media.Screen: "screenVideo", media.ScreenAudio: "screenAudio"}

// permissions are what Daily lets somebody do.
type permissions struct {
	HasPresence bool     `json:"hasPresence"`
	CanSend     any      `json:"canSend"` // false, or what
	CanReceive  receives `json:"canReceive"`
	CanAdmin    bool     `json:"canAdmin"`
}

// receives is whom somebody receives: nobody, but those who are named.
type receives struct {
	Base     bool            `json:"base"`
	ByUserID map[string]bool `json:"byUserId"`
}

func permit(me media.Member, voiceOnly bool, party []media.Member) permissions {
	p := permissions{HasPresence: me.Role.Shown(), CanSend: false, CanReceive: receives{ByUserID: map[string]bool{}}}
	kinds := []string{}
	for _, t := range me.Role.Sends(voiceOnly) {
		kinds = append(kinds, kindOf[t])
	}
	if len(kinds) > 0 {
		p.CanSend = kinds
	}
	for _, m := range party {
		if m.Participant != me.Participant {
			p.CanReceive.ByUserID[m.Participant] = me.Role.Hears(m.Role)
		}
	}
	return p
}

// Admit has a meeting token made, for this room and participant alone.
func (d *domain) Admit(ctx context.Context, s media.Seat) (media.Entry, error) {
	now := d.now()
	if err := s.Check(d.Profile(), now); err != nil {
		return media.Entry{}, err
	}
	until := s.Until
	if soon := now.Add(entering); soon.Before(until) {
		until = soon
	}
	var answer struct {
		Token string `json:"token"`
	}
	err := d.ask(ctx, "admit", http.MethodPost, "/meeting-tokens", map[string]any{"properties": map[string]any{
		"room_name": s.Room, "user_id": s.Participant, "user_name": s.Name, "exp": until.Unix(), "is_owner": false,
		"eject_after_elapsed": int(s.Until.Sub(now).Seconds()) + 1,
		"permissions":         permit(media.Member{Participant: s.Participant, Role: s.Role}, s.VoiceOnly, s.Party),
	}}, &answer)
	if err == nil && answer.Token == "" {
		err = &media.Unreachable{Verb: "admit", Cause: errors.New("the provider made no token")}
	}
	if err != nil {
		return media.Entry{}, notThere("admit", err)
	}
	return media.Entry{Provider: media.Daily, URL: d.url + "/" + s.Room, Token: secret.Hide(answer.Token), Until: until.Truncate(time.Second), Sends: s.Role.Sends(s.VoiceOnly)}, nil
}

// Arrange tells Daily of those who are there what they now may.
func (d *domain) Arrange(ctx context.Context, a media.Arrangement) error {
	if err := a.Check(d.Profile()); err != nil {
		return err
	}
	sessions, err := d.sessions(ctx, "arrange", a.Room)
	if err != nil {
		return err
	}
	members := map[string]media.Member{}
	for _, m := range a.Party {
		members[m.Participant] = m
	}
	data := map[string]permissions{}
	for _, s := range sessions {
		if m, of := members[s.User]; of {
			data[s.ID] = permit(m, a.VoiceOnly, a.Party)
		}
	}
	if len(data) == 0 {
		return nil
	}
	return gone(d.ask(ctx, "arrange", http.MethodPost, "/rooms/"+a.Room+"/update-permissions", map[string]any{"data": data}, nil))
}
