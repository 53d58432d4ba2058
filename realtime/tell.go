package realtime

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/realtime/bus"
	"github.com/waymeet/waymeet/realtime/wire"
)

// Tell sends a signal of the server itself to whoever watches a channel, on every node: at once here, by the bus elsewhere. Nothing is
// stored, and nobody knows whether it came.
func (h *Hub) Tell(tenant uuid.UUID, channel, sig, key string, data any) error {
	body, err := json.Marshal(data)
	if err == nil {
		body, err = wire.Canonical(nil, body)
	}
	if err != nil {
		return fmt.Errorf("realtime: tell %s on %s: %w", sig, channel, err)
	}
	m := bus.Message{Kind: bus.Signal, Node: h.node, Sig: sig, Key: key, At: time.Now().UTC(), Data: body}
	subject := subjectOf(tenant, channel)
	h.bus.Publish(subject, m.Encode())
	if _, shown := h.live.Load(subject); shown {
		s := h.shard(subject)
		s.lane.bring([]item{{shard: s, subject: subject, message: m}})
	}
	return nil
}
