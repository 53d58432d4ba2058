package stripeemu

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// request is one call, understood.
type request struct {
	*world
	http    *http.Request
	params  url.Values
	account string // Stripe-Account
	public  bool   // with a publishable key
}

// failure is an answer that is not 200.
type failure struct {
	status  int
	kind    string // api_error, card_error, idempotency_error, invalid_request_error
	code    string
	decline string
	param   string
	text    string
	intent  object // payment_intent or setup_intent
}

func (f *failure) body() object {
	e := object{"type": f.kind, "message": "[Stripe emulator] " + f.text}
	for k, v := range map[string]string{"code": f.code, "decline_code": f.decline, "param": f.param} {
		if v != "" {
			e[k] = v
		}
	}
	if f.intent != nil {
		e[f.intent.text("object")] = clone(f.intent)
	}
	return object{"error": e}
}

func invalid(code, param, text string) *failure {
	return &failure{status: 400, kind: "invalid_request_error", code: code, param: param, text: text}
}

// noAccount is what Stripe says of an account that is not there, or another platform's: a 403.
func noAccount() *failure {
	return &failure{status: 403, kind: "invalid_request_error", code: "account_invalid", text: "The provided key does not have access to this account, or it does not exist."}
}

func missing(param, id string) *failure {
	return &failure{status: 404, kind: "invalid_request_error", code: "resource_missing", param: param, text: "No such object: '" + id + "'"}
}

func (q *request) str(name string) string { return q.params.Get(name) }

func (q *request) yes(name string) bool { return q.params.Get(name) == "true" }

// text is a parameter as JSON: null when it is not there.
func (q *request) text(name string) any {
	if s := q.params.Get(name); s != "" {
		return s
	}
	return nil
}

// amount is a positive integer parameter; fallback when it is not there, and 0 means that it must be.
func (q *request) amount(name string, fallback int64) (int64, *failure) {
	s := q.params.Get(name)
	if s == "" && fallback > 0 {
		return fallback, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if s == "" || err != nil {
		return 0, invalid("parameter_invalid_integer", name, "Invalid integer: "+s)
	}
	if n < 1 {
		return 0, invalid("parameter_invalid_integer", name, "This value must be greater than or equal to 1.")
	}
	if n > 99999999 {
		return 0, invalid("amount_too_large", name, "Amount must be no more than 99999999.")
	}
	return n, nil
}

// least is what a card is asked for at least, in the unit of the API.
var least = map[string]int64{"aed": 200, "cad": 50, "chf": 50, "eur": 50, "gbp": 30, "inr": 50, "jpy": 50, "usd": 50}

func (q *request) metadata() object {
	m := object{}
	for p, v := range q.params {
		if k, ok := strings.CutPrefix(p, "metadata["); ok {
			m[strings.TrimSuffix(k, "]")] = v[0]
		}
	}
	return m
}
