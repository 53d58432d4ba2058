package api

import (
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/store"
)

// Payment is what its payer was asked for, and what has come of it.
type Payment struct {
	ID        uuid.UUID `json:"id" format:"uuid" example:"0190b7a6-5555-7abc-8def-0123456789ab"`
	Subject   string    `json:"subject" example:"booking/019ab1b0-8c40-7abc-8def-0123456789ab" doc:"What it pays"`
	Status    string    `json:"status" enum:"open,authorised,paid,cancelled" example:"open"`
	Amount    Money     `json:"amount"`
	Captured  Money     `json:"captured" doc:"What was taken"`
	Refunded  Money     `json:"refunded" doc:"What was given back"`
	Returned  Money     `json:"returned" doc:"What was given back and the card's bank did not take: it is in the wallet"`
	Refunding Money     `json:"refunding" doc:"What is on its way back"`
	Dispute   *Disputed `json:"dispute,omitempty" doc:"Its payer's bank takes it back, or has decided about that"`
	Merchant  string    `json:"merchant,omitempty" example:"Atlas Navettes SARL" doc:"Who sells, as the payer's bank statement says"`
	Decline   string    `json:"decline,omitempty" example:"insufficient_funds" doc:"Why the last attempt was refused, while another is possible"`
	ClosesAt  time.Time `json:"closes_at" doc:"When it is called off, if nobody has paid"`
	CreatedAt time.Time `json:"created_at"`
}

// Disputed is what a payer's bank has taken back, and what it decided. Of a top-up it is out of the wallet meanwhile, and what was spent of it is owed.
type Disputed struct {
	State  string `json:"state" enum:"open,won,lost" example:"open" doc:"lost: the bank keeps it for its customer. won: the payment stands"`
	Amount Money  `json:"amount"`
}

func disputedOf(p store.Payment) *Disputed {
	money := func(minor int64) Money { return Money{minor, p.Currency} }
	switch open := p.Disputed - p.Won - p.Lost; {
	case open > 0:
		return &Disputed{"open", money(open)}
	case p.Lost > 0:
		return &Disputed{"lost", money(p.Lost)}
	case p.Won > 0:
		return &Disputed{"won", money(p.Won)}
	}
	return nil
}

// PaymentStep is a payment with what its payer has to do now.
type PaymentStep struct {
	Payment
	Next *NextStep `json:"next,omitempty" doc:"Absent when nothing is left to do"`
}

// NextStep is how a payer goes on: in a form of the acquirer's inside our page, with their bank alone, on a page of the acquirer's, or by words.
type NextStep struct {
	Kind         string            `json:"kind" enum:"form,approve,page,words" example:"form" doc:"form: a card is to be typed. approve: the card is known and its bank wants to see its owner"`
	Script       string            `json:"script,omitempty" example:"https://js.stripe.com/v3/" doc:"form, approve: the acquirer's script"`
	Key          string            `json:"key,omitempty" example:"pk_live_…" doc:"form, approve: the acquirer's publishable key"`
	ClientSecret string            `json:"client_secret,omitempty" doc:"form, approve: lets this payer, and nobody else, confirm this payment"`
	URL          string            `json:"url,omitempty" doc:"page: where to go"`
	Method       string            `json:"method,omitempty" enum:"GET,POST" doc:"page"`
	Fields       map[string]string `json:"fields,omitempty" doc:"page, by POST: to be sent as they are"`
	Instructions string            `json:"instructions,omitempty" doc:"words: an account and a reference"`
}

func paymentOf(p store.Payment) Payment {
	money := func(minor int64) Money { return Money{minor, p.Currency} }
	return Payment{ID: p.ID, Subject: p.Subject, Status: p.Status.String(), Amount: money(p.Amount), Captured: money(p.Captured), Refunded: money(p.Refunded - p.Returned), Returned: money(p.Returned),
		Refunding: money(max(0, p.Refunding+p.Elsewhere-p.Refunded)), Dispute: disputedOf(p), Decline: p.Decline, ClosesAt: p.ClosesAt.UTC(), CreatedAt: p.CreatedAt.UTC()}
}

func stepOf(s billing.Step) PaymentStep {
	out := PaymentStep{Payment: paymentOf(s.Payment)}
	out.Merchant = s.Merchant
	if !s.Payment.Status.Over() {
		out.Next = nextOf(s.Next, s.Form)
	}
	return out
}

func nextOf(n gateway.Next, form gateway.Form) *NextStep {
	switch {
	case !n.ClientSecret.IsZero():
		kind := "form"
		if n.Approve {
			kind = "approve"
		}
		return &NextStep{Kind: kind, Script: form.Script, Key: form.Key, ClientSecret: n.ClientSecret.Reveal()}
	case n.URL != "":
		return &NextStep{Kind: "page", URL: n.URL, Method: n.Method, Fields: n.Fields}
	case n.Instructions != "":
		return &NextStep{Kind: "words", Instructions: n.Instructions}
	}
	return nil
}
