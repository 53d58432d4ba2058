package crowd

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	shiftLength = 10 * time.Minute
	shiftBreak  = 9 * time.Minute
)

// practise is an expert's working life: they are there for a while, and then for a while they are not. Every third is there at once.
func (b *bureau) practise(ctx context.Context, expert *person, i int) {
	rest := about(time.Duration(i+1) * time.Second)
	if i%3 != 0 {
		rest = about(shiftBreak)
	}
	for pause(ctx, b.mood.stretch(rest)) {
		b.try(ctx, "shift", b.shift(ctx, expert))
		rest = about(shiftBreak)
	}
}

// shift is being reachable, and answering what rings. Whoever is rung while they talk has another slot, and answers it afterwards.
func (b *bureau) shift(ctx context.Context, expert *person) error {
	ctx, hangUp := context.WithCancel(ctx)
	defer hangUp()
	line := expert.socket(ctx)
	mine := line.Watch("me")
	if err := expert.intend(ctx, "available"); err != nil {
		return err
	}
	answered := map[uuid.UUID]bool{}
	for over := time.Now().Add(about(shiftLength)); ; {
		var offer uuid.UUID
		rung := await(ctx, mine, time.Until(over), func(docs map[string]json.RawMessage) (there bool) {
			offer, there = ringing(docs, answered)
			return there
		})
		if !rung {
			break
		}
		answered[offer] = true
		if err := b.answer(ctx, expert, line, offer); err != nil {
			b.try(ctx, "answer", err)
		}
	}
	if rand.Float64() < 0.4 { // off the socket in a moment, so either way nothing rings
		return expert.intend(ctx, "break")
	}
	return expert.intend(ctx, "off")
}

func (p *person) intend(ctx context.Context, intent string) error {
	return p.post(ctx, "/v1/me/practice/intent", map[string]string{"intent": intent}, nil)
}

// ringing is an offer that was not answered yet; of several the one that rings longest.
func ringing(docs map[string]json.RawMessage, answered map[uuid.UUID]bool) (offer uuid.UUID, there bool) {
	var open []string
	for e := range docs {
		if id, is := strings.CutPrefix(e, "offer/"); is {
			open = append(open, id)
		}
	}
	slices.Sort(open) // ids begin with their time
	for _, text := range open {
		if id, err := uuid.Parse(text); err == nil && !answered[id] {
			return id, true
		}
	}
	return uuid.Nil, false
}

// answer takes most of what rings, leaves some to others, and now and then does not hear it.
func (b *bureau) answer(ctx context.Context, expert *person, line Socket, offer uuid.UUID) error {
	path := "/v1/offers/" + offer.String()
	switch mood := rand.Float64(); {
	case mood < 0.06: // made coffee; then asked whether they are there
		if !pause(ctx, about(40*time.Second)) {
			return ctx.Err()
		}
		return expert.intend(ctx, "available")
	case mood < 0.14:
		if !b.think(ctx, 3*time.Second) {
			return ctx.Err()
		}
		return expert.post(ctx, path+"/decline", nil, nil)
	}
	if !b.think(ctx, 4*time.Second) {
		return ctx.Err()
	}
	if err := expert.post(ctx, path+"/accept", nil, nil); err != nil {
		return err // the client left, or it was too late
	}
	talked, err := b.talk(ctx, &talk{who: expert, line: line, id: offer, gives: true, leaves: 12 * time.Minute})
	if err != nil || !talked || !b.think(ctx, 9*time.Second) {
		return err
	}
	return expert.post(ctx, "/v1/sessions/"+offer.String()+"/done", nil, nil) // the notes are written
}
