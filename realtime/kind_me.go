package realtime

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/store"
)

// me shows the caller's own profile, open bookings, wallet and what they owe, requests that wait, times that are booked, what they are rung for, and sessions that
// are not over. What has ended leaves.
var _ = register(&Kind{
	Name: "me",
	Read: policy.SelfRead,
	Row:  func(entity string, doc []byte) any { return mine(entity, doc) },
	Parse: func(rest string, who policy.Actor) (Channel, bool) {
		return Channel{View: "me", Base: "me:" + who.User.String(), Key: who.User, Match: func(row any) bool { return row.(bool) }}, rest == ""
	},
	Load: func(ctx context.Context, r *store.Reader, c Channel) (Set, error) {
		me, err := r.LiveMe(ctx, c.Key.(uuid.UUID))
		if err != nil {
			return Set{}, err
		}
		set := Set{Resource: policy.Resource{Kind: "user", ID: me.User.ID, Owner: me.User.ID}}
		set.Entities = append(set.Entities, Entity{Name: me.User.Entity(), Version: uint64(me.User.Version), Doc: me.User.Doc()})
		for i := range me.Bookings {
			set.Entities = append(set.Entities, bookingEntity(&me.Bookings[i]))
		}
		for i := range me.Purses {
			p := &me.Purses[i]
			set.Entities = append(set.Entities, Entity{Name: p.Entity(), Version: uint64(p.Version), Doc: p.Doc()})
		}
		for i := range me.Requests {
			set.Entities = append(set.Entities, requestEntity(&me.Requests[i]))
		}
		for i := range me.Offers {
			o := &me.Offers[i]
			set.Entities = append(set.Entities, Entity{Name: o.Entity(), Version: uint64(o.Version), Doc: o.Doc()})
		}
		for i := range me.Appointments {
			a := &me.Appointments[i]
			set.Entities = append(set.Entities, Entity{Name: a.Entity(), Version: uint64(a.Version), Doc: a.Doc()})
		}
		for i := range me.Talks {
			s := &me.Talks[i]
			set.Entities = append(set.Entities, Entity{Name: s.Entity(), Version: uint64(s.Version), Doc: s.Talk()})
		}
		return set, nil
	},
})

// mine decides by the document what store.LiveMe decides by the row.
func mine(entity string, doc []byte) bool {
	if !strings.HasPrefix(entity, "booking/") {
		return true
	}
	var d struct {
		State string `json:"state"`
	}
	if json.Unmarshal(doc, &d) != nil {
		return false
	}
	return d.State == "held" || d.State == "confirmed" || d.State == "boarded"
}
