package crowd

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
)

const (
	fundedMinutes = 5
	longestWait   = 3 * time.Minute // then a client gives up
)

// need is one client: sets money aside, waits for somebody, talks, and says how it was.
func (b *bureau) need(ctx context.Context, client *person, k Counter) error {
	var queues struct {
		Items []struct {
			ID   uuid.UUID `json:"id"`
			Name string    `json:"name"`
		} `json:"items"`
	}
	if err := client.get(ctx, "/v1/queues", &queues); err != nil {
		return err
	}
	for _, q := range queues.Items {
		if q.Name == k.Queue {
			return b.ask(ctx, client, q.ID, k)
		}
	}
	return nil // there is no such queue any more
}

func (b *bureau) ask(ctx context.Context, client *person, queue uuid.UUID, k Counter) error {
	var funds struct {
		Funds uuid.UUID `json:"funds"`
	}
	if err := client.post(ctx, "/v1/requests/funds", map[string]any{"ceiling": k.Ceiling, "minutes": fundedMinutes}, &funds); err != nil {
		return err
	}
	if !b.think(ctx, 2*time.Second) {
		return ctx.Err()
	}
	var placed struct {
		ID uuid.UUID `json:"id"`
	}
	ask := map[string]any{"queue": queue, "needs": []any{}, "languages": [][]string{{"ar", "en"}, {"en"}}[rand.IntN(2)], "modality": oneOf(k.Modalities), "about": oneOf(b.own.Lines.Asks), "funds": funds.Funds}
	if err := client.post(ctx, "/v1/requests", ask, &placed); err != nil {
		return err
	}
	ctx, hangUp := context.WithCancel(ctx)
	defer hangUp()
	line := client.socket(ctx)
	var seen struct {
		State string     `json:"state"`
		Offer *uuid.UUID `json:"offer"`
	}
	waiting := line.Watch("request:" + placed.ID.String())
	for met := uuid.Nil; ; met = *seen.Offer { // an expert who never came: the request waits again, and so do we
		served := await(ctx, waiting, about(longestWait), func(docs map[string]json.RawMessage) bool {
			seen.Offer = nil
			return one(docs, "request", placed.ID, &seen) && (seen.State == "cancelled" || seen.State == "matched" && seen.Offer != nil && *seen.Offer != met)
		})
		if !served {
			return client.post(ctx, "/v1/requests/"+placed.ID.String()+"/cancel", nil, nil)
		}
		if seen.Offer == nil {
			return nil
		}
		talked, err := b.talk(ctx, &talk{who: client, line: line, id: *seen.Offer, leaves: about(75 * time.Second)})
		switch {
		case err != nil:
			return err
		case !talked:
			continue
		case rand.Float64() < 0.15 || !b.think(ctx, 6*time.Second):
			return nil
		}
		return client.post(ctx, "/v1/sessions/"+seen.Offer.String()+"/rating", map[string]any{"stars": stars(rand.Float64())}, nil)
	}
}

// stars are what people say of a conversation: most were well served.
func stars(a float64) int {
	switch {
	case a < 0.03:
		return 2
	case a < 0.12:
		return 3
	case a < 0.45:
		return 4
	}
	return 5
}

func oneOf(of []string) string { return of[rand.IntN(len(of))] }
