package realtime

import (
	"context"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
)

// finance shows which of finance's lists has changed, by a number each; the lists themselves are asked for over HTTP.
var _ = register(&Kind{
	Name: "finance",
	Read: policy.FinanceRead,
	Parse: func(rest string, _ policy.Actor) (Channel, bool) {
		return Channel{View: "finance", Base: event.FinanceChannel}, rest == ""
	},
	Load: func(ctx context.Context, r *store.Reader, _ Channel) (Set, error) {
		marks, err := r.LiveFinance(ctx)
		if err != nil {
			return Set{}, err
		}
		set := Set{Resource: policy.Resource{Kind: "finance"}}
		for _, m := range marks {
			set.Entities = append(set.Entities, Entity{Name: m.Entity(), Version: uint64(m.Version), Doc: m.Doc()})
		}
		return set, nil
	},
})
