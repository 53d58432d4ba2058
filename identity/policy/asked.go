package policy

import (
	"context"
	"slices"
	"sync"
)

// asking is an actor in a context and what was permitted to it there. The list lets the door refuse to hand out an
// answer whose handler forgot to ask: a missing check is then a failed request in the first test, not a leak.
type asking struct {
	actor Actor

	mu      sync.Mutex
	granted []Action // guarded by mu
}

func (a *asking) note(action Action) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !slices.Contains(a.granted, action) {
		a.granted = append(a.granted, action)
	}
}

// Granted tells whether Can said yes to the action since With.
func Granted(ctx context.Context, action Action) bool {
	a, ok := ctx.Value(actorKey{}).(*asking)
	if !ok {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Contains(a.granted, action)
}

// GrantedSome tells whether Can said yes to anything since With.
func GrantedSome(ctx context.Context) bool {
	a, ok := ctx.Value(actorKey{}).(*asking)
	if !ok {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.granted) > 0
}
