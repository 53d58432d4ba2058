package stripeemu

import "time"

// link is an onboarding link: it works once.
type link struct {
	account            string
	returns, refreshes string
	until              time.Time
	used               bool
}

// wanted is what a new account is asked for.
var wanted = []any{"business_profile.url", "external_account", "individual.first_name", "individual.last_name", "tos_acceptance.date"}

func newAccount(q *request) (object, *failure) {
	if c := q.str("country"); len(c) != 2 {
		return nil, invalid("country_unsupported", "country", "Country '"+c+"' is unknown.")
	} else if c == "MA" {
		return nil, invalid("country_unsupported", "country", "Stripe opens no accounts in Morocco.")
	}
	currency := q.str("default_currency")
	if currency == "" {
		currency = "usd"
	}
	a := q.add("acct", "account", "", object{
		"type": "none", "country": q.str("country"), "email": q.text("email"), "business_type": q.text("business_type"), "default_currency": currency,
		"charges_enabled": false, "payouts_enabled": false, "details_submitted": false, "metadata": q.metadata(),
		"controller": object{
			"type": "application", "is_controller": true, "requirement_collection": q.str("controller[requirement_collection]"),
			"fees": object{"payer": q.str("controller[fees][payer]")}, "losses": object{"payments": q.str("controller[losses][payments]")},
			"stripe_dashboard": object{"type": q.str("controller[stripe_dashboard][type]")},
		},
		"capabilities": object{"transfers": "inactive", "card_payments": "inactive"},
	})
	requirements(a, wanted, "requirements.past_due")
	q.tell("account.updated", a)
	return a, nil
}

func requirements(a object, due []any, disabled string) {
	r := object{
		"currently_due": due, "eventually_due": due, "past_due": due, "pending_verification": []any{}, "current_deadline": nil,
		"disabled_reason": nil, "errors": []any{}, "alternatives": []any{},
	}
	if disabled != "" {
		r["disabled_reason"] = disabled
	}
	a["requirements"] = r
}

func newLink(q *request) (object, *failure) {
	a := q.get("account", q.str("account"), "")
	if a == nil {
		return nil, missing("account", q.str("account"))
	}
	if q.str("type") != "account_onboarding" && q.str("type") != "account_update" {
		return nil, invalid("", "type", "account_onboarding or account_update")
	}
	t, until := token(12), q.e.now().Add(5*time.Minute)
	q.links[t] = link{account: a.id(), returns: q.str("return_url"), refreshes: q.str("refresh_url"), until: until}
	return object{
		"object": "account_link", "created": q.e.now().Unix(), "expires_at": until.Unix(), "url": q.e.url + "/emu/onboard/" + q.name + "/" + t,
	}, nil
}

// complete answers all that an account was asked.
func (w *world) complete(a object) {
	a["details_submitted"], a["charges_enabled"], a["payouts_enabled"] = true, true, true
	a["capabilities"] = object{"transfers": "active", "card_payments": "active"}
	requirements(a, []any{}, "")
	w.tell("account.updated", a)
}

// restrict asks again: what was enough before is not any more.
func (w *world) restrict(a object) {
	a["charges_enabled"], a["payouts_enabled"] = false, false
	a["capabilities"] = object{"transfers": "inactive", "card_payments": "inactive"}
	requirements(a, []any{"individual.verification.document"}, "requirements.past_due")
	w.tell("account.updated", a)
}

// CompleteAccount does what the onboarding page does; RestrictAccount is Stripe asking for more.
func (e *Emulator) CompleteAccount(id string) { e.on("account", id, (*world).complete) }

// RestrictAccount takes an account's capabilities away until a document is shown.
func (e *Emulator) RestrictAccount(id string) { e.on("account", id, (*world).restrict) }
