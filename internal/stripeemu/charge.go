package stripeemu

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
		w.keep(pm, pi["customer"])
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

// disputeLater takes the money of the dispute card back at once: "later" is when the webhook comes.
func (w *world) disputeLater(pi, ch, pm object) {
	if pm != nil && cards[pm.text("emulated_number")].disputed {
		w.dispute(pi, ch, ch.int("amount_captured"))
	}
}
