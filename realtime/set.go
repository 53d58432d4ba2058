package realtime

import (
	"context"
	"sort"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/turns"
	"github.com/waymeet/waymeet/realtime/wire"
	"github.com/waymeet/waymeet/store"
)

// Set answers GET /v1/realtime/sets/CHANNEL for the actor of ctx, as ReadSet does, when it is the turn of the actor's tenant: of
// each tenant one at a time, and no more than there are processors. Reading a large set costs the node more than telling it to
// a subscriber who shares it with others, and whoever asks again and again is to slow themselves alone.
func (h *Hub) Set(ctx context.Context, name string) ([]byte, error) {
	who, ok := policy.ActorFrom(ctx)
	if !ok {
		return nil, fault.New("unauthenticated")
	}
	for _, q := range []*turns.Turns{h.sets, h.turns} {
		if err := inTurn(ctx, q, who.Tenant); err != nil {
			return nil, err
		}
		defer q.GiveBack(who.Tenant)
	}
	return ReadSet(ctx, h.cfg.DB, name)
}

// ReadSet is the set of a channel for the actor of ctx, as PostgreSQL
// holds it, in canonical JSON. It does not look at what the hub holds,
// so that it can be compared with it.
func ReadSet(ctx context.Context, db *store.DB, name string) ([]byte, error) {
	who, ok := policy.ActorFrom(ctx)
	if !ok {
		return nil, fault.New("unauthenticated")
	}
	c, err := parse(name, who)
	if err != nil {
		return nil, err
	}
	return inPart(c, who, func(c Channel) ([]byte, error) { return readSet(ctx, db, who, c) })
}

func readSet(ctx context.Context, db *store.DB, who policy.Actor, c Channel) (body []byte, err error) {
	if policy.Door(ctx, c.Kind.Read) != nil {
		return nil, fault.New("not_found")
	}
	set, err := load(ctx, db, who.Tenant, c)
	if err != nil {
		return nil, err
	}
	if err := may(ctx, c.Kind.Read, set.Resource); err != nil {
		return nil, err
	}
	sort.Slice(set.Entities, func(i, j int) bool { return set.Entities[i].Name < set.Entities[j].Name })
	raw := []byte(`{"set":{`)
	first := true
	for _, e := range set.Entities {
		doc, err := wire.Document(nil, e.Doc)
		if err != nil {
			return nil, fault.New("internal").Because(err)
		}
		if !c.wants(c.Kind.row(e.Name, doc)) {
			continue
		}
		if !first {
			raw = append(raw, ',')
		}
		first = false
		raw = wire.SetDocument(raw, e.Name, e.Version, doc)
	}
	if body, err = wire.Canonical(nil, append(raw, `}}`...)); err != nil {
		return nil, fault.New("internal").Because(err)
	}
	return body, nil
}
