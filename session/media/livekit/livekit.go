package livekit

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/waymeet/waymeet/internal/secret"
	"github.com/waymeet/waymeet/session/media"
)

const (
	party     = 20
	entering  = 2 * time.Minute
	deserted  = 2 * time.Minute // how long an empty room stays: longer than a dropped line is waited for
	unvisited = 30 * time.Minute
)

// Adapter opens tenants' servers.
type Adapter struct {
	client *media.Caller
	now    func() time.Time
}

// New is the adapter; a timeout of 0 is 10 s.
func New(timeout time.Duration) *Adapter { return &Adapter{media.NewCaller(timeout), time.Now} }

// Kind is media.LiveKit.
func (*Adapter) Kind() media.Kind { return media.LiveKit }

type server struct {
	media.Unsupported
	client *media.Caller
	now    func() time.Time
	url    string // for browsers
	api    string
	keyID  string
	key    secret.Text
	hooks  []secret.Text
}

var _ media.Provider = (*server)(nil)

// Open checks what can be checked without a call.
func (a *Adapter) Open(c media.Credentials) (media.Provider, error) {
	u, err := media.CheckURL(c.URL, "ws", "wss")
	if err != nil {
		return nil, err
	}
	if c.KeyID == "" || len(c.Key.Reveal()) < 32 {
		return nil, &media.Misconfigured{Text: "LiveKit needs url, key_id and key, the secret of 32 characters at least"}
	}
	api := *u
	api.Scheme = strings.Replace(u.Scheme, "ws", "http", 1)
	return &server{
		Unsupported: media.Unsupported{Of: media.LiveKit}, client: a.client, now: a.now, url: c.URL, keyID: c.KeyID, key: c.Key,
		api: strings.TrimSuffix(api.String(), "/") + "/twirp/livekit.RoomService/", hooks: append([]secret.Text{c.Key}, c.WebhookSecrets...),
	}, nil
}

// Profile says what LiveKit can.
func (*server) Profile() media.Profile {
	return media.Profile{Kind: media.LiveKit, Party: party,
		Capabilities: []media.Capability{media.Listen, media.Observe, media.Whisper, media.Eject, media.Presence, media.Webhooks, media.Hides}}
}

// ask calls RoomService, with a token for this call alone.
func (s *server) ask(ctx context.Context, verb, method string, g grant, in, out any) error {
	token, err := s.sign(claims{Video: &g}, "", time.Minute)
	if err != nil {
		return err
	}
	return s.client.Do(ctx, media.Call{Verb: verb, Method: http.MethodPost, URL: s.api + method, Token: token, In: in, Out: out})
}

// Open makes the room; LiveKit answers with the one that is there.
func (s *server) Open(ctx context.Context, o media.RoomOrder) error {
	now := s.now()
	if err := o.Check(s.Profile(), now); err != nil {
		return err
	}
	most := o.Party
	if most == 0 {
		most = party
	}
	return s.ask(ctx, "open", "CreateRoom", grant{RoomCreate: true}, map[string]any{
		"name": o.Name, "max_participants": most,
		"empty_timeout": int(min(o.Until.Sub(now), unvisited).Seconds()) + 1, "departure_timeout": int(deserted.Seconds()),
	}, nil)
}

// Eject removes a participant.
func (s *server) Eject(ctx context.Context, room, participant string) error {
	if err := errors.Join(media.CheckName("eject", room), media.CheckParticipant("eject", participant)); err != nil {
		return err
	}
	return gone(s.ask(ctx, "eject", "RemoveParticipant", grant{RoomAdmin: true, Room: room}, map[string]any{"room": room, "identity": participant}, nil))
}

// Present lists people; recorders and the like are none.
func (s *server) Present(ctx context.Context, room string) ([]media.Present, error) {
	if err := media.CheckName("present", room); err != nil {
		return nil, err
	}
	var answer struct {
		Participants *[]struct {
			Identity string  `json:"identity"`
			State    string  `json:"state"`
			Kind     string  `json:"kind"`
			JoinedAt seconds `json:"joined_at"`
		} `json:"participants"`
	}
	err := s.ask(ctx, "present", "ListParticipants", grant{RoomAdmin: true, Room: room}, map[string]any{"room": room}, &answer)
	if err != nil {
		return nil, gone(err)
	}
	if answer.Participants == nil {
		return nil, nil
	}
	var out []media.Present
	for _, p := range *answer.Participants {
		if p.State != "DISCONNECTED" && (p.Kind == "" || p.Kind == "STANDARD") {
			out = append(out, media.Present{Participant: p.Identity, Since: p.JoinedAt.time()})
		}
	}
	return out, nil
}

// Arrange gives those who are there what their role now has.
func (s *server) Arrange(ctx context.Context, a media.Arrangement) error {
	if err := a.Check(s.Profile()); err != nil {
		return err
	}
	for _, m := range a.Party {
		sources := []string{}
		for _, t := range m.Role.Sends(a.VoiceOnly) {
			sources = append(sources, strings.ToUpper(sourceOf[t]))
		}
		err := gone(s.ask(ctx, "arrange", "UpdateParticipant", grant{RoomAdmin: true, Room: a.Room}, map[string]any{
			"room": a.Room, "identity": m.Participant, "permission": map[string]any{
				"can_subscribe": true, "can_publish": len(sources) > 0, "can_publish_data": false, "can_publish_sources": sources, "hidden": !m.Role.Shown()},
		}, nil))
		if err != nil {
			return err
		}
	}
	return nil
}

// Close deletes the room, which ends everybody's connection.
func (s *server) Close(ctx context.Context, room string) error {
	if err := media.CheckName("close", room); err != nil {
		return err
	}
	return gone(s.ask(ctx, "close", "DeleteRoom", grant{RoomCreate: true}, map[string]any{"room": room}, nil))
}

// gone makes of what is not there what was wanted.
func gone(err error) error {
	if errors.Is(err, media.ErrNotThere) {
		return nil
	}
	return err
}
