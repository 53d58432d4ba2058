package stripeemu

import "time"

const disputeFee = 1500

// dispute is the payer's bank taking so much of a charge back.
func (w *world) dispute(pi, ch object, amount int64) {
	d := w.add("dp", "dispute", "", object{
		"amount": amount, "currency": ch["currency"], "charge": ch.id(), "payment_intent": pi.id(), "reason": "fraudulent", "status": "needs_response",
		"evidence_details":     object{"due_by": w.e.now().Add(7 * 24 * time.Hour).Unix(), "has_evidence": false, "past_due": false, "submission_count": int64(0)},
		"is_charge_refundable": false, "metadata": object{}, "evidence": object{}, "balance_transactions": []any{},
	})
	ch["disputed"] = true
	w.move("", "adjustment", d.id(), ch.text("currency"), -amount, disputeFee, 0)
	w.tell("charge.dispute.created", d)
	w.tell("charge.dispute.funds_withdrawn", d)
}

// won says that a charge's dispute was decided for the seller, who may give the money back then.
func (w *world) won(charge string) bool {
	for _, d := range w.objects {
		if d.text("object") == "dispute" && d.text("charge") == charge && d.text("status") == "won" {
			return true
		}
	}
	return false
}

// DisputePayment takes a captured payment back.
func (e *Emulator) DisputePayment(id string) { e.DisputePart(id, 0) }

// DisputePart takes so much of a captured payment back; 0: all of it.
func (e *Emulator) DisputePart(id string, amount int64) {
	e.on("payment_intent", id, func(w *world, pi object) {
		if ch := w.objects[pi.text("latest_charge")]; ch != nil && ch.flag("captured") && !ch.flag("disputed") {
			if amount == 0 {
				amount = ch.int("amount_captured")
			}
			w.dispute(pi, ch, amount)
		}
	})
}

// CloseDispute is the bank's word: won, and the amount comes back (its fee does not), or lost.
func (e *Emulator) CloseDispute(id string, won bool) {
	e.on("dispute", id, func(w *world, d object) {
		if s := d.text("status"); s == "won" || s == "lost" {
			return
		}
		d["status"] = "lost"
		if won {
			d["status"] = "won"
			w.move("", "adjustment", d.id(), d.text("currency"), d.int("amount"), 0, 0)
			w.tell("charge.dispute.funds_reinstated", d)
		}
		w.tell("charge.dispute.closed", d)
	})
}

// FailPayout is the bank sending a payout back.
func (e *Emulator) FailPayout(id string) {
	e.on("payout", id, func(w *world, po object) {
		if po.text("status") == "failed" {
			return
		}
		po["status"], po["failure_code"], po["failure_message"] = "failed", "account_closed", "The bank account has been closed."
		w.move(w.owner[id], "payout_failure", id, po.text("currency"), po.int("amount"), 0, 0)
		w.tell("payout.failed", po)
	})
}

// on does something to an object of a kind, whosever it is.
func (e *Emulator) on(kind, id string, do func(*world, object)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, w := range e.worlds {
		if o := w.objects[id]; o != nil && o.text("object") == kind {
			do(w, o)
		}
	}
}

// Objects is what an account has of a kind (payment_intent, charge, refund, transfer …), newest first, for tests.
func (e *Emulator) Objects(secretKey, kind string) []map[string]any {
	return e.ObjectsOf(secretKey, "", kind)
}

// ObjectsOf is Objects of a connected account.
func (e *Emulator) ObjectsOf(secretKey, account, kind string) []map[string]any {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []map[string]any
	for _, o := range e.world(nameOf(secretKey)).all(kind, account, nil) {
		c, _ := clone(o).(object)
		out = append(out, c)
	}
	return out
}
