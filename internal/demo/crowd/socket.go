package crowd

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Socket is one person's live connection: it opens itself again whenever it breaks, for as long as Run runs. Whoever starts the crowd
// brings one, since the client of the socket is another house.
type Socket interface {
	Run(ctx context.Context) error
	Call(ctx context.Context, operation string, args any) error           // a refusal is a *Refused
	Signal(ctx context.Context, channel, sig, key string, data any) error // best effort
	Watch(channel string) Watch
}

// Watch is a channel as it stands.
type Watch interface {
	Docs() map[string]json.RawMessage // by entity
	Changed() <-chan struct{}         // asked for before looking
	Leave()
}

// Refused is the server's considered no to a call.
type Refused struct{ Code string }

func (r *Refused) Error() string { return "refused: " + r.Code }

// socket opens a person's, until ctx ends.
func (p *person) socket(ctx context.Context) Socket {
	s := p.city.dial("ws"+strings.TrimPrefix(p.base(), "http")+"/v1/realtime", p.token)
	p.city.people.Go(func() { _ = s.Run(ctx) })
	return s
}

// await looks at every change of a channel until it holds, ctx ends or the time is over; false: it never held.
func await(ctx context.Context, w Watch, most time.Duration, holds func(map[string]json.RawMessage) bool) bool {
	over := time.NewTimer(most)
	defer over.Stop()
	for {
		news := w.Changed()
		if holds(w.Docs()) {
			return true
		}
		select {
		case <-news:
		case <-over.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// one is the document of an entity; false: it is not there, or says what we do not understand.
func one(docs map[string]json.RawMessage, kind string, id uuid.UUID, into any) bool {
	doc, there := docs[fmt.Sprintf("%s/%s", kind, id)]
	return there && json.Unmarshal(doc, into) == nil
}
