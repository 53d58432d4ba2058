package stripeemu

import "time"

// Move writes a balance transaction that none of our calls has made: something on Stripe's own pages, or a mistake. It is
// about the object that is named, if there is one.
func (e *Emulator) Move(secretKey, kind, source, currency string, amount, fee int64) (id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.world(nameOf(secretKey)).move("", kind, source, currency, amount, fee, 2*time.Hour).id()
}

// Heal takes back what Inject has left.
func (e *Emulator) Heal() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = nil
}
