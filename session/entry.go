package session

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/session/media"
	"github.com/waymeet/waymeet/store"
)

// seat is how long somebody may stay with one entry: longer than people talk.
const seat = 4 * time.Hour

// Media opens what carries a conversation's media: the provider that it began with, as its tenant has it.
type Media interface {
	For(ctx context.Context, t tenant.ID, kind media.Kind, relayOnly bool) (media.Provider, error)
}

// MediaEntry is how a page comes into a conversation's media. It is for whoever asked, and never kept.
type MediaEntry struct {
	Provider string        `json:"provider" enum:"builtin,livekit,daily"`
	Until    time.Time     `json:"until" doc:"For coming in; who is in stays"`
	Sends    []media.Track `json:"sends" enum:"microphone,camera,screen,screen_audio" doc:"What one may send, in the order of its places"`
	URL      string        `json:"url" doc:"Of the provider's server, or room"`
	Token    string        `json:"token" doc:"What it wants to see there"`
	// Restricted entries say who may receive what one sends: the page tells the provider's server so before it sends anything.
	Restricted   bool               `json:"restricted" doc:"Only those in heard_by may receive what one sends"`
	HeardBy      []string           `json:"heard_by" doc:"Ids of users"`
	RelayOnly    bool               `json:"relay_only" doc:"Use the TURN servers alone; no other address is passed on"`
	Servers      []MediaServer      `json:"servers" doc:"STUN and TURN servers, as RTCIceServer"`
	Links        []MediaLink        `json:"links" doc:"The connections to make, where browsers speak to each other"`
	Capabilities []media.Capability `json:"capabilities" enum:"listen,observe,whisper,server_recording,eject,presence,webhook,hides_addresses" doc:"What the provider can do: hide what it cannot"`
}

// MediaServer is a STUN or TURN server, as browsers take it.
type MediaServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
}

// MediaLink is one connection to make.
type MediaLink struct {
	With   string `json:"with" doc:"The id of another user who takes part"`
	Polite bool   `json:"polite" doc:"Yields when both have made an offer at once"`
}

// Entry is another way in for a connection that has joined: its credentials have ended, or its network is another. The connection stays
// the one that it is; nil: there is no media in a chat.
func (s *Service) Entry(ctx context.Context, by By, id uuid.UUID, epoch int64) (*MediaEntry, error) {
	x, err := s.Get(ctx, by, id)
	if err != nil {
		return nil, err
	}
	for _, p := range x.Parties {
		if p.User != by.User {
			continue
		}
		switch {
		case x.Charged != nil:
			return nil, fault.New("session_over")
		case p.Epoch != epoch || !p.Here:
			return nil, fault.New("session_superseded")
		}
		return s.admit(ctx, by.Tenant, &x, media.Member{Participant: p.User.String(), Role: playing(p.Role)})
	}
	return nil, fault.New("session_not_found")
}

// admit asks the provider. It is called outside of any transaction.
func (s *Service) admit(ctx context.Context, t tenant.ID, x *event.Session, who media.Member) (*MediaEntry, error) {
	if x.Modality == "chat" {
		return nil, nil
	}
	p, err := s.carrier(ctx, t, x.Provider, x.RelayOnly)
	if err != nil {
		return nil, err
	}
	room, until := x.ID.String(), time.Now().Add(seat)
	if err := p.Open(ctx, media.RoomOrder{Name: room, Until: until}); err != nil { // or finds it open
		return nil, err
	}
	e, err := p.Admit(ctx, media.Seat{Room: room, Participant: who.Participant, Name: string(who.Role), Role: who.Role, Until: until,
		VoiceOnly: x.Modality == "audio", Party: partyOf(x), Generation: int64(x.Generation)})
	if err != nil {
		return nil, err
	}
	return entryOf(e, x.Provider, p.Profile()), nil
}

// carrier opens the provider of a conversation.
func (s *Service) carrier(ctx context.Context, t tenant.ID, provider string, relayOnly bool) (media.Provider, error) {
	if s.media == nil {
		return nil, &media.Misconfigured{Text: "this node carries no media"}
	}
	kind := media.Kind(provider)
	if provider == store.BuiltIn {
		kind = media.Peer
	}
	return s.media.For(ctx, t, kind, relayOnly)
}

// carriedBy is how a conversation names what its tenant chose.
func carriedBy(m store.MediaSetting) string {
	if m.Provider == string(media.Peer) {
		return store.BuiltIn
	}
	return m.Provider
}

func partyOf(x *event.Session) []media.Member {
	out := make([]media.Member, len(x.Parties))
	for i, p := range x.Ordered() {
		out[i] = media.Member{Participant: p.User.String(), Role: playing(p.Role), Order: i}
	}
	return out
}

func entryOf(e media.Entry, provider string, p media.Profile) *MediaEntry {
	out := &MediaEntry{Provider: provider, Until: e.Until.UTC(), Sends: e.Sends, URL: e.URL, Token: e.Token.Reveal(), Restricted: e.Restricted, HeardBy: e.HeardBy,
		RelayOnly: e.RelayOnly, Servers: make([]MediaServer, len(e.Servers)), Links: make([]MediaLink, len(e.Links)), Capabilities: p.Capabilities}
	for i, x := range e.Servers {
		out.Servers[i] = MediaServer{x.URLs, x.Username, x.Credential.Reveal()}
	}
	for i, x := range e.Links {
		out.Links[i] = MediaLink(x)
	}
	if out.Sends == nil {
		out.Sends = []media.Track{}
	}
	if out.HeardBy == nil {
		out.HeardBy = []string{}
	}
	if out.Capabilities == nil {
		out.Capabilities = []media.Capability{}
	}
	return out
}
