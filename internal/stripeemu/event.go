package stripeemu

import "slices"

// tell writes an event and queues it for the endpoints that listen.
func (w *world) tell(kind string, o object) {
	account := w.owner[o.id()]
	if o.text("object") == "account" {
		account = o.id() // what happens to a connected account is told as from it
	}
	snapshot, _ := clone(o).(object)
	ev := w.add("evt", "event", account, object{
		"type": kind, "api_version": apiVersion, "data": object{"object": snapshot}, "pending_webhooks": int64(1), "request": object{"id": nil, "idempotency_key": nil},
	})
	if account != "" {
		ev["account"] = account
	}
	w.post(ev)
}

func events(q *request) (object, *failure) {
	var types []string
	for p, v := range q.params {
		if p == "type" || len(p) > 5 && p[:5] == "types" {
			types = append(types, v[0])
		}
	}
	undelivered := q.str("delivery_success") == "false"
	return q.list("event", func(o object) bool {
		if len(types) > 0 && !slices.Contains(types, o.text("type")) {
			return false
		}
		return !undelivered || !q.settled[o.id()]
	})
}
