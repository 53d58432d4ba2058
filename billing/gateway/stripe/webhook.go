package stripe

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"

	"github.com/waymeet/waymeet/billing/gateway"
)

// tolerance between the signature's time and ours, both ways.
const tolerance = 5 * time.Minute

// ReadWebhook verifies a delivery and says what it is about. The account is whatever the event says; that it belongs to
// the tenant is for the caller to check, who knows the tenant's accounts. An event for the Connect endpoint without an
// account is refused, and one with a stranger's at the tenant's own endpoint.
func (g *account) ReadWebhook(d gateway.Delivery) (gateway.Event, error) {
	header := d.Header.Get("Stripe-Signature")
	if header == "" {
		return gateway.Event{}, &gateway.BadWebhook{Why: gateway.Unsigned}
	}
	secrets := g.secrets
	if d.Seller {
		secrets = g.sellers
	}
	if len(secrets) == 0 {
		return gateway.Event{}, &gateway.Misconfigured{Text: "there is no webhook secret"}
	}
	if !signed(secrets, d.Body, header) {
		return gateway.Event{}, &gateway.BadWebhook{Why: gateway.Forged}
	}
	signed, err := signedAt(header)
	if err != nil {
		return gateway.Event{}, &gateway.BadWebhook{Why: gateway.Forged}
	}
	switch age := d.At.Sub(signed); {
	case age > tolerance:
		return gateway.Event{}, &gateway.BadWebhook{Why: gateway.TooOld}
	case age < -tolerance:
		return gateway.Event{}, &gateway.BadWebhook{Why: gateway.TooNew}
	}
	var h heard
	if err := json.Unmarshal(d.Body, &h); err != nil || h.ID == "" || h.Type == "" || h.Object != "event" {
		return gateway.Event{}, &gateway.BadWebhook{Why: gateway.Unreadable}
	}
	e := g.event(h, d.Body)
	if d.Seller != (e.Account != "") { // fails closed: an account that is missing could be anybody's
		return gateway.Event{}, &gateway.BadWebhook{Why: gateway.WrongEndpoint}
	}
	return e, nil
}

// signed tries every active secret, all of them, so that the time taken does not tell which one.
func signed(secrets []gateway.Secret, body []byte, header string) bool {
	ok := false
	for _, s := range secrets {
		if s.IsZero() {
			continue // anybody can sign with nothing
		}
		ok = webhook.ValidatePayloadIgnoringTolerance(body, header, s.Reveal()) == nil || ok
	}
	return ok
}

// signedAt is the time that was signed. Several times in one header are refused: stripe-go checks the last one.
func signedAt(header string) (time.Time, error) {
	var found []string
	for _, pair := range strings.Split(header, ",") {
		if t, ok := strings.CutPrefix(pair, "t="); ok {
			found = append(found, t)
		}
	}
	if len(found) != 1 {
		return time.Time{}, errors.New("not one time")
	}
	n, err := strconv.ParseInt(found[0], 10, 64)
	return time.Unix(n, 0), err
}
