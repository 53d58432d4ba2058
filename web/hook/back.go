package hook

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/web/rest"
)

// Returned believes the form that a payer's browser brings back, and says what was paid, or does not.
type Returned func(ctx context.Context, address string, d gateway.Delivery) (subject string, err error)

// Back answers payers who come back from an acquirer's page: with the screen of what they paid. A form that is not believed changes nothing
// and leads to the first screen, because a person reads the answer. What is shown is what we know, never what the form says.
func Back(returned Returned) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest.NameRoute(r.Context(), "hooks.back")
		to := "/"
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err == nil {
			if subject, err := returned(r.Context(), mux.Vars(r)["address"], gateway.Delivery{Body: body, Header: r.Header, At: time.Now()}); err == nil {
				to = screenOf(subject)
			}
		}
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, to, http.StatusSeeOther)
	})
}

// screenOf is where a rider sees what they paid.
func screenOf(subject string) string {
	kind, id, _ := strings.Cut(subject, "/")
	switch kind {
	case "booking":
		return "/bookings/" + id
	case "wallet":
		return "/wallet"
	case "pass":
		return "/passes/" + id
	}
	return "/"
}
