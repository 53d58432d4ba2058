package realtime

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/store"
)

// session:ID shows one conversation to those who take part: where it stands, its meter, what was written. They signal each other
// there: what WebRTC needs, and how well they hear.
var _ = register(&Kind{
	Name:   "session",
	Read:   policy.SessionRead,
	Signal: policy.SessionTalk,
	Tells:  map[string]func([]byte) bool{"sdp": nil, "ice": nil, "quality": nil, "msg": nil},
	Parse: func(rest string, _ policy.Actor) (Channel, bool) {
		id, ok := canonicalID(rest)
		return Channel{Base: "session:" + rest, Key: id}, ok
	},
	Load: func(ctx context.Context, r *store.Reader, c Channel) (Set, error) {
		s, said, err := r.LiveSession(ctx, c.Key.(uuid.UUID))
		if err != nil {
			return Set{}, err
		}
		set := Set{Resource: policy.Resource{Kind: "session", ID: s.ID, Owner: s.Client},
			Entities: []Entity{{Name: s.Entity(), Version: uint64(s.Version), Doc: s.Doc()}}}
		for _, p := range s.Parties {
			set.Resource.Party = append(set.Resource.Party, p.User)
		}
		for i := range said {
			set.Entities = append(set.Entities, Entity{Name: said[i].Entity(), Version: 1, Doc: said[i].Doc()})
		}
		return set, nil
	},
})
