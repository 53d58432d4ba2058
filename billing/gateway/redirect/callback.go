package redirect

import (
	"crypto/subtle"
	"encoding/hex"
	"net/url"

	"github.com/waymeet/waymeet/billing/gateway"
)

// What is answered to a callback.
const (
	take  = "ACTION=POSTAUTH" // debit the card
	noted = "APPROVED"        // of a payment that was declined: we have read it
	leave = "FAILURE"         // do not debit the card
)

// ReadWebhook reads the server's callback or the browser's return: both are the same hashed form.
func (s *shop) ReadWebhook(d gateway.Delivery) (gateway.Event, error) {
	f, err := url.ParseQuery(string(d.Body))
	if err != nil {
		return gateway.Event{}, &gateway.BadWebhook{Why: gateway.Unreadable}
	}
	for _, values := range f {
		if len(values) != 1 { // which one was hashed?
			return gateway.Event{}, &gateway.BadWebhook{Why: gateway.Unreadable}
		}
	}
	if f.Get("HASH") == "" {
		return gateway.Event{}, &gateway.BadWebhook{Why: gateway.Unsigned}
	}
	if !s.hashed(f) {
		return gateway.Event{}, &gateway.BadWebhook{Why: gateway.Forged}
	}
	if f.Get("clientid") != s.client {
		return gateway.Event{}, &gateway.BadWebhook{Why: gateway.Forged} // another shop's, with the same key
	}
	if !oid.MatchString(f.Get("oid")) {
		return gateway.Event{}, &gateway.BadWebhook{Why: gateway.Unreadable}
	}
	e := gateway.Event{
		Type: "payment.declined", Object: "payment", Of: f.Get("oid"), Live: s.profile.Live, At: d.At, Body: d.Body, Reply: noted, Reject: leave,
		ID: "cb_" + hex.EncodeToString(digest(s.client, f.Get("oid"), f.Get("TransId"), f.Get("ProcReturnCode")))[:32],
	}
	if f.Get("Response") == "Approved" && f.Get("ProcReturnCode") == "00" {
		e.Type, e.Reply = "payment.approved", take
	}
	return e, nil
}

// hashed tries every store key, all of them, in constant time.
func (s *shop) hashed(f url.Values) bool {
	ok := 0
	for _, k := range s.keys {
		if !k.IsZero() {
			ok |= subtle.ConstantTimeCompare([]byte(Hash(f, k.Reveal())), []byte(f.Get("HASH")))
		}
	}
	return ok == 1
}
