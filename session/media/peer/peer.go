package peer

import (
	"cmp"
	"context"
	"time"

	"github.com/waymeet/waymeet/session/media"
)

// mesh is most people who each send to each other.
const mesh = 4

// entering is how long an entry is good for coming in.
const entering = 2 * time.Minute

// Relays makes TURN credentials: for one participant, until a time. None: there is no TURN server.
type Relays func(participant string, until time.Time) []media.Server

// Config is what the built-in provider has.
type Config struct {
	STUN   []string // addresses of STUN servers; not used by who is relayed
	Relays Relays
	Now    func() time.Time // nil: the clock
}

// Adapter opens the built-in provider; no tenant has credentials for it.
type Adapter struct{ config Config }

// New is the adapter.
func New(c Config) *Adapter {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Relays == nil {
		c.Relays = func(string, time.Time) []media.Server { return nil }
	}
	return &Adapter{c}
}

// Kind is media.Peer.
func (*Adapter) Kind() media.Kind { return media.Peer }

// provider is the built-in one, as a tenant wants it.
type provider struct {
	media.Unsupported
	config    Config
	relayOnly bool
}

var _ media.Provider = (*provider)(nil)

// Open needs nothing but the tenant's wish.
func (a *Adapter) Open(c media.Credentials) (media.Provider, error) {
	return &provider{media.Unsupported{Of: media.Peer}, a.config, c.RelayOnly}, nil
}

// Profile says what browsers alone can do.
func (p *provider) Profile() media.Profile {
	profile := media.Profile{Kind: media.Peer, Party: mesh, Capabilities: []media.Capability{media.Listen}}
	if p.relayOnly {
		profile.Capabilities = append(profile.Capabilities, media.Hides)
	}
	return profile
}

// Open has nothing to open.
func (p *provider) Open(_ context.Context, o media.RoomOrder) error {
	return o.Check(p.Profile(), p.config.Now())
}

// Admit says whom to connect to, and how. The TURN credential lasts as long as the seat: a connection refreshes its relay with it.
func (p *provider) Admit(_ context.Context, s media.Seat) (media.Entry, error) {
	now := p.config.Now()
	if err := s.Check(p.Profile(), now); err != nil {
		return media.Entry{}, err
	}
	servers := p.config.Relays(s.Participant, s.Until)
	if p.relayOnly && len(servers) == 0 {
		return media.Entry{}, &media.Misconfigured{Text: "parties are to be relayed, and there is no TURN server"}
	}
	if !p.relayOnly && len(p.config.STUN) > 0 {
		servers = append([]media.Server{{URLs: p.config.STUN}}, servers...)
	}
	e := media.Entry{
		Provider: media.Peer, Until: earlier(s.Until, now.Add(entering)), Sends: s.Role.Sends(s.VoiceOnly),
		Generation: s.Generation, RelayOnly: p.relayOnly, Servers: servers,
	}
	me := media.Member{Participant: s.Participant, Role: s.Role}
	for _, m := range s.Party {
		if m.Participant == me.Participant {
			me = m
		}
	}
	for _, m := range s.Party {
		if m.Participant != me.Participant {
			e.Links = append(e.Links, media.Link{With: m.Participant, Polite: Polite(me, m)})
		}
	}
	return e, nil
}

// Arrange has nobody to tell: who is to connect anew is admitted anew.
func (p *provider) Arrange(_ context.Context, a media.Arrangement) error { return a.Check(p.Profile()) }

// Close has nothing to close.
func (p *provider) Close(_ context.Context, room string) error { return media.CheckName("close", room) }

// Polite says whether one of two ends yields to the other: by their order, else clients to everybody and everybody to experts, else by their ids.
func Polite(me, other media.Member) bool {
	return cmp.Or(cmp.Compare(me.Order, other.Order), cmp.Compare(rank(me.Role), rank(other.Role)), cmp.Compare(me.Participant, other.Participant)) < 0
}

func rank(r media.Role) int {
	switch r {
	case media.Client:
		return 0
	case media.Expert:
		return 2
	}
	return 1
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
