package client

import (
	"context"
	"time"
)

// backoff is the wait between attempts: full jitter, so that a crowd that lost its node
// at one moment does not come back at one moment.
type backoff struct {
	first, most time.Duration
	random      func() float64
	failures    int
}

func (b *backoff) next() time.Duration {
	ceiling := b.most
	if b.failures < 16 {
		ceiling = min(b.most, b.first<<b.failures)
	}
	b.failures++
	return time.Duration(b.random() * float64(ceiling))
}

// atLeast is the wait when the server has said how long: never sooner, and not all at once.
func (b *backoff) atLeast(asked time.Duration) time.Duration { return asked + b.next() }

// pause waits, and says whether there is still a reason to.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// allowance is a bucket of requests that subscriptions need: the server allows 30 a second, 60 at once, and calls and
// signals need theirs. A list is one.
type allowance struct{ full time.Time }

const (
	askEvery = time.Second / 24
	askBurst = 40
)

// take says how long to wait until one may go, zero: it may go now.
func (a *allowance) take(now time.Time) time.Duration {
	if a.full.Before(now) {
		a.full = now
	}
	if wait := a.full.Add(askEvery).Sub(now) - askBurst*askEvery; wait > 0 {
		return wait
	}
	a.full = a.full.Add(askEvery)
	return 0
}
