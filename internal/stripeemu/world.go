package stripeemu

import (
	"crypto/rand"
	"encoding/hex"
	"maps"
	"slices"
	"time"
)

// object is something of Stripe's, as its JSON.
type object map[string]any

func (o object) id() string           { return o.text("id") }
func (o object) text(k string) string { s, _ := o[k].(string); return s }
func (o object) flag(k string) bool   { b, _ := o[k].(bool); return b }
func (o object) int(k string) int64   { n, _ := o[k].(int64); return n }

// sub is an object inside; never nil, and lost when it was not there.
func (o object) sub(k string) object {
	if s, ok := o[k].(object); ok {
		return s
	}
	return object{}
}

// world is one Stripe account with its connected accounts. Guarded by the emulator's mu.
type world struct {
	e         *Emulator
	name      string // the X of sk_test_X
	id        string
	objects   map[string]object
	order     map[string][]string // ids of a kind, as they were made
	timed     map[string]bool     // what time will change: holds, payouts on their way
	owner     map[string]string
	answers   map[string]answer // by account and idempotency key
	endpoints []Endpoint
	links     map[string]link
	settled   map[string]bool // undelivered events are not in it
}

func (e *Emulator) world(name string) *world {
	w := e.worlds[name]
	if w == nil {
		w = &world{
			e: e, name: name, id: "acct_" + token(8), objects: map[string]object{}, order: map[string][]string{}, timed: map[string]bool{}, owner: map[string]string{}, answers: map[string]answer{},
			links: map[string]link{}, settled: map[string]bool{},
		}
		e.worlds[name] = w
	}
	return w
}

func token(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // crypto/rand does not fail
	return hex.EncodeToString(b)
}

// add makes an object: of the platform, or of the connected account.
func (w *world) add(prefix, kind, account string, o object) object {
	o["id"], o["object"], o["livemode"] = prefix+"_"+token(12), kind, false
	if _, ok := o["created"]; !ok {
		o["created"] = w.e.now().Unix()
	}
	w.objects[o.id()] = o
	w.order[kind] = append(w.order[kind], o.id())
	w.owner[o.id()] = account
	return o
}

// get is an object of a kind that the account may see, or nil.
func (w *world) get(kind, id, account string) object {
	o := w.objects[id]
	if o == nil || o.text("object") != kind || w.owner[id] != account {
		return nil
	}
	return o
}

// all is the objects of a kind, newest first.
func (w *world) all(kind, account string, keep func(object) bool) []object {
	var out []object
	for _, id := range slices.Backward(w.order[kind]) {
		if o := w.get(kind, id, account); o != nil && (keep == nil || keep(o)) {
			out = append(out, o)
		}
	}
	return out
}

// sweep does what time does.
func (w *world) sweep() {
	now := w.e.now().Unix()
	for _, id := range slices.Sorted(maps.Keys(w.timed)) {
		switch o := w.objects[id]; o.text("object") {
		case "payment_intent":
			w.expire(o, now)
		case "payout":
			w.arrive(o, now)
		}
	}
}

// expire releases a hold that nobody captured in time.
func (w *world) expire(pi object, now int64) {
	if pi.text("status") != "requires_capture" {
		delete(w.timed, pi.id())
		return
	}
	ch := w.objects[pi.text("latest_charge")]
	if capturable(ch) > now {
		return
	}
	delete(w.timed, pi.id())
	pi["status"], pi["amount_capturable"], pi["canceled_at"], pi["cancellation_reason"] = "canceled", int64(0), now, "automatic"
	ch["refunded"], ch["amount_refunded"] = true, ch.int("amount")
	w.tell("charge.expired", ch)
	w.tell("payment_intent.canceled", pi)
}

func (w *world) arrive(po object, now int64) {
	if po.text("status") == "pending" && po.int("arrival_date") > now {
		return
	}
	delete(w.timed, po.id())
	if po.text("status") == "pending" {
		po["status"] = "paid"
		w.tell("payout.paid", po)
	}
}

func capturable(charge object) int64 {
	return charge.sub("payment_method_details").sub("card").int("capture_before")
}

const (
	holdFor    = 7 * 24 * time.Hour
	settleIn   = 2 * 24 * time.Hour
	arriveIn   = 24 * time.Hour
	apiVersion = "2023-10-16"
)

// move writes a balance transaction.
func (w *world) move(account, kind, source, currency string, amount, fee int64, wait time.Duration) object {
	return w.add("txn", "balance_transaction", account, object{
		"amount": amount, "fee": fee, "net": amount - fee, "currency": currency, "type": kind, "source": source, "status": "pending",
		"available_on": w.e.now().Add(wait).Unix(), "reporting_category": kind, "fee_details": []any{}, "description": nil,
	})
}

// available is what an account could send away now.
func (w *world) available(account, currency string) (sum int64) {
	for _, b := range w.all("balance_transaction", account, nil) {
		if b.text("currency") == currency && (b.int("available_on") <= w.e.now().Unix() || b.int("net") < 0) {
			sum += b.int("net")
		}
	}
	return sum
}

// clone is deep enough for what is sent out while the original changes.
func clone(v any) any {
	switch v := v.(type) {
	case object:
		c := maps.Clone(v)
		for k := range c {
			c[k] = clone(c[k])
		}
		return c
	case []any:
		c := slices.Clone(v)
		for i := range c {
			c[i] = clone(c[i])
		}
		return c
	}
	return v
}
