package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/waymeet/waymeet/identity/policy"
)

// Principal is who a connection speaks for, and until when its credential holds.
type Principal struct {
	Actor   policy.Actor
	Expires time.Time
}

// ErrSpent is wrapped by what an Authenticator answers to a credential that is whole, and counts no more: a used ticket, a token
// of an ended session. What merely looks like such a one (its signature is another's, or none) has no such error.
var ErrSpent = errors.New("realtime: a credential that counts no more")

// Authenticator knows credentials; cmd joins it with identity. It answers with faults.
type Authenticator interface {
	// Made says, without asking anybody, whether a ticket or a token was made by this installation, and names it. It says nothing
	// about whether it still counts.
	Made(credential string) (mark string, ok bool)
	// Ticket consumes a single-use ticket.
	Ticket(ctx context.Context, token string) (Principal, error)
	// Bearer checks an access token.
	Bearer(ctx context.Context, token string) (Principal, error)
	// Refresh says what the principal's session may do now; a fault of kind
	// Unauthenticated when it has ended.
	Refresh(ctx context.Context, p Principal) (Principal, error)
}

// Caller runs an operation of the HTTP API for a connection's actor: web's Server.Call.
type Caller interface {
	Call(ctx context.Context, a policy.Actor, operation, key string, args json.RawMessage) (status int, body json.RawMessage)
}

// Limits of one connection.
type Limits struct {
	Frame         int64         // bytes of a message
	Subscriptions int           // channels at a time
	Windows       int           // of them, of wide kinds: boards with their filters
	Burst         int           // requests at once
	Every         time.Duration // until one more is allowed
	UserConns     int           // connections of the user on this node
	Tenant        TenantLimits  // of all connections of the tenant on this node
	Deflate       bool          // compression may be agreed to
}

// DefaultLimits are the protocol's.
var DefaultLimits = Limits{Frame: 64 << 10, Subscriptions: 256, Windows: 32, Burst: 60, Every: time.Second / 30, UserConns: 20, Tenant: DefaultTenantLimits}

// allowance is a bucket of requests. Owned by the connection's reader.
type allowance struct {
	full    time.Time // when the bucket would be full again
	refused int       // since it was last full
}

// abuse is how many refusals in a row are no accident.
const abuse = 300

func (a *allowance) take(l Limits, now time.Time, n int) bool {
	if a.full.Before(now) {
		a.full, a.refused = now, 0
	}
	next := a.full.Add(time.Duration(min(n, l.Burst)) * l.Every)
	if next.Sub(now) > time.Duration(l.Burst)*l.Every {
		a.refused++
		return false
	}
	a.full = next
	return true
}
