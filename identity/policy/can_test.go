package policy

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
)

var (
	atlas, nile = tenant.ID(uuid.New()), tenant.ID(uuid.New())
	amal, badr  = uuid.New(), uuid.New()
	line1       = uuid.New()
	line2       = uuid.New()
	thing       = uuid.New()
)

func as(role string, scopes ...Scope) context.Context {
	a := Actor{Tenant: atlas, User: amal, Session: uuid.New()}
	if len(scopes) == 0 {
		scopes = []Scope{{}}
	}
	for _, r := range BuiltIn() {
		for _, p := range r.Permissions {
			for _, s := range scopes {
				if r.Name == role {
					a.Grants = append(a.Grants, Grant{p, s})
				}
			}
		}
	}
	return With(context.Background(), a)
}

func TestCan(t *testing.T) {
	mine := Resource{Tenant: atlas, Kind: "booking", ID: thing, Owner: amal, Line: line1}
	theirs := Resource{Tenant: atlas, Kind: "booking", ID: thing, Owner: badr, Line: line1}
	foreign := Resource{Tenant: nile, Kind: "booking", ID: thing, Owner: amal, Line: line1}
	all := Resource{Tenant: atlas, Kind: "board"}
	for _, c := range []struct {
		name   string
		ctx    context.Context
		action Action
		res    Resource
		want   string
	}{
		{"a rider reads their own booking", as(Rider), BookingRead, mine, ""},
		{"a rider does not learn of another's", as(Rider), BookingRead, theirs, "not_found"},
		{"not even of a namesake's in another tenant", as(Rider), BookingRead, foreign, "not_found"},
		{"an admin neither", as(Admin), BookingRead, foreign, "not_found"},
		{"a dispatcher reads any", as(Dispatcher), BookingRead, theirs, ""},
		{"but shows nobody's ticket", as(Dispatcher), BookingTicket, theirs, "forbidden"},
		{"an admin shows only their own", as(Admin), BookingTicket, theirs, "not_found"},
		{"a line's dispatcher reads that line's", as(Dispatcher, Scope{Line: line1}), BookingRead, theirs, ""},
		{"and no other line's", as(Dispatcher, Scope{Line: line2}), BookingRead, theirs, "not_found"},
		{"nor the whole board", as(Dispatcher, Scope{Line: line1}), BoardRead, all, "forbidden"},
		{"two lines are two lines", as(Dispatcher, Scope{Line: line1}, Scope{Line: line2}), BookingCancel, theirs, ""},
		{"a rider sees no board", as(Rider), BoardRead, all, "forbidden"},
		{"a driver boards", as(Driver), BoardingWrite, theirs, ""},
		{"a driver cancels nothing", as(Driver), BookingCancel, theirs, "forbidden"},
		{"everybody is themselves", as("nothing at all"), SelfWrite, Resource{Tenant: atlas, Kind: "user", ID: amal, Owner: amal}, ""},
		{"and nobody else", as(Admin), SelfWrite, Resource{Tenant: atlas, Kind: "user", ID: badr, Owner: badr}, "not_found"},
		{"a resource without a tenant is nobody's", as(Admin), BoardRead, Resource{Kind: "board"}, "not_found"},
		{"no actor, no answer", context.Background(), StopRead, all, "unauthenticated"},
		{"an action nobody knows", as(Admin), "booking.steal", mine, "internal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if err := Can(c.ctx, c.action, c.res); err != nil {
				got = fault.As(err).Code
			}
			if got != c.want {
				t.Fatalf("got %q, want %q", got, c.want)
			}
			if Granted(c.ctx, c.action) != (c.want == "") {
				t.Fatal("what was granted is not what was answered")
			}
		})
	}
}

func TestDoor(t *testing.T) {
	if err := Door(as(Rider), BookingRead); err != nil {
		t.Fatal(err)
	}
	for name, ctx := range map[string]context.Context{"forbidden": as(Rider), "unauthenticated": context.Background()} {
		if err := Door(ctx, BoardRead); err == nil || fault.As(err).Code != name {
			t.Errorf("got %v, want %s", err, name)
		}
	}
}

func BenchmarkCan(b *testing.B) {
	ctx := as(Admin)
	for b.Loop() {
		_ = Can(ctx, BookingRead, Resource{Tenant: atlas, Kind: "booking", ID: thing, Owner: badr, Line: line1})
	}
}

// A supervisor sees a conversation while they are one in it and hold a right to one of the three ways, of its queue or of all; a right alone is none to see it, nor to be let in unseen.
func TestSupervisorsHoldARightAndAPart(t *testing.T) {
	queue, other := uuid.New(), uuid.New()
	talk := Resource{Tenant: atlas, Kind: "session", ID: thing, Owner: badr, Party: []uuid.UUID{badr}, Watch: []uuid.UUID{amal}, Queue: queue}
	alone := talk
	alone.Watch = nil
	for name, c := range map[string]struct {
		scope  Scope
		res    Resource
		action Action
		want   string
	}{
		"of the queue":               {Scope{Queue: queue}, talk, SessionRead, ""},
		"of all":                     {Scope{}, talk, SessionTalk, ""},
		"of another":                 {Scope{Queue: other}, talk, SessionRead, "not_found"},
		"of a line by the same id":   {Scope{Line: queue}, talk, SessionRead, "not_found"},
		"not in it":                  {Scope{}, alone, SessionRead, "not_found"},
		"let in":                     {Scope{Queue: queue}, alone, SessionListen, ""},
		"let in elsewhere":           {Scope{Queue: other}, alone, SessionListen, "not_found"},
		"another way than they hold": {Scope{}, talk, SessionBarge, "forbidden"},
	} {
		ctx := With(context.Background(), Actor{Tenant: atlas, User: amal, Grants: []Grant{{SessionListenPermission, c.scope}}})
		if got := code(Can(ctx, c.action, c.res)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := code(Can(as("nobody"), SessionRead, talk)); got != "not_found" {
		t.Errorf("whose right was taken: %q", got)
	}
}
