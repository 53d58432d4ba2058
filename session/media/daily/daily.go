package daily

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/waymeet/waymeet/internal/secret"
	"github.com/waymeet/waymeet/session/media"
)

const (
	party    = 20
	entering = 2 * time.Minute
	home     = "https://api.daily.co/v1"
)

// Adapter opens tenants' domains.
type Adapter struct {
	client *media.Caller
	now    func() time.Time
}

// New is the adapter; a timeout of 0 is 10 s.
func New(timeout time.Duration) *Adapter { return &Adapter{media.NewCaller(timeout), time.Now} }

// Kind is media.Daily.
func (*Adapter) Kind() media.Kind { return media.Daily }

type domain struct {
	media.Unsupported
	client *media.Caller
	now    func() time.Time
	url    string // of rooms
	api    string
	key    secret.Text
	hooks  [][]byte
}

var _ media.Provider = (*domain)(nil)

// Open checks what can be checked without a call.
func (a *Adapter) Open(c media.Credentials) (media.Provider, error) {
	u, err := media.CheckURL(c.URL, "http", "https")
	if err != nil {
		return nil, err
	}
	if strings.Trim(u.Path, "/") != "" || u.Scheme == "https" && !strings.HasSuffix(u.Hostname(), ".daily.co") {
		return nil, &media.Misconfigured{Text: "a domain at Daily is https://DOMAIN.daily.co"}
	}
	if c.Key.IsZero() {
		return nil, &media.Misconfigured{Text: "Daily needs url and key"}
	}
	d := &domain{Unsupported: media.Unsupported{Of: media.Daily}, client: a.client, now: a.now, url: strings.TrimSuffix(c.URL, "/"), api: home, key: c.Key}
	if u.Scheme == "http" { // a stand-in on this machine
		d.api = d.url + "/v1"
	}
	for _, hook := range c.WebhookSecrets {
		b, err := base64.StdEncoding.DecodeString(hook.Reveal())
		if err != nil || len(b) < 16 {
			return nil, &media.Misconfigured{Text: "a webhook's secret is its hmac as Daily gives it, in base64"}
		}
		d.hooks = append(d.hooks, b)
	}
	return d, nil
}

// Profile says what Daily can; it tells nothing without a webhook's secret.
func (d *domain) Profile() media.Profile {
	p := media.Profile{Kind: media.Daily, Party: party, Capabilities: []media.Capability{media.Listen, media.Observe, media.Whisper, media.Eject, media.Presence, media.Hides}}
	if len(d.hooks) > 0 {
		p.Capabilities = append(p.Capabilities, media.Webhooks)
	}
	return p
}

func (d *domain) ask(ctx context.Context, verb, method, path string, in, out any) error {
	return d.client.Do(ctx, media.Call{Verb: verb, Method: method, URL: d.api + path, Token: d.key.Reveal(), In: in, Out: out})
}

// Open makes the room, or gives the one that is there the same properties.
func (d *domain) Open(ctx context.Context, o media.RoomOrder) error {
	if err := o.Check(d.Profile(), d.now()); err != nil {
		return err
	}
	most := o.Party
	if most == 0 {
		most = party
	}
	room := map[string]any{"privacy": "private", "properties": map[string]any{ // Daily takes the same to make a room and to change it
		"exp": o.Until.Unix(), "eject_at_room_exp": true, "max_participants": most, "sfu_switchover": 0.5,
		"enable_chat": false, "enable_knocking": false, "enable_people_ui": false,
	}}
	err := d.ask(ctx, "open", http.MethodPost, "/rooms/"+o.Name, room, nil)
	if !errors.Is(err, media.ErrNotThere) {
		return err
	}
	err = d.ask(ctx, "open", http.MethodPost, "/rooms", map[string]any{"name": o.Name, "privacy": room["privacy"], "properties": room["properties"]}, nil)
	var refused *media.Refused
	if errors.As(err, &refused) { // maybe somebody made it at the same time
		if again := d.ask(ctx, "open", http.MethodPost, "/rooms/"+o.Name, room, nil); again == nil {
			return nil
		}
	}
	return notThere("open", err)
}

// Close throws everybody out and deletes the room.
func (d *domain) Close(ctx context.Context, room string) error {
	if err := media.CheckName("close", room); err != nil {
		return err
	}
	sessions, err := d.sessions(ctx, "close", room)
	if err != nil {
		return err
	}
	if len(sessions) > 0 {
		ids := make([]string, len(sessions))
		for i, s := range sessions {
			ids[i] = s.ID
		}
		if err := gone(d.ask(ctx, "close", http.MethodPost, "/rooms/"+room+"/eject", map[string]any{"ids": ids}, nil)); err != nil {
			return err
		}
	}
	return gone(d.ask(ctx, "close", http.MethodDelete, "/rooms/"+room, nil, nil))
}

// Eject throws a participant out, and bars them.
func (d *domain) Eject(ctx context.Context, room, participant string) error {
	if err := errors.Join(media.CheckName("eject", room), media.CheckParticipant("eject", participant)); err != nil {
		return err
	}
	return gone(d.ask(ctx, "eject", http.MethodPost, "/rooms/"+room+"/eject", map[string]any{"user_ids": []string{participant}, "ban": true}, nil))
}

// attendance is one connection of somebody who is there.
type attendance struct {
	ID       string    `json:"id"`
	User     string    `json:"userId"`
	JoinTime time.Time `json:"joinTime"`
}

func (d *domain) sessions(ctx context.Context, verb, room string) ([]attendance, error) {
	var answer struct {
		Data []attendance `json:"data"`
	}
	err := d.ask(ctx, verb, http.MethodGet, "/rooms/"+room+"/presence?limit=100", nil, &answer)
	return answer.Data, gone(err)
}

// Present lists those who are there, each once.
func (d *domain) Present(ctx context.Context, room string) ([]media.Present, error) {
	if err := media.CheckName("present", room); err != nil {
		return nil, err
	}
	sessions, err := d.sessions(ctx, "present", room)
	var out []media.Present
	seen := map[string]bool{}
	for _, s := range sessions {
		if s.User != "" && !seen[s.User] {
			seen[s.User] = true
			out = append(out, media.Present{Participant: s.User, Since: s.JoinTime})
		}
	}
	return out, err
}

// gone makes of what is not there what was wanted.
func gone(err error) error {
	if errors.Is(err, media.ErrNotThere) {
		return nil
	}
	return err
}

// notThere makes of a room that should be there an order that makes no sense.
func notThere(verb string, err error) error {
	if errors.Is(err, media.ErrNotThere) {
		return &media.Refused{Verb: verb, Text: "there is no such room"}
	}
	return err
}
