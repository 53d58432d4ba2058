package crowd

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"
)

// Bureau is one operator's experts and clients. All of them have the same password.
type Bureau struct {
	Slug, Password string
	Experts        []string // e-mail addresses
	Clients        []string
	Counters       []Counter
	Lines          Lines
}

// Counter is a queue, and how its clients come.
type Counter struct {
	Queue      string        // its name
	Every      time.Duration // between two clients, on average
	Modalities []string      // what they ask for, in turn by chance
	Ceiling    int64         // the most that a minute may cost, in the minor unit
}

// Lines are what people write, in their languages.
type Lines struct {
	Asks, Answers, Thanks []string
	Mute                  string // of somebody who is expected to have a microphone
}

// bureau is those people at work. What they share with a city's is how they reach the server.
type bureau struct {
	*city
	own     Bureau
	experts []*person
	idle    chan *person // clients who want nothing just now
}

func newBureau(b Bureau, c Config, client *http.Client, log *slog.Logger) *bureau {
	x := &bureau{city: newCity(Tenant{Slug: b.Slug, Password: b.Password}, c.Nodes, client, log), own: b, idle: make(chan *person, len(b.Clients))}
	x.dial = c.Dial
	for i, email := range b.Experts {
		x.experts = append(x.experts, &person{city: x.city, email: email, node: i})
	}
	for _, i := range rand.Perm(len(b.Clients)) {
		x.idle <- &person{city: x.city, email: b.Clients[i], node: i}
	}
	return x
}

// run lives until ctx ends, and until everybody has gone home.
func (b *bureau) run(ctx context.Context) {
	for i, e := range b.experts {
		b.people.Go(func() { b.practise(ctx, e, i) })
	}
	for _, k := range b.own.Counters {
		b.people.Go(func() { b.walkClients(ctx, k) })
	}
	<-ctx.Done()
	b.people.Wait()
}

// walkClients lets clients come to a counter, never quite in step, and never long apart: whoever watches a queue sees it move.
func (b *bureau) walkClients(ctx context.Context, k Counter) {
	for pause(ctx, b.mood.stretch(about(k.Every))) {
		select {
		case who := <-b.idle:
			b.people.Go(func() {
				b.try(ctx, "request", b.need(ctx, who, k))
				b.idle <- who // has room for all
			})
		default: // everybody is in a conversation
		}
	}
}
