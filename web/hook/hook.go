// Package hook is where gateways tell what happened: one address for each account, given out by billing.
//
// A delivery is taken as it is, byte by byte, because its signature is over the bytes. What it says is believed and stored
// by billing before it is answered; an answer other than 200 asks for it again, so a failure of ours loses nothing. Nothing is
// drawn from it here.
package hook

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/web/rest"
)

// Path is where deliveries come; Prefix is what all of them begin with.
const (
	Path   = Prefix + "{address}"
	Prefix = "/v1/hooks/"
	// BackPath is where payers come back to from an acquirer's page.
	BackPath = Path + "/back"
)

// maxBody is more than any acquirer sends: Stripe's events with their objects stay under a tenth of it.
const maxBody = 256 << 10

// Receive believes a delivery or does not, and stores it.
type Receive func(ctx context.Context, address string, d gateway.Delivery) (reply string, err error)

// Handler answers deliveries.
func Handler(receive Receive) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest.NameRoute(r.Context(), "hooks.receive")
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		var large *http.MaxBytesError
		switch {
		case errors.As(err, &large):
			rest.WriteProblem(w, r, fault.New("body_too_large"))
			return
		case err != nil: // the sender went away, or was too slow
			rest.WriteProblem(w, r, fault.New("bad_request").Because(err))
			return
		}
		reply, err := receive(r.Context(), mux.Vars(r)["address"], gateway.Delivery{Body: body, Header: r.Header, At: time.Now()})
		if err != nil {
			rest.WriteProblem(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = io.WriteString(w, reply)
	})
}
