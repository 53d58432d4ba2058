package bench

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/matching/solver"
)

// opening is when every simulation begins.
var opening = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

const (
	skills    = 40
	languages = 6
)

// world makes up people.
type world struct {
	dice    *rand.Rand
	luck    *rand.Rand // of what decides nothing
	terms   solver.Terms
	experts []solver.Expert
	clients int
}

func newWorld(size int, seed uint64, weights solver.Weights) *world {
	w := &world{dice: rand.New(rand.NewPCG(seed, 5)), luck: rand.New(rand.NewPCG(seed, 6)), terms: solver.Terms{Weights: weights, Rings: solver.DefaultRings}}
	w.terms.Weights.Reference = 600
	for i := range size {
		w.experts = append(w.experts, w.expert(i))
	}
	return w
}

func (w *world) expert(i int) solver.Expert {
	e := solver.Expert{
		ID: number(1, i), Levels: map[solver.Skill]uint8{}, Price: 200 + 50*w.dice.Int64N(21), Rating: 350 + w.dice.IntN(151), Slots: 1,
		IdleSince:  opening.Add(-time.Duration(w.dice.IntN(1800)) * time.Second),
		Modalities: []solver.Modality{solver.Chat, solver.Audio},
	}
	for range 1 + w.dice.IntN(6) {
		e.Levels[solver.Skill(w.dice.IntN(skills))] = uint8(2 + w.dice.IntN(4))
	}
	for range 1 + w.dice.IntN(3) {
		e.Speaks = append(e.Speaks, solver.Language(w.dice.IntN(languages)))
	}
	if w.dice.IntN(10) < 7 {
		e.Modalities = append(e.Modalities, solver.Video)
	}
	return e
}

// client asks for something that somebody can: one or two skills that one of the experts has, in a language of theirs.
func (w *world) client(at time.Time) solver.Request {
	e := &w.experts[w.dice.IntN(len(w.experts))]
	r := solver.Request{ID: number(2, w.clients), Placed: at, Speaks: e.Speaks[:1], Modality: e.Modalities[w.dice.IntN(len(e.Modalities))]}
	w.clients++
	want := 1 + w.dice.IntN(2)
	for s := range solver.Skill(skills) { // not by the order of a map, which is never the same
		if l := e.Levels[s]; l > 0 && len(r.Needs) < want {
			r.Needs = append(r.Needs, solver.Need{Skill: s, Level: uint8(1 + w.dice.IntN(int(l)))})
		}
	}
	if w.dice.IntN(2) == 0 {
		r.Ceiling = e.Price + 100*w.dice.Int64N(5)
	}
	return r
}

// A session takes ten minutes in the mean, and a minute at least.
const (
	meanTalk  = 10 * time.Minute
	leastTalk = time.Minute
)

func (w *world) talk() time.Duration {
	return leastTalk + time.Duration(w.dice.ExpFloat64()*float64(meanTalk-leastTalk))
}

// gap is the time to the next arrival.
func (w *world) gap(perSecond float64) time.Duration {
	return time.Duration(math.Min(w.dice.ExpFloat64()/perSecond, 3600) * float64(time.Second))
}

func number(kind byte, n int) (id uuid.UUID) {
	id[0] = kind
	binary.BigEndian.PutUint64(id[8:], uint64(n))
	return id
}
