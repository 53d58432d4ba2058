package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// GatewayEvent is what a gateway has told: what it is about, not what it says.
type GatewayEvent struct {
	ID         uuid.UUID  `json:"id" format:"uuid" example:"0190b7a6-aaaa-7abc-8def-0123456789ab"`
	Ref        string     `json:"ref" example:"evt_3Q…"`
	Kind       string     `json:"kind" example:"payment_intent.succeeded"`
	Object     string     `json:"object" example:"payment_intent"`
	ObjectID   string     `json:"object_id" example:"pi_3Q…"`
	State      string     `json:"state" enum:"waiting,done,ignored,dead" example:"done"`
	Tries      int        `json:"tries" example:"1"`
	Replays    int        `json:"replays" example:"0"`
	Problem    string     `json:"problem,omitempty" example:"the gateway does not have this payment"`
	Said       string     `json:"said,omitempty" doc:"The problem in words"`
	HappenedAt time.Time  `json:"happened_at" example:"2026-11-22T20:34:12Z" doc:"By the gateway's clock"`
	ReceivedAt time.Time  `json:"received_at" example:"2026-11-22T20:34:12Z"`
	SettledAt  *time.Time `json:"settled_at,omitempty" example:"2026-11-22T20:34:13Z"`
}

type askEvents struct {
	State  string `query:"state" enum:"waiting,done,ignored,dead" example:"dead" doc:"Only those; all when absent"`
	Cursor string `query:"cursor" maxLength:"100"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" example:"50"`
}

// FinanceEvents is what gateways have told, and telling it again.
func FinanceEvents(f *billing.Finance, inbox *billing.Inbox) func(*rest.API) {
	see := func(ctx context.Context, action policy.Action, id uuid.UUID) (store.Webhook, error) {
		w, err := f.Event(ctx, byOf(ctx).Tenant, id)
		if err != nil {
			return w, err
		}
		return w, policy.Can(ctx, action, thingOf(ctx, "webhook", id))
	}
	return func(a *rest.API) {
		rest.Handle(a, "finance.events", rest.Doc{Summary: "List gateways' events", About: "Newest first. Those that are dead have been tried often enough: look at them, and replay them."},
			func(ctx context.Context, in *askEvents) (*rest.Answer[rest.Page[GatewayEvent]], error) {
				states := []store.WebhookState{store.WebhookWaiting, store.WebhookDone, store.WebhookIgnored, store.WebhookDead}
				if in.State != "" {
					states = []store.WebhookState{store.WebhookState(in.State)}
				}
				items, next, err := f.Events(ctx, byOf(ctx).Tenant, states, in.Cursor, in.Limit)
				if err != nil {
					return nil, err
				}
				page := rest.Page[GatewayEvent]{Items: make([]GatewayEvent, len(items)), Next: next}
				for i, w := range items {
					page.Items[i] = eventOf(ctx, w)
				}
				return rest.Say(page), nil
			})
		rest.Handle(a, "finance.event", rest.Doc{Summary: "See a gateway's event"}, func(ctx context.Context, in *byID) (*rest.Answer[GatewayEvent], error) {
			w, err := see(ctx, policy.FinanceRead, in.ID)
			if err != nil {
				return nil, err
			}
			return rest.Say(eventOf(ctx, w)), nil
		})
		rest.Handle(a, "finance.replay", rest.Doc{Summary: "Apply an event once more",
			About: "Its object is fetched again, so it does no harm to what is done. One that still waits is left alone."},
			func(ctx context.Context, in *byID) (*rest.Answer[GatewayEvent], error) {
				if _, err := see(ctx, policy.FinanceWrite, in.ID); err != nil {
					return nil, err
				}
				if err := inbox.ReplayBy(ctx, byOf(ctx).Tenant, byOf(ctx).User, rest.ClaimOf(ctx), in.ID); err != nil && fault.As(err).Kind != fault.NotFound { // not found to be over: it waits
					return nil, err
				}
				w, err := f.Event(ctx, byOf(ctx).Tenant, in.ID)
				if err != nil {
					return nil, err
				}
				return rest.Say(eventOf(ctx, w)), nil
			})
	}
}

func eventOf(ctx context.Context, w store.Webhook) GatewayEvent {
	return GatewayEvent{ID: w.ID, Ref: w.Ref, Kind: w.Kind, Object: w.Object, ObjectID: w.ObjectID, State: string(w.State), Tries: w.Tries, Replays: w.Replays,
		Problem: w.Problem, Said: saidOf(ctx, w.Problem), HappenedAt: w.HappenedAt.UTC(), ReceivedAt: w.ReceivedAt.UTC(), SettledAt: instant(w.SettledAt)}
}
