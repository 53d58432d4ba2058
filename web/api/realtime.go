package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/web/rest"
)

// Sets reads a live channel as its subscribers would get it: authorised, whole, as {"set":{ENTITY:{"v":…,"d":…}}}.
type Sets interface {
	Set(ctx context.Context, channel string) (json.RawMessage, error)
	// Expects says whether the node would let the caller's socket in just now; if not, when to come again.
	Expects(ctx context.Context) error
}

type ticket struct {
	Ticket    string `json:"ticket" example:"AZC3pnNx…" doc:"Offer it as subprotocol ticket.TICKET; once, within its time"`
	ExpiresIn int    `json:"expires_in" example:"30" doc:"Seconds"`
}

type oneSet struct {
	Channel     string `path:"channel" maxLength:"300" example:"trip:0190b7a6-1111-7abc-8def-0123456789ab" doc:"As in a sub frame; its filters may stand behind a ?"`
	IfNoneMatch string `header:"If-None-Match" maxLength:"1000"`
}

// Realtime is what the socket needs of HTTP.
func Realtime(s *identity.Service, sets Sets) func(*rest.API) {
	return func(a *rest.API) {
		rest.Handle(a, "realtime.ticket", rest.Doc{Summary: "A key to the socket", About: "Browsers cannot send a header with a WebSocket: they offer this instead. While the node lets nobody in it answers 429 or 503, with Retry-After."},
			func(ctx context.Context, _ *struct{}) (*rest.Answer[ticket], error) {
				if err := sets.Expects(ctx); err != nil {
					return nil, err
				}
				t, ttl, err := s.Ticket(ctx)
				return rest.Say(ticket{t, int(ttl.Seconds())}), err
			})
		rest.Handle(a, "realtime.set", rest.Doc{Summary: "A live channel's set", About: "The same set that a subscriber holds, for networks that eat sockets and for checking.",
			Example: json.RawMessage(`{"set":{"trip/0190b7a6-3333-7abc-8def-0123456789ab":{"v":57,"d":{"dep":"07:10","status":"scheduled","capacity":18,"free":[18,17,17]}}}}`)},
			func(ctx context.Context, in *oneSet) (*rest.Tagged[json.RawMessage], error) {
				channel := in.Channel
				if q := rest.QueryOf(ctx); q != "" {
					channel += "?" + q
				}
				set, err := sets.Set(ctx, channel)
				if err != nil {
					return nil, err
				}
				sum := sha256.Sum256(set)
				return rest.Tag(in.IfNoneMatch, hex.EncodeToString(sum[:12]), "private, no-cache", set), nil
			})
	}
}
