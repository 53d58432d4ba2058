package api

import (
	"context"
	"encoding/base64"
	"strconv"

	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/web/rest"
)

type ticketKeys struct {
	Keys []ticketKey `json:"keys"`
}

type ticketKey struct {
	KID       string `json:"kid" example:"1" doc:"The second byte of a ticket"`
	PublicKey string `json:"public_key" example:"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" doc:"Ed25519, base64url"`
}

// Tickets is what phones need to check tickets without a network.
func Tickets(s *booking.Service) func(*rest.API) {
	return func(a *rest.API) {
		rest.Handle(a, "ticketKeys.list", rest.Doc{Summary: "Public keys of tickets",
			About: "A phone keeps them and checks tickets offline. Keys that no longer sign are listed too: their tickets are still about."},
			func(ctx context.Context, _ *struct{}) (*rest.Answer[ticketKeys], error) {
				keys, err := s.TicketKeys(ctx, byOf(ctx).Tenant)
				if err != nil {
					return nil, err
				}
				out := ticketKeys{Keys: make([]ticketKey, len(keys))}
				for i, k := range keys {
					out.Keys[i] = ticketKey{kidOf(k.KID), base64.RawURLEncoding.EncodeToString(k.Public)}
				}
				return rest.Say(out), nil
			})
	}
}

func kidOf(k seat.KID) string { return strconv.Itoa(int(k)) }
