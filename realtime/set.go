package realtime

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sort"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/realtime/wire"
	"github.com/waymeet/waymeet/store"
)

// ReadSet answers GET /v1/realtime/sets/CHANNEL for the actor of ctx: the set as PostgreSQL
// holds it, in canonical JSON, with an entity tag. It does not look at what the hub holds,
// so that it can be compared with it.
func ReadSet(ctx context.Context, db *store.DB, name string) (body []byte, etag string, err error) {
	who, ok := policy.ActorFrom(ctx)
	if !ok {
		return nil, "", fault.New("unauthenticated")
	}
	c, err := parse(name, who)
	if err != nil {
		return nil, "", err
	}
	if policy.Door(ctx, c.Kind.Read) != nil {
		return nil, "", fault.New("not_found")
	}
	set, err := load(ctx, db, who.Tenant, c)
	if err != nil {
		return nil, "", err
	}
	if err := may(ctx, c.Kind.Read, set.Resource); err != nil {
		return nil, "", err
	}
	sort.Slice(set.Entities, func(i, j int) bool { return set.Entities[i].Name < set.Entities[j].Name })
	raw := []byte(`{"set":{`)
	first := true
	for _, e := range set.Entities {
		doc, err := wire.Document(nil, e.Doc)
		if err != nil {
			return nil, "", fault.New("internal").Because(err)
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
		return nil, "", fault.New("internal").Because(err)
	}
	sum := sha256.Sum256(body)
	return body, `"` + hex.EncodeToString(sum[:16]) + `"`, nil
}
