package stripeemu

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
