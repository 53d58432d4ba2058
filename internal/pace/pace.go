// Package pace says how often somebody may do something: a token bucket per key, kept in this process.
//
// It is a guard against floods, not a count of anything: N nodes allow N times as much, a restart forgets. That is enough
// for what it protects (processor, memory, guessing), and costs an attacker's victim no write to the database. Memory is
// bounded: keys live in two generations, the older is dropped whole when the newer is full. A key that is dropped starts
// with a full bucket again, so an attacker with very many keys gains at most what each key had anyway.
package pace

import (
	"sync"
	"time"
)

// Rate is a bucket's size and how long one token takes to come back.
type Rate struct {
	Burst int
	Every time.Duration
}

// Limiter holds the buckets.
type Limiter struct {
	rate Rate
	keys int

	mu       sync.Mutex
	now, old map[string]bucket // guarded by mu
}

// bucket is the instant at which it would be full again: one number says everything.
type bucket struct{ full time.Time }

// New limits each key to a rate; about twice keys are remembered.
func New(r Rate, keys int) *Limiter {
	return &Limiter{rate: r, keys: keys, now: map[string]bucket{}}
}

// Peek says what Take would, and takes nothing.
func (l *Limiter) Peek(key string, at time.Time) (wait time.Duration, ok bool) {
	return l.PeekOf(key, l.rate, at)
}

// Take takes one token, or says how long until there is one.
func (l *Limiter) Take(key string, at time.Time) (wait time.Duration, ok bool) {
	return l.TakeOf(key, l.rate, at)
}

// GiveBack returns a token that was taken for what turned out to be nothing to count.
func (l *Limiter) GiveBack(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, buckets := range []map[string]bucket{l.now, l.old} {
		if b, seen := buckets[key]; seen {
			buckets[key] = bucket{b.full.Add(-l.rate.Every)}
			return
		}
	}
}

// PeekOf is Peek for a key with a rate of its own.
func (l *Limiter) PeekOf(key string, r Rate, at time.Time) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, over, _ := l.next(key, r, at)
	return max(over, 0), over <= 0
}

// TakeOf is Take for a key with a rate of its own.
func (l *Limiter) TakeOf(key string, r Rate, at time.Time) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	full, over, seen := l.next(key, r, at)
	if over > 0 {
		return over, false
	}
	if !seen && len(l.now) >= l.keys {
		l.old, l.now = l.now, make(map[string]bucket, l.keys)
	}
	l.now[key] = bucket{full}
	return 0, true
}

// next is when a key's bucket would be full with one token less, and by how much that is too late. Called with mu held.
func (l *Limiter) next(key string, r Rate, at time.Time) (full time.Time, over time.Duration, seen bool) {
	b, seen := l.now[key]
	if !seen {
		b = l.old[key]
	}
	if full = b.full; full.Before(at) {
		full = at
	}
	full = full.Add(r.Every)
	return full, full.Sub(at) - time.Duration(r.Burst)*r.Every, seen
}
