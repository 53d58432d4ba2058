package stripe_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/stripe"
	"github.com/waymeet/waymeet/internal/stripeemu"
)

func hears(t *testing.T, secrets ...string) gateway.Gateway {
	t.Helper()
	c := gateway.Credentials{Kind: gateway.Stripe, SecretKey: gateway.Hide("sk_test_1"), Options: map[string]string{"account": "acct_own"}}
	for _, s := range secrets {
		c.WebhookSecrets = append(c.WebhookSecrets, gateway.Hide(s))
	}
	g, err := stripe.New(stripe.Config{}).Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func delivery(header string, body []byte) gateway.Delivery {
	return gateway.Delivery{Body: body, Header: http.Header{"Stripe-Signature": {header}}, At: time.Now()}
}

// Stripe's own library signs as the emulator does, and the adapter takes both.
func TestSignedByStripesLibrary(t *testing.T) {
	t.Parallel()
	body := []byte(`{"id":"evt_1","object":"event","type":"charge.refunded","account":"acct_own","data":{"object":{"id":"ch_1","object":"charge"}}}`)
	signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: "whsec_1"})
	if signed.Header != stripeemu.Signature("whsec_1", signed.Timestamp, body) {
		t.Fatal(signed.Header)
	}
	e, err := hears(t, "whsec_0", "whsec_1").ReadWebhook(delivery(signed.Header, body))
	if err != nil || e.Of != "ch_1" || e.Account != "" { // it names the tenant's own account
		t.Fatalf("%+v %v", e, err)
	}
}

func TestStrangeSignatures(t *testing.T) {
	t.Parallel()
	body := []byte(`{"id":"evt_1","object":"event","type":"a"}`)
	good := stripeemu.Signature("whsec_1", time.Now(), body)
	for name, c := range map[string]struct {
		secrets []string
		header  string
	}{
		"an empty secret":       {[]string{"whsec_1", ""}, stripeemu.Signature("", time.Now(), body)},
		"two times":             {[]string{"whsec_1"}, "t=1," + good},
		"no time":               {[]string{"whsec_1"}, good[len("t=1234567890,"):]},
		"another scheme":        {[]string{"whsec_1"}, "v0" + good[2:]},
		"words":                 {[]string{"whsec_1"}, "t=now,v1=abc"},
		"a signature in no hex": {[]string{"whsec_1"}, good + "zz"},
		"half a signature":      {[]string{"whsec_1"}, good[:len(good)-2]},
	} {
		_, err := hears(t, c.secrets...).ReadWebhook(delivery(c.header, body))
		var bad *gateway.BadWebhook
		if !errors.As(err, &bad) || bad.Why != gateway.Forged {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := hears(t).ReadWebhook(delivery(good, body))
	var mis *gateway.Misconfigured
	if !errors.As(err, &mis) {
		t.Error(err)
	}
}
