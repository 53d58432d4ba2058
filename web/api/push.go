package api

import (
	"context"

	"github.com/waymeet/waymeet/notify"
	"github.com/waymeet/waymeet/notify/webpush"
	"github.com/waymeet/waymeet/web/rest"
)

// PushKey is what a browser subscribes with.
type PushKey struct {
	Key string `json:"key" example:"BNcRdreALRFX…" doc:"applicationServerKey, in base64url"`
}

type askPushHere struct {
	Body struct {
		Endpoint string `json:"endpoint" maxLength:"1000" example:"https://push.example/send/dGVzdA" doc:"https; of the browser's PushSubscription, as the other two"`
		Key      string `json:"p256dh" maxLength:"100"`
		Auth     string `json:"auth" maxLength:"30"`
		Locale   string `json:"locale,omitempty" enum:"en,fr,ar" doc:"In which it speaks; absent: English"`
	}
}

type askPushNoMore struct {
	Body struct {
		Endpoint string `json:"endpoint" maxLength:"1000"`
	}
}

// Push is which of one's browsers may be woken.
func Push(s *notify.Service) func(*rest.API) {
	return func(a *rest.API) {
		rest.Handle(a, "me.push", rest.Doc{Summary: "See what a browser subscribes to push messages with"}, func(context.Context, *struct{}) (*rest.Answer[PushKey], error) {
			return rest.Say(PushKey{s.Key()}), nil
		})
		rest.Handle(a, "me.pushHere", rest.Doc{Summary: "Let a browser of mine be woken", About: "When one is rung, or one's turn comes, and nothing of it is open. At most ten: the oldest makes room. push_refused where its address is none of a push service."},
			func(ctx context.Context, in *askPushHere) (*rest.Nothing, error) {
				by, locale := matcherOf(ctx), in.Body.Locale
				if locale == "" {
					locale = "en"
				}
				return &rest.Nothing{}, s.Subscribe(ctx, by.Tenant, by.User, webpush.Browser{Endpoint: in.Body.Endpoint, Key: in.Body.Key, Auth: in.Body.Auth}, locale)
			})
		rest.Handle(a, "me.pushNoMore", rest.Doc{Summary: "Let a browser of mine sleep"}, func(ctx context.Context, in *askPushNoMore) (*rest.Nothing, error) {
			by := matcherOf(ctx)
			return &rest.Nothing{}, s.Unsubscribe(ctx, by.Tenant, by.User, in.Body.Endpoint)
		})
	}
}
