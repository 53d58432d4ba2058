package main

import (
	"context"
	"sync"
	"time"

	"github.com/waymeet/waymeet/store"
)

// waiting is how much waits for people, as metrics show it: asked of PostgreSQL at most once in waitingFor, however often and for however
// many numbers a node is scraped.
type waiting struct {
	ask func(context.Context) (store.Waiting, error)

	mu    sync.Mutex
	at    time.Time     // guarded by mu
	known bool          // guarded by mu
	last  store.Waiting // guarded by mu
}

const (
	waitingFor   = 15 * time.Second
	waitingLimit = 2 * time.Second
)

func (w *waiting) count(of func(store.Waiting) int) float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Since(w.at) > waitingFor {
		ctx, cancel := context.WithTimeout(context.Background(), waitingLimit)
		defer cancel()
		got, err := w.ask(ctx)
		w.at, w.known, w.last = time.Now(), err == nil, got
	}
	if !w.known {
		return -1
	}
	return float64(of(w.last))
}
