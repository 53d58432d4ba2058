package stripeemu

func newPayment(q *request) (object, *failure) {
	amount, f := q.amount("amount", 0)
	if f != nil {
		return nil, f
	}
	if f := q.currency(); f != nil {
		return nil, f
	}
	if c := q.str("customer"); c != "" && q.get("customer", c, "") == nil {
		return nil, missing("customer", c).as(400, "invalid_request_error")
	}
	fee, f := q.shared(amount)
	if f != nil {
		return nil, f
	}
	pm, f := q.named()
	if f != nil {
		return nil, f
	}
	method := "automatic"
	if q.str("capture_method") == "manual" {
		method = "manual"
	}
	pi := q.add("pi", "payment_intent", "", object{
		"amount": amount, "amount_capturable": int64(0), "amount_received": int64(0), "currency": q.str("currency"), "capture_method": method,
		"confirmation_method": "automatic", "customer": q.text("customer"), "description": q.text("description"), "metadata": q.metadata(),
		"payment_method": nil, "payment_method_types": []any{"card"}, "status": "requires_payment_method", "latest_charge": nil, "last_payment_error": nil,
		"next_action": nil, "application_fee_amount": fee, "transfer_data": nil, "transfer_group": q.text("transfer_group"), "on_behalf_of": q.text("on_behalf_of"),
		"receipt_email": q.text("receipt_email"), "setup_future_usage": q.text("setup_future_usage"), "canceled_at": nil, "cancellation_reason": nil,
		"emulated_return_url": q.str("return_url"),
	})
	pi["client_secret"] = pi.id() + "_secret_" + token(8)
	if d := q.str("transfer_data[destination]"); d != "" {
		pi["transfer_data"] = object{"destination": d}
	}
	q.tell("payment_intent.created", pi)
	if pm == nil {
		return pi, nil
	}
	pi["payment_method"] = pm.id()
	if !q.yes("confirm") {
		pi["status"] = "requires_confirmation"
		return pi, nil
	}
	return q.confirm(pi, pm, q.yes("off_session"))
}

// named is the method of a new payment, checked before anything is made; nil: none was named.
func (q *request) named() (object, *failure) {
	if q.str("payment_method") == "" {
		if q.yes("confirm") {
			return nil, invalid("parameter_missing", "payment_method", "You cannot confirm without a payment method.")
		}
		return nil, nil
	}
	pm, f := q.method("payment_method")
	if f != nil {
		return nil, f.as(400, "invalid_request_error")
	}
	if pm["customer"] != nil && pm["customer"] != q.text("customer") {
		return nil, invalid("", "payment_method", "The payment method belongs to another customer.")
	}
	return pm, nil
}

func (q *request) currency() *failure {
	if c := q.str("currency"); len(c) != 3 || c[0] < 'a' || c[0] > 'z' {
		return invalid("", "currency", "Invalid currency: "+c+": three letters, lower case.")
	}
	return nil
}

// shared checks a split: the destination may receive, the fee fits.
func (q *request) shared(amount int64) (fee any, f *failure) {
	d := q.str("transfer_data[destination]")
	if d != "" {
		acct := q.get("account", d, "")
		if acct == nil {
			return nil, missing("transfer_data[destination]", d).as(400, "invalid_request_error")
		}
		if acct.sub("capabilities").text("transfers") != "active" {
			return nil, invalid("insufficient_capabilities_for_transfer", "transfer_data[destination]", "Your destination account needs the transfers capability.")
		}
	}
	if q.str("application_fee_amount") == "" {
		return nil, nil
	}
	n := number64(q.str("application_fee_amount"), -1)
	if d == "" || n < 1 || n > amount {
		return nil, invalid("", "application_fee_amount", "An application fee needs a destination and is 1 to the amount.")
	}
	return n, nil
}

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

func (w *world) chargeOf(pi, pm object) object {
	card, _ := clone(pm.sub("card")).(object)
	ch := w.add("ch", "charge", "", object{
		"amount": pi["amount"], "amount_captured": int64(0), "amount_refunded": int64(0), "currency": pi["currency"], "customer": pi["customer"],
		"payment_intent": pi.id(), "payment_method": pm.id(), "captured": false, "refunded": false, "disputed": false, "paid": true, "status": "succeeded",
		"application_fee": nil, "application_fee_amount": nil, "transfer": nil, "transfer_group": pi["transfer_group"], "balance_transaction": nil,
		"metadata": object{}, "payment_method_details": object{"type": "card", "card": card},
	})
	pi["latest_charge"] = ch.id()
	return ch
}

// charge takes or holds the money: the bank has said yes.
func (w *world) charge(pi, pm object) {
	pi["last_payment_error"], pi["next_action"] = nil, nil
	if pi["setup_future_usage"] != nil {
		pm["emulated_set_up"] = true
		if pi["customer"] != nil {
			pm["customer"] = pi["customer"]
		}
	}
	ch := w.chargeOf(pi, pm)
	if pi.text("capture_method") == "manual" {
		pi["status"], pi["amount_capturable"] = "requires_capture", pi["amount"]
		w.timed[pi.id()] = true
		ch.sub("payment_method_details").sub("card")["capture_before"] = w.e.now().Add(holdFor).Unix()
		w.tell("charge.succeeded", ch)
		w.tell("payment_intent.amount_capturable_updated", pi)
		return
	}
	w.take(pi, ch, pi.int("amount"), pi.int("application_fee_amount"))
	w.tell("charge.succeeded", ch)
	w.tell("payment_intent.succeeded", pi)
	w.disputeLater(pi, ch, pm)
}

// take moves the money of a charge, shared as the intent says.
func (w *world) take(pi, ch object, amount, fee int64) {
	currency := pi.text("currency")
	pi["status"], pi["amount_received"], pi["amount_capturable"] = "succeeded", amount, int64(0)
	ch["captured"], ch["amount_captured"], ch["amount_refunded"] = true, amount, ch.int("amount")-amount
	cost := amount*29/1000 + 30
	ch["balance_transaction"] = w.move("", "charge", ch.id(), currency, amount, min(cost, amount), settleIn).id()
	dest := pi.sub("transfer_data").text("destination")
	if dest == "" {
		return
	}
	tr := w.add("tr", "transfer", "", object{
		"amount": amount, "amount_reversed": int64(0), "currency": currency, "destination": dest, "source_transaction": ch.id(), "reversed": false,
		"transfer_group": pi["transfer_group"], "metadata": object{}, "description": nil,
	})
	ch["transfer"] = tr.id()
	w.move("", "transfer", tr.id(), currency, -amount, 0, 0)
	w.move(dest, "payment", ch.id(), currency, amount, fee, settleIn)
	w.tell("transfer.created", tr)
	if fee == 0 {
		return
	}
	af := w.add("fee", "application_fee", "", object{
		"amount": fee, "amount_refunded": int64(0), "currency": currency, "account": dest, "charge": ch.id(), "refunded": false,
	})
	ch["application_fee"], ch["application_fee_amount"] = af.id(), fee
	w.move("", "application_fee", af.id(), currency, fee, 0, settleIn)
	w.tell("application_fee.created", af)
}

// update changes the fee of what is not captured yet; empty takes it off.
func update(q *request) (object, *failure) {
	pi := q.get("payment_intent", q.http.PathValue("id"), "")
	if pi == nil {
		return nil, missing("id", q.http.PathValue("id"))
	}
	if s := pi.text("status"); s == "succeeded" || s == "canceled" {
		return nil, invalid("payment_intent_unexpected_state", "", "It cannot be updated because it is "+s+".")
	}
	if s, said := q.params["application_fee_amount"]; said {
		pi["application_fee_amount"] = nil
		if s[0] != "" {
			n := number64(s[0], -1)
			if n < 1 || n > pi.int("amount") || pi["transfer_data"] == nil {
				return nil, invalid("", "application_fee_amount", "A fee needs a destination and is 1 to the amount.")
			}
			pi["application_fee_amount"] = n
		}
	}
	return pi, nil
}

func capture(q *request) (object, *failure) {
	pi := q.get("payment_intent", q.http.PathValue("id"), "")
	if pi == nil {
		return nil, missing("id", q.http.PathValue("id"))
	}
	if s := pi.text("status"); s != "requires_capture" {
		f := invalid("payment_intent_unexpected_state", "", "It could not be captured because it is "+s+".")
		f.intent = pi
		return nil, f
	}
	amount, f := q.amount("amount_to_capture", pi.int("amount_capturable"))
	if f != nil {
		return nil, f
	}
	if amount > pi.int("amount_capturable") {
		return nil, invalid("amount_too_large", "amount_to_capture", "It is more than what is held.")
	}
	fee := min(pi.int("application_fee_amount"), amount) // the whole fee of the smaller amount, unless we are told
	if s := q.str("application_fee_amount"); s != "" {
		if pi["transfer_data"] == nil {
			return nil, invalid("", "application_fee_amount", "Can only apply an application_fee_amount to a destination payment.")
		}
		if fee = number64(s, -1); fee < 1 || fee > amount {
			return nil, invalid("parameter_invalid_integer", "application_fee_amount", "The fee is 1 to the amount that is captured.")
		}
	}
	ch := q.objects[pi.text("latest_charge")]
	q.take(pi, ch, amount, fee)
	q.tell("charge.captured", ch)
	q.tell("payment_intent.succeeded", pi)
	q.disputeLater(pi, ch, q.objects[pi.text("payment_method")])
	return pi, nil
}

func cancel(q *request) (object, *failure) {
	pi := q.get("payment_intent", q.http.PathValue("id"), "")
	if pi == nil {
		return nil, missing("id", q.http.PathValue("id"))
	}
	switch s := pi.text("status"); s {
	case "succeeded", "canceled", "processing":
		f := invalid("payment_intent_unexpected_state", "", "You cannot cancel it because it is "+s+".")
		f.intent = pi
		return nil, f
	}
	switch r := q.str("cancellation_reason"); r {
	case "", "duplicate", "fraudulent", "requested_by_customer", "abandoned":
	default:
		return nil, invalid("", "cancellation_reason", "Invalid cancellation_reason: "+r)
	}
	pi["status"], pi["amount_capturable"], pi["canceled_at"], pi["cancellation_reason"] = "canceled", int64(0), q.e.now().Unix(), q.text("cancellation_reason")
	pi["next_action"] = nil
	if ch := q.objects[pi.text("latest_charge")]; ch != nil && ch.text("status") == "succeeded" {
		ch["refunded"], ch["amount_refunded"] = true, ch["amount"]
	}
	q.tell("payment_intent.canceled", pi)
	return pi, nil
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

// disputeLater takes the money of the dispute card back at once: "later" is when the webhook comes.
func (w *world) disputeLater(pi, ch, pm object) {
	if pm != nil && cards[pm.text("emulated_number")].disputed {
		w.dispute(pi, ch)
	}
}
