package redirect

import (
	"context"
	"crypto/rand"
	"net/url"
	"regexp"

	"github.com/waymeet/waymeet/billing/gateway"
)

// oid is what the acquirer takes as an order's id.
var oid = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

// Pay makes the form that the payer's browser posts. Nothing is sent from here.
func (s *shop) Pay(_ context.Context, o gateway.PayOrder) (gateway.Payment, error) {
	if err := gateway.CheckKey(o.Key); err != nil {
		return gateway.Payment{}, err
	}
	amount, currency, err := written(o.Amount)
	if err != nil {
		return gateway.Payment{}, err
	}
	for missing, asked := range map[gateway.Capability]bool{
		gateway.PreAuthorise: o.Manual, gateway.Splits: o.Split != nil, gateway.OffSession: o.Away || o.Method != "" || o.Keep,
	} {
		if asked {
			return gateway.Payment{}, &gateway.NotSupported{Kind: gateway.Redirect, Capability: missing}
		}
	}
	if !oid.MatchString(o.Payment) {
		return gateway.Payment{}, &gateway.Refused{Code: "payment_invalid", Param: "payment", Text: "an order's id is letters, digits and dashes"}
	}
	f := url.Values{
		"clientid": {s.client}, "storetype": {"3D_PAY_HOSTING"}, "TranType": {"PreAuth"}, "hashAlgorithm": {"ver3"}, "encoding": {"UTF-8"},
		"oid": {o.Payment}, "amount": {amount}, "currency": {currency}, "rnd": {rand.Text()}, "lang": {language(o.Language)},
		"okUrl": {o.ReturnURL}, "failUrl": {o.ReturnURL}, "shopurl": {o.ReturnURL}, "callbackUrl": {o.CallbackURL}, "AutoRedirect": {"true"},
	}
	if o.Email != "" {
		f.Set("email", o.Email)
	}
	f.Set("HASH", Hash(f, s.keys[0].Reveal()))
	fields := make(map[string]string, len(f))
	for name := range f {
		fields[name] = f.Get(name)
	}
	none := gateway.Amount{Currency: o.Amount.Currency}
	return gateway.Payment{
		ID: o.Payment, Payment: o.Payment, Key: o.Key, Status: gateway.Open, Amount: o.Amount,
		Capturable: none, Received: none, Refunded: none, Fee: none, Next: gateway.Next{URL: s.form, Method: "POST", Fields: fields},
	}, nil
}

func language(l string) string {
	switch l {
	case "fr", "ar", "en":
		return l
	}
	return "fr"
}
