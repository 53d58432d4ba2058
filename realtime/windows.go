package realtime

import (
	"sync"

	"github.com/waymeet/waymeet/identity/tenant"
)

// windows counts each tenant's views of wide kinds on this node: those that are shown, those that somebody is about to see, and
// those that linger. Each costs memory for every entity that it shows and work for every change of its day, whoever else pays.
type windows struct {
	mu   sync.Mutex
	held map[tenant.ID]*held // guarded by mu; no zeros
}

type held struct{ n, most int }

// take counts one more, unless the tenant has its share.
func (w *windows) take(t tenant.ID, most int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	h := w.held[t]
	switch {
	case h == nil && most <= 0, h != nil && h.n >= most:
		return false
	case h == nil:
		if w.held == nil {
			w.held = map[tenant.ID]*held{}
		}
		h = &held{}
		w.held[t] = h
	}
	h.n, h.most = h.n+1, most
	return true
}

func (w *windows) giveBack(t tenant.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if h := w.held[t]; h != nil {
		if h.n--; h.n == 0 {
			delete(w.held, t)
		}
	}
}

// scarce says that a tenant has more than half of what it may have.
func (w *windows) scarce(t tenant.ID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	h := w.held[t]
	return h != nil && h.n > h.most/2
}

// all is how many there are.
func (w *windows) all() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range w.held {
		n += h.n
	}
	return n
}
