package stripeemu

import "maps"

func newTransfer(q *request) (object, *failure) {
	amount, f := q.amount("amount", 0)
	if f != nil {
		return nil, f
	}
	if f := q.currency(); f != nil {
		return nil, f
	}
	dest := q.get("account", q.str("destination"), "")
	if dest == nil {
		return nil, missing("destination", q.str("destination")).as(400, "invalid_request_error")
	}
	if dest.sub("capabilities").text("transfers") != "active" {
		return nil, invalid("insufficient_capabilities_for_transfer", "destination", "Your destination account needs the transfers capability.")
	}
	if src := q.str("source_transaction"); src != "" {
		ch := q.get("charge", src, "")
		if ch == nil {
			return nil, missing("source_transaction", src).as(400, "invalid_request_error")
		}
		sent := amount
		for _, tr := range q.all("transfer", "", func(o object) bool { return o.text("source_transaction") == src }) {
			sent += tr.int("amount") - tr.int("amount_reversed")
		}
		if sent > ch.int("amount_captured") || ch.text("currency") != q.str("currency") {
			return nil, invalid("transfer_source_balance_parameters_mismatch", "amount", "The transfers of a charge are in its currency and at most its amount.")
		}
	} else if q.available("", q.str("currency")) < amount {
		return nil, invalid("balance_insufficient", "amount", "You have insufficient available funds; name the charge in source_transaction, or wait.")
	}
	tr := q.add("tr", "transfer", "", object{
		"amount": amount, "amount_reversed": int64(0), "currency": q.str("currency"), "destination": dest.id(), "source_transaction": q.text("source_transaction"),
		"transfer_group": q.text("transfer_group"), "description": q.text("description"), "metadata": q.metadata(), "reversed": false,
	})
	q.move("", "transfer", tr.id(), q.str("currency"), -amount, 0, 0)
	wait := settleIn
	if q.str("source_transaction") == "" {
		wait = 0
	}
	q.move(dest.id(), "payment", tr.id(), q.str("currency"), amount, 0, wait)
	q.tell("transfer.created", tr)
	return tr, nil
}

func reverse(q *request) (object, *failure) {
	tr := q.get("transfer", q.http.PathValue("id"), "")
	if tr == nil {
		return nil, missing("id", q.http.PathValue("id"))
	}
	left := tr.int("amount") - tr.int("amount_reversed")
	if left == 0 {
		return nil, invalid("transfer_already_reversed", "", "It is reversed already.")
	}
	amount, f := q.amount("amount", left)
	if f != nil {
		return nil, f
	}
	if amount > left {
		return nil, invalid("amount_too_large", "amount", "It is more than what is left of the transfer.")
	}
	return q.reversed(tr, amount, q.metadata()), nil
}

func reversals(q *request) (object, *failure) {
	return q.list("transfer_reversal", func(o object) bool { return o.text("transfer") == q.http.PathValue("id") })
}

func oneReversal(q *request) (object, *failure) {
	r := q.get("transfer_reversal", q.http.PathValue("reversal"), "")
	if r == nil || r.text("transfer") != q.http.PathValue("id") {
		return nil, missing("id", q.http.PathValue("reversal"))
	}
	return r, nil
}

func newPayout(q *request) (object, *failure) {
	amount, f := q.amount("amount", 0)
	if f != nil {
		return nil, f
	}
	if f := q.currency(); f != nil {
		return nil, f
	}
	if q.account != "" && !q.get("account", q.account, "").flag("payouts_enabled") {
		return nil, invalid("payouts_not_allowed", "", "Payouts are not enabled on this account.")
	}
	if q.available(q.account, q.str("currency")) < amount {
		return nil, invalid("balance_insufficient", "amount", "You have insufficient available funds for this payout.")
	}
	return q.payOut(q.account, q.str("currency"), amount, object{"metadata": q.metadata(), "statement_descriptor": q.text("statement_descriptor")}), nil
}

func (w *world) payOut(account, currency string, amount int64, more object) object {
	po := object{
		"amount": amount, "currency": currency, "status": "pending", "arrival_date": w.e.now().Add(arriveIn).Unix(), "method": "standard", "type": "bank_account",
		"automatic": false, "failure_code": nil, "failure_message": nil, "metadata": object{}, "statement_descriptor": nil,
	}
	maps.Copy(po, more)
	w.add("po", "payout", account, po)
	w.timed[po.id()] = true
	w.move(account, "payout", po.id(), currency, -amount, 0, 0)
	w.tell("payout.created", po)
	return po
}
