package stripe

import (
	"context"
	"encoding/json"

	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
)

// ListEvents is a page of events, newest first. Stripe keeps them for 30 days.
func (g *account) ListEvents(ctx context.Context, q gateway.EventQuery) ([]gateway.Event, error) {
	p := &stripe.EventListParams{CreatedRange: between(q.Page)}
	p.ListParams = list(ctx, q.Page)
	if len(q.Types) > 0 {
		p.Types = stripe.StringSlice(q.Types)
	}
	if q.Undelivered {
		p.DeliverySuccess = stripe.Bool(false)
	}
	it := g.reads.Events.List(p)
	all := []gateway.Event{}
	for it.Next() {
		e := it.Event()
		raw := heard{ID: e.ID, Type: string(e.Type), Account: e.Account, Created: e.Created, Live: e.Livemode}
		if e.Data != nil {
			raw.object(e.Data.Raw)
		}
		body, err := json.Marshal(e)
		if err != nil {
			return nil, failedRead(err)
		}
		if raw.Account == "" {
			raw.Account = q.Account // listed as that account
		}
		all = append(all, g.event(raw, body))
	}
	return all, failedRead(it.Err())
}

// heard is what we read of an event: the object is looked up afterwards.
type heard struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Type    string `json:"type"`
	Account string `json:"account"`
	Created int64  `json:"created"`
	Live    bool   `json:"livemode"`
	Data    struct {
		Object struct {
			ID     string `json:"id"`
			Object string `json:"object"`
			// Of a charge: what it belongs to. Text, unless somebody expanded it.
			Intent json.RawMessage `json:"payment_intent"`
		} `json:"object"`
	} `json:"data"`
}

func (h *heard) object(raw json.RawMessage) {
	_ = json.Unmarshal(raw, &h.Data.Object) // without an id nothing is looked up
}

func (g *account) event(h heard, body []byte) gateway.Event {
	e := gateway.Event{
		ID: h.ID, Type: h.Type, Account: h.Account, Object: h.Data.Object.Object, Of: h.Data.Object.ID, Live: h.Live, At: at(h.Created), Body: body,
	}
	if e.Account == g.own {
		e.Account = ""
	}
	// A charge's news are its payment's (charge.refunded tells of a refund that was made on Stripe's own pages), and payments are what we know.
	var intent string
	if e.Object == "charge" && json.Unmarshal(h.Data.Object.Intent, &intent) == nil && intent != "" {
		e.Object, e.Of = "payment_intent", intent
	}
	return e
}
