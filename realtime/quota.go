package realtime

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/realtime/wire"
)

// TenantLimits are what all connections of a tenant on a node may take together, so that one tenant cannot slow another.
type TenantLimits struct {
	Connections   int
	Subscriptions int
	Windows       int // distinct sets of wide kinds: boards with their filters
	RequestsPerS  int
	BytesPerS     int64 // of pushes, and as many of answers; beyond it changes are conflated and sent later, and requests wait
}

// DefaultTenantLimits leave a large operator room and a node's other tenants theirs.
var DefaultTenantLimits = TenantLimits{Connections: 20_000, Subscriptions: 500_000, Windows: 768, RequestsPerS: 20_000, BytesPerS: 64 << 20}

// burstFor is how much of a rate may come at once.
const burstFor = time.Second

// quota is what a tenant takes of this node.
//
// Bytes are charged as they are written. While a tenant is in debt, its pushes become marks as a slow socket's do, its
// connections stand in line, and one goroutine lets them go as the debt is paid: whoever is over costs marks, not time.
// Answers have a bucket of their own, beyond which requests wait a while: an answer is bounded, so what a tenant can ask for in
// debt is, too.
type quota struct {
	hub      *Hub
	limits   atomic.Pointer[TenantLimits]
	subs     atomic.Int64
	requests rate
	bytes    rate // of pushes
	answers  rate // bytes of them, a bucket of their own: who asks too much slows who asks, not what everybody is shown

	conns int // guarded by the crowd's mu

	mu       sync.Mutex
	line     []*Conn // guarded by mu: those that wait for the tenant's bytes
	releases bool    // guarded by mu: somebody lets them go
}

// rate is a bucket that may go into debt: full is when it is full again, in Unix nanoseconds.
type rate struct{ full atomic.Int64 }

// take says whether n fit, and takes them if so.
func (r *rate) take(n, perS int64, now time.Time) bool {
	cost := n * int64(time.Second) / perS
	for {
		full := r.full.Load()
		next := max(full, now.UnixNano()) + cost
		if next-now.UnixNano() > int64(burstFor) {
			return false
		}
		if r.full.CompareAndSwap(full, next) {
			return true
		}
	}
}

// charge takes n whether they fit or not, and says whether they did.
func (r *rate) charge(n, perS int64, now time.Time) bool {
	cost := n * int64(time.Second) / perS
	for {
		full := r.full.Load()
		next := max(full, now.UnixNano()) + cost
		if r.full.CompareAndSwap(full, next) {
			return next-now.UnixNano() <= int64(burstFor)
		}
	}
}

// debt is how long until something fits again.
func (r *rate) debt(now time.Time) time.Duration {
	return time.Duration(r.full.Load() - now.UnixNano() - int64(burstFor))
}

// reserve gives a tenant's next connection its place, or nil when the tenant has none left.
func (w *crowd) reserve(h *Hub, t tenant.ID, l TenantLimits) *quota {
	w.mu.Lock()
	defer w.mu.Unlock()
	q := w.quotas[t]
	if q == nil {
		q = &quota{hub: h}
		w.quotas[t] = q
	}
	q.limits.Store(&l)
	if q.conns >= l.Connections {
		return nil
	}
	q.conns++
	return q
}

// full says that a tenant has no place left.
func (w *crowd) full(t tenant.ID, l TenantLimits) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	q := w.quotas[t]
	return q != nil && q.conns >= l.Connections
}

// giveBack ends what reserve began. Called with mu held.
func (w *crowd) giveBack(t tenant.ID, q *quota) {
	if q.conns--; q.conns == 0 && w.quotas[t] == q {
		delete(w.quotas, t)
	}
}

// request says whether the tenant may ask now for what counts as n requests.
func (q *quota) request(now time.Time, n int) bool {
	perS := q.limits.Load().RequestsPerS
	return q.requests.take(int64(min(n, perS)), int64(perS), now)
}

// subscribe takes a place for a subscription.
func (q *quota) subscribe() bool {
	if q.subs.Add(1) <= int64(q.limits.Load().Subscriptions) {
		return true
	}
	q.subs.Add(-1)
	return false
}

// spend charges bytes that are about to be pushed; false: the tenant is in debt, let them wait.
func (q *quota) spend(n int) bool {
	now := time.Now()
	if q.bytes.debt(now) > 0 {
		return false
	}
	q.bytes.charge(int64(n), q.limits.Load().BytesPerS, now)
	return true
}

// patience is how long the requests of one message may still be held back.
type patience time.Duration

// Bounds of holding requests back: each waits for a turn, and those of one message together for a little longer. What comes
// behind that is refused, or a message of thousands would keep its reader, and be served for minutes after its client is gone.
const (
	longestTurn = time.Second
	mostTurns   = 5 * longestTurn
)

// awaitTurn holds a request whose answer may be large back while its tenant is in debt, up to a second; whoever has waited
// for so long is served all the same. False: its message has waited for too long, or nothing will be answered any more.
//
// A message is not let through as a whole after one wait: its sixty answers would be what the debt is there to keep small.
func (c *Conn) awaitTurn(r wire.Request, left *patience) bool {
	if r.Verb != wire.Sub && r.Verb != wire.Call { // the others' answers are a few bytes
		return true
	}
	if r.Verb == wire.Sub && !c.awaitOpening(len(r.Channels), left) {
		return false
	}
	for waited := time.Duration(0); waited < longestTurn; {
		d := c.quota.answers.debt(time.Now())
		if d <= 0 {
			return true
		}
		if *left <= 0 {
			return false
		}
		d = min(d, longestTurn/20)
		time.Sleep(d)
		waited += d
		*left -= patience(d)
		if c.leaving() {
			return false
		}
	}
	return true
}

// openings is how many channels a connection may open.
var openings = Limits{Burst: wire.ChannelsAtOnce, Every: time.Second / wire.ChannelsPerS}

// awaitOpening holds a list back while its connection opens more channels than it may: it is one request, whatever it names.
func (c *Conn) awaitOpening(n int, left *patience) bool {
	n = min(n, maxAtOnce) // one that names more is refused
	for !c.opened.take(openings, time.Now(), n) {
		if *left <= 0 || c.leaving() {
			return false
		}
		time.Sleep(longestTurn / 50)
		*left -= patience(longestTurn / 50)
	}
	return true
}

// answered charges an answer. The debt is bounded, so that it is paid soon after the last of a flood.
func (q *quota) answered(n int) {
	now := time.Now()
	if q.answers.debt(now) < longestTurn {
		q.answers.charge(int64(n), q.limits.Load().BytesPerS, now)
	}
}

// settle charges what a drainer is about to write; false: it was the last for now.
func (q *quota) settle(n int) bool {
	return q.bytes.charge(int64(n), q.limits.Load().BytesPerS, time.Now())
}

// await puts a connection in line. Called with the connection's mu held.
func (q *quota) await(c *Conn) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.line = append(q.line, c)
	if !q.releases {
		q.releases = q.hub.spawn(q.release)
	}
}

// release lets connections go as the debt is paid, oldest first, a few at a time: each settles for what it writes.
func (q *quota) release() {
	for q.hub.ctx().Err() == nil {
		if d := q.bytes.debt(time.Now()); d > 0 {
			time.Sleep(min(d, 100*time.Millisecond))
			continue
		}
		q.mu.Lock()
		if len(q.line) == 0 {
			q.line, q.releases = nil, false
			q.mu.Unlock()
			return
		}
		c := q.line[0]
		q.line[0] = nil
		q.line = q.line[1:]
		q.mu.Unlock()
		q.settle(provisional)
		c.released()
	}
}

// provisional is what a connection that is let go is charged before it has written, so that a long line is not let go at once.
const provisional = 1 << 10
