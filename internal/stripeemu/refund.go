package stripeemu

func newRefund(q *request) (object, *failure) {
	ch := q.get("charge", q.str("charge"), "")
	if pi := q.get("payment_intent", q.str("payment_intent"), ""); pi != nil {
		ch = q.objects[pi.text("latest_charge")]
	}
	if ch == nil {
		return nil, missing("payment_intent", q.str("payment_intent")+q.str("charge"))
	}
	if !ch.flag("captured") {
		return nil, invalid("charge_not_captured", "payment_intent", "Nothing was captured.")
	}
	if ch.flag("disputed") && !q.won(ch.id()) {
		return nil, invalid("charge_disputed", "payment_intent", "The charge is disputed.")
	}
	left := ch.int("amount") - ch.int("amount_refunded")
	if left == 0 {
		return nil, invalid("charge_already_refunded", "payment_intent", "It is refunded already.")
	}
	amount, f := q.amount("amount", left)
	if f != nil {
		return nil, f
	}
	if amount > left {
		return nil, invalid("amount_too_large", "amount", "Refund amount is greater than what is left on the charge.")
	}
	if q.yes("reverse_transfer") && ch["transfer"] == nil {
		return nil, invalid("", "reverse_transfer", "The charge has no transfer.")
	}
	if q.yes("refund_application_fee") && ch["application_fee"] == nil {
		return nil, invalid("", "refund_application_fee", "The charge has no application fee.")
	}
	status := "succeeded"
	if q.e.slow {
		status = "pending"
	}
	r := q.add("re", "refund", "", object{
		"amount": amount, "currency": ch["currency"], "charge": ch.id(), "payment_intent": ch["payment_intent"], "status": status, "reason": q.text("reason"),
		"metadata": q.metadata(), "transfer_reversal": nil, "balance_transaction": nil,
	})
	ch["amount_refunded"] = ch.int("amount_refunded") + amount
	ch["refunded"] = ch.int("amount_refunded") == ch.int("amount")
	r["balance_transaction"] = q.move("", "refund", r.id(), ch.text("currency"), -amount, 0, 0).id()
	if q.yes("reverse_transfer") {
		tr := q.objects[ch.text("transfer")]
		part := share(tr.int("amount"), amount, ch.int("amount_captured"), tr.int("amount")-tr.int("amount_reversed"))
		r["transfer_reversal"] = q.reversed(tr, part, object{}).id()
	}
	if q.yes("refund_application_fee") {
		af := q.objects[ch.text("application_fee")]
		q.feeBack(af, share(af.int("amount"), amount, ch.int("amount_captured"), af.int("amount")-af.int("amount_refunded")))
	}
	q.tell("charge.refunded", ch)
	q.tell("refund.created", r)
	return r, nil
}

// SlowRefunds has refunds wait for the payer's bank, until SettleRefund or FailRefund says what it did.
func (e *Emulator) SlowRefunds(slow bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.slow = slow
}

// SettleRefund is the bank's word that a refund has arrived.
func (e *Emulator) SettleRefund(id string) {
	e.on("refund", id, func(w *world, r object) {
		if r.text("status") != "pending" {
			return
		}
		r["status"] = "succeeded"
		w.tell("charge.refund.updated", r)
		w.tell("refund.updated", r)
	})
}

// FailRefund is the bank sending a refund back, also one that had succeeded: the charge counts it no more, and the money is on
// the balance again.
func (e *Emulator) FailRefund(id string) {
	e.on("refund", id, func(w *world, r object) {
		ch := w.objects[r.text("charge")]
		if r.text("status") == "failed" || ch == nil {
			return
		}
		r["status"], r["failure_reason"] = "failed", "expired_or_canceled_card"
		ch["amount_refunded"], ch["refunded"] = ch.int("amount_refunded")-r.int("amount"), false
		r["failure_balance_transaction"] = w.move("", "refund_failure", r.id(), ch.text("currency"), r.int("amount"), 0, 0).id()
		w.tell("charge.refund.updated", r)
		w.tell("refund.failed", r)
	})
}

// share is part/whole of n, at most what is left.
func share(n, part, whole, left int64) int64 {
	if part == whole {
		return left
	}
	return min((n*part+whole/2)/whole, left)
}

func (w *world) feeBack(af object, n int64) {
	if n == 0 {
		return
	}
	af["amount_refunded"] = af.int("amount_refunded") + n
	af["refunded"] = af.int("amount_refunded") == af.int("amount")
	w.move("", "application_fee_refund", af.id(), af.text("currency"), -n, 0, 0)
	w.move(af.text("account"), "application_fee_refund", af.id(), af.text("currency"), n, 0, 0)
	w.tell("application_fee.refunded", af)
}

func (w *world) reversed(tr object, n int64, meta object) object {
	tr["amount_reversed"] = tr.int("amount_reversed") + n
	tr["reversed"] = tr.int("amount_reversed") == tr.int("amount")
	r := w.add("trr", "transfer_reversal", "", object{"amount": n, "currency": tr["currency"], "transfer": tr.id(), "metadata": meta})
	w.move("", "transfer_refund", r.id(), tr.text("currency"), n, 0, 0)
	w.move(tr.text("destination"), "payment_refund", r.id(), tr.text("currency"), -n, 0, 0)
	w.tell("transfer.reversed", tr)
	return r
}
