package stripeemu

import (
	"maps"
	"slices"
	"time"
)

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

// PayOut is Stripe's daily schedule: all that is available goes to the operator's bank, each currency by itself.
func (e *Emulator) PayOut(secretKey string) (ids []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	w := e.world(nameOf(secretKey))
	currencies := map[string]bool{}
	for _, b := range w.all("balance_transaction", "", nil) {
		currencies[b.text("currency")] = true
	}
	for _, c := range slices.Sorted(maps.Keys(currencies)) {
		if amount := w.available("", c); amount > 0 {
			ids = append(ids, w.payOut("", c, amount, object{"automatic": true}).id())
		}
	}
	return ids
}
