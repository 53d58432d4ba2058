package gatewaytest

import "testing"

// Run attacks an adapter. open is called for each test, with a world of its own.
func Run(t *testing.T, open func(t *testing.T) Rig) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Rig)
	}{
		{"what is not offered says so", notOffered},
		{"who sells is stated", merchant},
		{"amounts that are none", badAmounts},
		{"pay, look up", pay},
		{"a declined card says why", declines},
		{"3-D Secure on the page", authenticates},
		{"3-D Secure refused", failsAuthentication},
		{"off-session needs the payer", awayNeedsPayer},
		{"a saved card", savedCard},
		{"hold, capture less, fee of the less", captureLess},
		{"capture without a fee", captureFree},
		{"capture more, twice, after release", captureWrong},
		{"a hold runs out", holdExpires},
		{"refund in proportion", refundShare},
		{"refund too much", refundTooMuch},
		{"a refund is pending, arrives, is sent back", refundReturned},
		{"500, nothing done: next key, one charge", failedBefore},
		{"answer lost, done: look up, one charge", lostAnswers},
		{"every order may lose its answer", lostOrders},
		{"429: the same key later", tooMany},
		{"a key with another order", keyReused},
		{"the same order at once, eight times", together},
		{"webhooks forged, old, future", webhooksBad},
		{"webhook secrets rotate", webhooksRotate},
		{"a connected account's webhook names it", webhookAccount},
		{"events and movements can be listed", listed},
		{"a seller opens an account, is paid, pays back", seller},
		{"a bank takes a charge back", disputed},
		{"wrong credentials", wrongKey},
		{"unknown ids", unknownIDs},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, open(t))
		})
	}
}
