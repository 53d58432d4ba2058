package stripeemu

func confirmPayment(q *request) (object, *failure) {
	pi := q.get("payment_intent", q.http.PathValue("id"), "")
	if pi == nil {
		return nil, missing("id", q.http.PathValue("id"))
	}
	switch s := pi.text("status"); s {
	case "requires_payment_method", "requires_confirmation", "requires_action":
	default:
		return nil, invalid("payment_intent_unexpected_state", "", "It is "+s+" already.")
	}
	pm, f := q.given(pi.text("payment_method"))
	if f != nil {
		f.intent = pi
		return nil, f
	}
	if u := q.str("return_url"); u != "" {
		pi["emulated_return_url"] = u
	}
	pi["payment_method"] = pm.id()
	return q.confirm(pi, pm, q.yes("off_session"))
}

func (q *request) confirm(pi, pm object, away bool) (object, *failure) {
	c := cards[pm.text("emulated_number")]
	switch {
	case c.decline != "":
		f := c.refuse("last_payment_error", pi)
		q.refusedCharge(pi, pm, f)
		return nil, f
	case c.authAlway || c.authUntil && !pm.flag("emulated_set_up"):
		if away {
			f := card{code: "authentication_required", decline: "authentication_required"}.refuse("last_payment_error", pi)
			q.refusedCharge(pi, pm, f)
			return nil, f
		}
		q.challenge(pi)
		return pi, nil
	}
	q.charge(pi, pm)
	return pi, nil
}

func (w *world) refusedCharge(pi, pm object, f *failure) {
	ch := w.chargeOf(pi, pm)
	ch["status"], ch["failure_code"], ch["failure_message"], ch["paid"] = "failed", f.code, f.text, false
	w.tell("charge.failed", ch)
	w.tell("payment_intent.payment_failed", pi)
}

// authenticated is what the payer did on the challenge page.
func (w *world) authenticated(intent object, yes bool) {
	if intent.text("status") != "requires_action" {
		return
	}
	setup := intent.text("object") == "setup_intent"
	field := "last_payment_error"
	if setup {
		field = "last_setup_error"
	}
	if !yes {
		f := &failure{kind: "invalid_request_error", code: intent.text("object") + "_authentication_failure", text: "The payer failed the authentication."}
		intent[field] = f.lasting()
		intent["status"], intent["next_action"] = "requires_payment_method", nil
		if setup {
			w.tell("setup_intent.setup_failed", intent)
		} else {
			w.tell("payment_intent.payment_failed", intent)
		}
		return
	}
	if setup {
		w.saved(intent)
		return
	}
	w.charge(intent, w.objects[intent.text("payment_method")])
}
