package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/realtime/bus"
	"github.com/waymeet/waymeet/realtime/wire"
	"github.com/waymeet/waymeet/session/media"
	"github.com/waymeet/waymeet/session/media/peer"
	"github.com/waymeet/waymeet/store"
)

// session:ID shows one conversation to those who take part: where it stands, its meter, what was written. They signal each other
// there: what WebRTC needs, each to one other and as session/media/peer lets it through, and how well they hear.
var _ = register(&Kind{
	Name:   "session",
	Read:   policy.SessionRead,
	Signal: policy.SessionTalk,
	Tells:  map[string]func([]byte) bool{"sdp": nil, "ice": nil, "quality": nil, "msg": nil},
	Pass:   map[string]func(*bus.Message, any) error{"sdp": passPeer, "ice": passPeer, "quality": passQuality},
	Aside:  map[string]func(*bus.Message, any) (string, string, any){"quality": qualityAside},
	Row:    talkOf,
	Moves:  true, // who supervises comes and goes
	Parse: func(rest string, _ policy.Actor) (Channel, bool) {
		id, ok := canonicalID(rest)
		return Channel{Base: "session:" + rest, Key: id, Thing: "session/" + rest}, ok
	},
	Load: func(ctx context.Context, r *store.Reader, c Channel) (Set, error) {
		s, said, err := r.LiveSession(ctx, c.Key.(uuid.UUID))
		if err != nil {
			return Set{}, err
		}
		set := Set{Resource: policy.Resource{Kind: "session", ID: s.ID, Owner: s.Client, Queue: s.Queue},
			Entities: []Entity{{Name: s.Entity(), Version: uint64(s.Version), Doc: s.Doc()}}}
		set.Resource.Party, set.Resource.Watch = s.Sides()
		for i := range said {
			set.Entities = append(set.Entities, Entity{Name: said[i].Entity(), Version: 1, Doc: said[i].Doc()})
		}
		return set, nil
	},
})

// talk is what signals are judged by: of a conversation's document, read once for each change of it.
type talk struct {
	rules   peer.Rules // all but who sends
	between bool       // browsers speak to each other
	over    bool
	id      string
	queue   string
}

func talkOf(entity string, doc []byte) any {
	if !strings.HasPrefix(entity, "session/") {
		return nil
	}
	var d struct {
		Queue        string `json:"queue"`
		State        string `json:"state"`
		Modality     string `json:"modality"`
		Provider     string `json:"provider"`
		Generation   int64  `json:"generation"`
		RelayOnly    bool   `json:"relay_only"`
		Participants map[string]struct {
			Role media.Role `json:"role"`
		} `json:"participants"`
		EndedAt *string `json:"ended_at"`
	}
	if json.Unmarshal(doc, &d) != nil {
		return nil
	}
	t := &talk{rules: peer.Rules{Generation: d.Generation, RelayOnly: d.RelayOnly}, between: d.Provider == store.BuiltIn && d.Modality != "chat", over: d.EndedAt != nil, id: strings.TrimPrefix(entity, "session/"), queue: d.Queue}
	for user, p := range d.Participants {
		t.rules.Party = append(t.rules.Party, media.Member{Participant: user, Role: p.Role})
	}
	return t
}

// passQuality lets pass how well somebody hears: the row is for what is told of it aside.
func passQuality(*bus.Message, any) error { return nil }

// qualityAside is how well one of the two hears, for whoever runs their queue: a level, and nothing else that they may have said.
func qualityAside(m *bus.Message, row any) (base, key string, data any) {
	t, from := row.(*talk), strings.TrimPrefix(m.From, "user/")
	var d struct {
		Level string `json:"level"`
	}
	for _, p := range t.rules.Party {
		talks := p.Participant == from && (p.Role == media.Client || p.Role == media.Expert)
		if talks && !t.over && json.Unmarshal(m.Data, &d) == nil && slices.Contains([]string{"good", "fair", "poor"}, d.Level) {
			return event.QueuesChannel, t.queue + "/" + t.id + "/" + string(p.Role), map[string]string{"session": t.id, "role": string(p.Role), "level": d.Level}
		}
	}
	return "", "", nil
}

// passPeer makes of a signal between browsers what the other one may read, and lets that one alone hear it.
func passPeer(m *bus.Message, row any) error {
	t := row.(*talk)
	switch {
	case t.over:
		return fault.New("session_over")
	case !t.between:
		return fault.New("media_not_supported")
	}
	rules := t.rules
	rules.From = strings.TrimPrefix(m.From, "user/")
	s, err := peer.Read(m.Data, rules)
	switch {
	case errors.Is(err, peer.ErrStale) && s.Generation > rules.Generation:
		return errAhead
	case errors.Is(err, peer.ErrStale), errors.Is(err, peer.ErrWithheld):
		return errUnheard
	case err != nil:
		return err
	case m.To != "" && m.To != "user/"+s.To:
		return fault.New("bad_request")
	}
	data, err := json.Marshal(s)
	if err == nil {
		data, err = wire.Canonical(nil, data)
	}
	if err != nil {
		return fault.New("bad_request")
	}
	m.To, m.Data = "user/"+s.To, data
	return nil
}
