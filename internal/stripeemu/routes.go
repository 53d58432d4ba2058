package stripeemu

import "net/http"

const page = "limit starting_after ending_before created"

// routes is everything that the emulator answers.
func (e *Emulator) routes() {
	for pattern, v := range map[string]verb{
		"POST /v1/customers":     {params: "name email preferred_locales metadata", do: newCustomer},
		"GET /v1/customers/{id}": {do: one("customer")},
		"GET /v1/customers":      {params: page + " email", do: many("customer")},

		"POST /v1/payment_methods":             {params: "type card", do: newMethod},
		"GET /v1/payment_methods":              {params: page + " customer type", do: methodsOf},
		"GET /v1/payment_methods/{id}":         {do: one("payment_method")},
		"POST /v1/payment_methods/{id}":        {params: "card", do: changed},
		"POST /v1/payment_methods/{id}/attach": {params: "customer", do: attach},
		"POST /v1/payment_methods/{id}/detach": {do: detach},

		"POST /v1/setup_intents":              {params: "customer payment_method payment_method_types usage confirm return_url metadata", do: newSetup},
		"GET /v1/setup_intents/{id}":          {params: "client_secret", public: true, do: one("setup_intent")},
		"GET /v1/setup_intents":               {params: page + " customer", do: many("setup_intent")},
		"POST /v1/setup_intents/{id}/confirm": {params: "payment_method payment_method_data return_url", public: true, do: confirmSetup},

		"POST /v1/payment_intents": {params: "amount currency customer payment_method payment_method_types confirm capture_method off_session return_url metadata " +
			"application_fee_amount transfer_data on_behalf_of transfer_group setup_future_usage description receipt_email", do: newPayment},
		"GET /v1/payment_intents/{id}":                {params: "client_secret", public: true, do: one("payment_intent")},
		"POST /v1/payment_intents/{id}":               {params: "application_fee_amount", do: update},
		"GET /v1/payment_intents":                     {params: page + " customer", do: many("payment_intent")},
		"POST /v1/payment_intents/{id}/confirm":       {params: "payment_method payment_method_data return_url off_session", public: true, do: confirmPayment},
		"POST /v1/payment_intents/{id}/capture":       {params: "amount_to_capture application_fee_amount metadata", do: capture},
		"POST /v1/payment_intents/{id}/cancel":        {params: "cancellation_reason", do: cancel},
		"GET /v1/charges/{id}":                        {do: one("charge")},
		"POST /v1/refunds":                            {params: "payment_intent charge amount reason reverse_transfer refund_application_fee metadata", do: newRefund},
		"GET /v1/refunds/{id}":                        {do: one("refund")},
		"GET /v1/refunds":                             {params: page + " payment_intent charge", do: many("refund")},
		"POST /v1/transfers":                          {params: "amount currency destination source_transaction transfer_group description metadata", do: newTransfer},
		"GET /v1/transfers/{id}":                      {do: one("transfer")},
		"GET /v1/transfers":                           {params: page + " destination transfer_group", do: many("transfer")},
		"POST /v1/transfers/{id}/reversals":           {params: "amount description metadata refund_application_fee", do: reverse},
		"GET /v1/transfers/{id}/reversals":            {params: page, do: reversals},
		"GET /v1/transfers/{id}/reversals/{reversal}": {do: oneReversal},
		"POST /v1/accounts":                           {params: "country email business_type default_currency controller capabilities settings metadata", do: newAccount},
		"GET /v1/accounts/{id}":                       {do: one("account")},
		"GET /v1/accounts":                            {params: page, do: many("account")},
		"POST /v1/account_links":                      {params: "account return_url refresh_url type", do: newLink},
		"POST /v1/payouts":                            {params: "amount currency statement_descriptor description method metadata", do: newPayout},
		"GET /v1/payouts/{id}":                        {do: one("payout")},
		"GET /v1/payouts":                             {params: page + " status", do: many("payout")},
		"GET /v1/disputes/{id}":                       {do: one("dispute")},
		"GET /v1/disputes":                            {params: page + " charge payment_intent", do: many("dispute")},
		"GET /v1/events/{id}":                         {do: one("event")},
		"GET /v1/events":                              {params: page + " type types delivery_success", do: events},
		"GET /v1/balance_transactions":                {params: page + " type source", do: many("balance_transaction")},
		"GET /v1/balance_transactions/{id}":           {do: one("balance_transaction")},
	} {
		e.mux.HandleFunc(pattern, e.api(v))
	}
	e.mux.HandleFunc("OPTIONS /v1/", preflight)
	e.mux.HandleFunc("/v1/", func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusNotFound)
		_, _ = rw.Write(encode(invalid("", "", "The emulator does not know "+r.Method+" "+r.URL.Path).body()))
	})
	e.pages()
}

func preflight(rw http.ResponseWriter, _ *http.Request) {
	h := rw.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "GET, POST")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Stripe-Version")
	rw.WriteHeader(http.StatusNoContent)
}

// one answers an object by its id.
func one(kind string) func(*request) (object, *failure) {
	return func(q *request) (object, *failure) {
		id := q.http.PathValue("id")
		if o := q.get(kind, id, q.account); o != nil {
			return o, nil
		}
		if kind == "account" {
			return nil, noAccount()
		}
		return nil, missing("id", id)
	}
}

// many answers a page, filtered by the parameters that are fields.
func many(kind string) func(*request) (object, *failure) {
	return func(q *request) (object, *failure) {
		return q.list(kind, func(o object) bool {
			for _, field := range []string{"customer", "payment_intent", "charge", "destination", "transfer_group", "status", "type", "source", "email"} {
				if want := q.str(field); want != "" && o.text(field) != want {
					return false
				}
			}
			return true
		})
	}
}
