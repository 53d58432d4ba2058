package realtime

import (
	"sync"
	"time"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/pace"
)

// accepts paces upgrades, so that a storm of reconnects is told to come later, and no storm is another's.
//
// It is asked when a credential was found good, about its user and its tenant. A user has a bucket of its own. The node has so
// many places, which are taken by upgrades and come free at the pace that it can stand. A tenant may have taken as many as
// tenantShare times what is left for others: alone three quarters of all, two of them three sevenths each; for whoever comes
// next there is always something. What comes free is dealt out evenly to the tenants that have taken something: one that storms
// without end has what others leave, and one that comes at an ordinary pace never waits.
type accepts struct {
	users *pace.Limiter

	mu    sync.Mutex
	dealt time.Time             // guarded by mu: up to when places have come free
	taken map[tenant.ID]float64 // guarded by mu: places; no zeros
	all   float64               // guarded by mu: their sum
}

const (
	acceptPerS  = 2_500 // what two cores can do
	acceptBurst = 20_000
	tenantShare = 3

	dealEvery   = 10 * time.Millisecond // whoever deals goes through all tenants that have places
	acceptUsers = 100_000               // that are remembered
)

func newAccepts() *accepts {
	return &accepts{users: pace.New(pace.Rate{}, acceptUsers), taken: map[tenant.ID]float64{}}
}

// opening is how often a user may open connections: all that it may have five times over at once, of which it gets all that it may have
// back in four seconds.
func opening(conns int) pace.Rate {
	conns = max(conns, 1)
	return pace.Rate{Burst: 5 * conns, Every: 4 * time.Second / time.Duration(conns)}
}

// take gives an upgrade its place, or says when to come again. conns is how many connections the user may have.
func (a *accepts) take(who policy.Actor, conns int, now time.Time) (wait time.Duration, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if wait, ok := a.room(who.Tenant, now); !ok {
		return wait, false
	}
	if wait, ok := a.users.TakeOf(openerOf(who), opening(conns), now); !ok {
		return wait, false
	}
	a.taken[who.Tenant]++
	a.all++
	return 0, true
}

// peek says what take would, and takes nothing.
func (a *accepts) peek(who policy.Actor, conns int, now time.Time) (wait time.Duration, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if wait, ok := a.room(who.Tenant, now); !ok {
		return wait, false
	}
	return a.users.PeekOf(openerOf(who), opening(conns), now)
}

func openerOf(who policy.Actor) string { return string(who.Tenant[:]) + string(who.User[:]) }

// room says whether a tenant may have one more place; if not, when all of its places will have come free, if nobody joins in.
// Called with mu held.
func (a *accepts) room(t tenant.ID, now time.Time) (wait time.Duration, ok bool) {
	a.deal(now)
	mine := a.taken[t]
	if mine+1 <= tenantShare*(acceptBurst-a.all) {
		return 0, true
	}
	ahead := time.Duration(mine * float64(len(a.taken)) / acceptPerS * float64(time.Second))
	return ahead.Round(time.Second) + time.Second, false
}

// deal has places come free. Called with mu held.
func (a *accepts) deal(now time.Time) {
	passed := now.Sub(a.dealt)
	if passed < dealEvery {
		return
	}
	a.dealt = now
	free := passed.Seconds() * acceptPerS
	for again := true; again && len(a.taken) > 0; { // what somebody had no use for goes to the others
		again = false
		each := free / float64(len(a.taken))
		for t, n := range a.taken {
			if n <= each {
				delete(a.taken, t)
				free -= n
				again = true
				continue
			}
			a.taken[t] = n - each
			free -= each
		}
	}
	a.all = 0
	for _, n := range a.taken {
		a.all += n
	}
}

// Expects says whether the node would let the actor in just now: for browsers, which cannot read why an upgrade was refused, and
// are told when they ask for their ticket.
func (h *Hub) Expects(who policy.Actor) error {
	if h.Epoch() == "" || h.crowd.leaving() {
		return fault.New("unavailable").After(time.Second)
	}
	limits := h.limits(Principal{Actor: who})
	if h.crowd.full(who.Tenant, limits.Tenant) {
		return fault.New("too_many").After(retryFull)
	}
	if wait, ok := h.accept.peek(who, limits.UserConns, time.Now()); !ok {
		return fault.New("rate_limited").After(wait)
	}
	return nil
}
