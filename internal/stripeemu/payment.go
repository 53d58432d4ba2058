package stripeemu

func newPayment(q *request) (object, *failure) {
	amount, f := q.amount("amount", 0)
	if f != nil {
		return nil, f
	}
	if f := q.currency(); f != nil {
		return nil, f
	}
	if amount < least[q.str("currency")] {
		return nil, invalid("amount_too_small", "amount", "Amount must be no less than the least of its currency.")
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
