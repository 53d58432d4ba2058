package billing_test

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/seal"
)

// Addresses that nobody gave out cost whoever makes them up a request each, and us a number: no line of the log.
func TestMadeUpAddressesFillNoLog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	b := billing.NewInbox(nil, nil, &seal.Box{}, slog.New(slog.NewTextHandler(&log, nil)))
	for range 3 {
		if _, err := b.Receive(t.Context(), "abcdef", gateway.Delivery{}); !fault.Is(err, "not_found") {
			t.Error(err)
		}
	}
	if n := b.Counts().Refused; n != 3 || log.Len() > 0 {
		t.Errorf("%d are counted, the log says %q", n, &log)
	}
}
