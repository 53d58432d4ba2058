package turn

import (
	"sync"
	"time"
)

// users are those who have relays: how many, and how much they have sent and received in the last second.
type users struct {
	perUser int
	rate    float64
	now     func() time.Time

	mu   sync.Mutex
	by   map[string]*user // guarded by mu; who has no relay is not in it
	none chan struct{}    // guarded by mu: closed while there is no relay
	open int              // guarded by mu
}

type user struct {
	relays int
	left   float64 // bytes that may pass now
	at     time.Time
}

func newUsers(perUser, rate int, now func() time.Time) *users {
	u := &users{perUser: perUser, rate: float64(rate), now: now, by: map[string]*user{}, none: make(chan struct{})}
	close(u.none)
	return u
}

// full says whether one more relay would be too many.
func (u *users) full(name string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	who := u.by[name]
	return who != nil && who.relays >= u.perUser
}

// take counts one more relay, unless it is too many: here it is decided, whoever asks at the same time.
func (u *users) take(name string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	who := u.by[name]
	if who == nil {
		who = &user{left: u.rate, at: u.now()}
		u.by[name] = who
	}
	if who.relays >= u.perUser {
		return false
	}
	if who.relays++; u.open == 0 {
		u.none = make(chan struct{})
	}
	u.open++
	return true
}

func (u *users) giveBack(name string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	who := u.by[name]
	if who.relays--; who.relays == 0 {
		delete(u.by, name)
	}
	if u.open--; u.open == 0 {
		close(u.none)
	}
}

// pass says whether so many bytes may pass now: a bucket of one second's.
func (u *users) pass(name string, bytes int) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	who := u.by[name]
	if who == nil {
		return false
	}
	now := u.now()
	who.left = min(u.rate, who.left+u.rate*max(0, now.Sub(who.at).Seconds()))
	who.at = now
	if who.left < float64(bytes) {
		return false
	}
	who.left -= float64(bytes)
	return true
}

// empty is closed while nobody has a relay.
func (u *users) empty() <-chan struct{} {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.none
}

func (u *users) relays() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.open
}
