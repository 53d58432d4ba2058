package stripeemu

import "strings"

// card is what a test card does. The numbers are Stripe's (https://docs.stripe.com/testing).
type card struct {
	brand     string
	decline   string // decline code, or empty
	code      string // error code; card_declined if empty
	authAlway bool   // 3-D Secure at every payment
	authUntil bool   // 3-D Secure until it was set up
	disputed  bool
	attaches  bool // it can be saved, and declines when it is charged
}

var cards = map[string]card{
	"4242424242424242": {brand: "visa"},
	"5555555555554444": {brand: "mastercard"},
	"4000000000000002": {brand: "visa", decline: "generic_decline"},
	"4000000000009995": {brand: "visa", decline: "insufficient_funds"},
	"4000000000000341": {brand: "visa", decline: "generic_decline", attaches: true},
	"4000000000009987": {brand: "visa", decline: "lost_card"},
	"4000000000006975": {brand: "visa", decline: "card_velocity_exceeded"},
	"4000000000000069": {brand: "visa", decline: "expired_card", code: "expired_card"},
	"4000000000000127": {brand: "visa", decline: "incorrect_cvc", code: "incorrect_cvc"},
	"4000000000000119": {brand: "visa", decline: "processing_error", code: "processing_error"},
	"4000002760003184": {brand: "visa", authAlway: true},
	"4000000000003220": {brand: "visa", authAlway: true},
	"4000002500003155": {brand: "visa", authUntil: true},
	"4000000000000259": {brand: "visa", disputed: true},
}

// tokens are Stripe's ready-made payment methods.
var tokens = map[string]string{
	"pm_card_visa": "4242424242424242", "pm_card_mastercard": "5555555555554444",
	"pm_card_chargeDeclined": "4000000000000002", "pm_card_visa_chargeDeclined": "4000000000000002",
	"pm_card_chargeDeclinedInsufficientFunds": "4000000000009995", "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
	"pm_card_visa_chargeDeclinedLostCard": "4000000000009987", "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
	"pm_card_chargeDeclinedIncorrectCvc": "4000000000000127", "pm_card_chargeDeclinedProcessingError": "4000000000000119",
	"pm_card_visa_chargeDeclinedVelocityLimitExceeded": "4000000000006975",
	"pm_card_authenticationRequired":                   "4000002760003184", "pm_card_threeDSecure2Required": "4000000000003220",
	"pm_card_authenticationRequiredOnSetup": "4000002500003155", "pm_card_createDispute": "4000000000000259",
	"pm_card_chargeCustomerFail": "4000000000000341",
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

func newMethod(q *request) (object, *failure) {
	return q.card(q.str("card[number]"), q.str("card[exp_month]"), q.str("card[exp_year]"))
}

// card makes a payment method; the number is kept aside, as a vault would.
func (q *request) card(number, month, year string) (object, *failure) {
	number = digits(number)
	c, ok := cards[number]
	if !ok {
		return nil, &failure{status: 402, kind: "card_error", code: "incorrect_number", param: "number", text: "Your card number is incorrect: use one of the test cards."}
	}
	m, y := int64(12), int64(q.e.now().Year()+3)
	if len(month) > 0 && len(month) < 3 {
		m = number64(month, m)
	}
	if len(year) == 2 || len(year) == 4 {
		y = number64(year, y)
		if y < 100 {
			y += 2000
		}
	}
	if m < 1 || m > 12 {
		return nil, &failure{status: 402, kind: "card_error", code: "invalid_expiry_month", param: "exp_month", text: "Your card's expiration month is invalid."}
	}
	if now := q.e.now(); y < int64(now.Year()) || y == int64(now.Year()) && m < int64(now.Month()) {
		return nil, &failure{status: 402, kind: "card_error", code: "invalid_expiry_year", param: "exp_year", text: "Your card's expiration year is invalid."}
	}
	return q.add("pm", "payment_method", "", object{
		"type": "card", "customer": nil, "billing_details": object{}, "metadata": object{}, "emulated_number": number, "emulated_set_up": false,
		"card": object{"brand": c.brand, "last4": number[len(number)-4:], "exp_month": m, "exp_year": y, "funding": "credit", "country": "MA"},
	}), nil
}

// method is the payment method that a parameter names: an id, or a ready-made one, which becomes one of its own.
func (q *request) method(param string) (object, *failure) {
	id := q.str(param)
	if number, ok := tokens[id]; ok {
		return q.card(number, "", "")
	}
	pm := q.get("payment_method", id, "")
	if pm == nil {
		return nil, missing(param, id)
	}
	return pm, nil
}

// given is the method of a confirmation: named, or entered in the browser.
func (q *request) given(before string) (object, *failure) {
	switch {
	case q.str("payment_method") != "":
		return q.method("payment_method")
	case q.str("payment_method_data[card][number]") != "":
		return q.card(q.str("payment_method_data[card][number]"), q.str("payment_method_data[card][exp_month]"), q.str("payment_method_data[card][exp_year]"))
	}
	if pm := q.get("payment_method", before, ""); pm != nil {
		return pm, nil
	}
	return nil, invalid("parameter_missing", "payment_method", "You cannot confirm without a payment method.")
}

func methodsOf(q *request) (object, *failure) {
	return q.list("payment_method", func(o object) bool { return q.str("customer") != "" && o.text("customer") == q.str("customer") })
}

func attach(q *request) (object, *failure) {
	q.params.Set("payment_method", q.http.PathValue("id"))
	pm, f := q.method("payment_method")
	if f != nil {
		return nil, f
	}
	if q.get("customer", q.str("customer"), "") == nil {
		return nil, missing("customer", q.str("customer"))
	}
	pm["customer"] = q.str("customer")
	return pm, nil
}

// changed is what a bank does when it renews a card.
func changed(q *request) (object, *failure) {
	pm := q.get("payment_method", q.http.PathValue("id"), "")
	if pm == nil {
		return nil, missing("id", q.http.PathValue("id"))
	}
	card := pm.sub("card")
	card["exp_month"], card["exp_year"] = number64(q.str("card[exp_month]"), card.int("exp_month")), number64(q.str("card[exp_year]"), card.int("exp_year"))
	q.tell("payment_method.updated", pm)
	return pm, nil
}

func detach(q *request) (object, *failure) {
	pm := q.get("payment_method", q.http.PathValue("id"), "")
	if pm == nil {
		return nil, missing("id", q.http.PathValue("id"))
	}
	if pm["customer"] == nil {
		return nil, invalid("", "id", "The payment method is not attached to a customer.")
	}
	pm["customer"] = nil
	q.tell("payment_method.detached", pm)
	return pm, nil
}

func newCustomer(q *request) (object, *failure) {
	c := q.add("cus", "customer", "", object{"name": q.text("name"), "email": q.text("email"), "metadata": q.metadata()})
	q.tell("customer.created", c)
	return c, nil
}
