package crowd

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"time"
)

// mood is how fast a city goes: 1 when all is well, up to 32 times slower while the server has trouble. Trouble
// is forgotten by half every few seconds.
type mood struct {
	mu   sync.Mutex
	slow float64   // guarded by mu: as it was at the last trouble
	at   time.Time // guarded by mu: of the last trouble
}

const (
	slowest    = 32
	forgetHalf = 8 * time.Second
)

// trouble slows the city down, at most once a second: forty people who hear the same no are one no.
func (m *mood) trouble(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.Sub(m.at) < time.Second {
		return
	}
	m.slow, m.at = min(slowest, 2*m.level(now)), now
}

// level is how slow it is. Called under mu.
func (m *mood) level(now time.Time) float64 {
	return max(1, m.slow*math.Exp2(-float64(now.Sub(m.at))/float64(forgetHalf)))
}

func (m *mood) stretch(d time.Duration) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Duration(float64(d) * m.level(time.Now()))
}

// pause waits, unless everything ends first; it says whether to go on.
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

// about is a time around d, so that nobody does anything in step.
func about(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.5 + rand.Float64()))
}

// next is the time until the next of many independent events that come every d on average.
func next(d time.Duration) time.Duration {
	return min(time.Duration(rand.ExpFloat64()*float64(d)), 5*d)
}
