package stripeemu

import "strconv"

func number64(s string, otherwise int64) int64 {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	return otherwise
}

func (f *failure) as(status int, kind string) *failure { f.status, f.kind = status, kind; return f }

// refuse is a card's no, in an error and on the intent.
func (c card) refuse(field string, intent object) *failure {
	code := c.code
	if code == "" {
		code = "card_declined"
	}
	f := &failure{status: 402, kind: "card_error", code: code, decline: c.decline, text: "Your card was declined (" + c.decline + ").", intent: intent}
	intent[field] = f.lasting()
	intent["status"], intent["next_action"] = "requires_payment_method", nil
	return f
}

// lasting is the failure as an intent keeps it.
func (f *failure) lasting() object {
	return object{"type": f.kind, "code": f.code, "decline_code": f.decline, "message": "[Stripe emulator] " + f.text}
}

// challenge sends the payer to the page that stands for their bank.
func (q *request) challenge(intent object) {
	intent["status"] = "requires_action"
	url := q.e.url + "/emu/challenge/" + intent.id()
	if back := intent.text("emulated_return_url"); back != "" {
		intent["next_action"] = object{"type": "redirect_to_url", "redirect_to_url": object{"url": url, "return_url": back}}
	} else {
		intent["next_action"] = object{"type": "use_stripe_sdk", "use_stripe_sdk": object{"type": "three_d_secure_redirect", "stripe_js": url}}
	}
	q.tell(intent.text("object")+".requires_action", intent)
}

func newSetup(q *request) (object, *failure) {
	if c := q.str("customer"); c != "" && q.get("customer", c, "") == nil {
		return nil, missing("customer", c)
	}
	si := q.add("seti", "setup_intent", "", object{
		"customer": q.text("customer"), "payment_method": nil, "payment_method_types": []any{"card"}, "status": "requires_payment_method",
		"usage": "off_session", "metadata": q.metadata(), "next_action": nil, "last_setup_error": nil, "emulated_return_url": q.str("return_url"),
	})
	si["client_secret"] = si.id() + "_secret_" + token(8)
	q.tell("setup_intent.created", si)
	if q.yes("confirm") || q.str("payment_method") != "" {
		pm, f := q.method("payment_method")
		if f != nil {
			return nil, f
		}
		si["payment_method"] = pm.id()
		if q.yes("confirm") {
			return q.setUp(si, pm)
		}
		si["status"] = "requires_confirmation"
	}
	return si, nil
}

func confirmSetup(q *request) (object, *failure) {
	si := q.get("setup_intent", q.http.PathValue("id"), "")
	if si == nil {
		return nil, missing("id", q.http.PathValue("id"))
	}
	if s := si.text("status"); s == "succeeded" || s == "canceled" {
		return nil, invalid("setup_intent_unexpected_state", "", "It is "+s+".")
	}
	pm, f := q.given(si.text("payment_method"))
	if f != nil {
		return nil, f
	}
	if u := q.str("return_url"); u != "" {
		si["emulated_return_url"] = u
	}
	si["payment_method"] = pm.id()
	return q.setUp(si, pm)
}

func (q *request) setUp(si, pm object) (object, *failure) {
	c := cards[pm.text("emulated_number")]
	switch {
	case c.decline != "" && !c.attaches:
		f := c.refuse("last_setup_error", si)
		q.tell("setup_intent.setup_failed", si)
		return nil, f
	case c.authAlway || c.authUntil:
		q.challenge(si)
		return si, nil
	}
	q.saved(si)
	return si, nil
}

// saved keeps the card for when the payer is away.
func (w *world) saved(si object) {
	si["status"], si["next_action"] = "succeeded", nil
	if pm := w.objects[si.text("payment_method")]; pm != nil {
		w.keep(pm, si["customer"])
	}
	w.tell("setup_intent.succeeded", si)
}

// keep attaches a card to a customer, for when they are away.
func (w *world) keep(pm object, customer any) {
	pm["emulated_set_up"] = true
	if customer != nil && pm["customer"] != customer {
		pm["customer"] = customer
		w.tell("payment_method.attached", pm)
	}
}
