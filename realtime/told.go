package realtime

import (
	"context"
	"sync"
	"time"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/realtime/bus"
)

// tellings is what this node's clients have told last on channels whose newcomers are shown it, whether anybody here is shown it
// or not: when a node begins to show such a channel it asks the others, and who was told answers. So a signal costs one entry
// here, and a delivery nothing.
//
// It is best effort, as signals are: what a node that has died was told nobody answers, and while Redis is away nobody is asked.
// Each tenant has its own; when all together hold too much, whoever holds most forgets.
type tellings struct {
	mu    sync.Mutex
	by    map[tenant.ID]*told // guarded by mu
	size  int                 // guarded by mu: bytes of all
	swept time.Time           // guarded by mu
}

// told is what one tenant's clients have: by subject and key, in two generations. The older is forgotten when the newer is as
// old as signals are kept, or as large as maxTold.
type told struct {
	now, old      map[string]map[string]bus.Message
	size, oldSize int
	began         time.Time // when now did
}

const (
	maxTold    = 8 << 20  // bytes of a tenant's generation: 20,000 positions
	maxAllTold = 64 << 20 // bytes of all tenants'
	toldSize   = 300      // about what an entry takes besides its text
)

func sizeOf(m *bus.Message) int {
	return toldSize + len(m.Sig) + len(m.Key) + len(m.From) + len(m.Data)
}

// note keeps a signal as the last of its key.
func (t *tellings) note(whose tenant.ID, subject string, m bus.Message) {
	m.Kind, m.Node, m.At = bus.Last, 0, m.At.Truncate(time.Microsecond) // as it travels
	t.mu.Lock()
	defer t.mu.Unlock()
	if m.At.Sub(t.swept) > keepSignals {
		t.sweep(m.At)
	}
	b := t.by[whose]
	if b == nil {
		b = &told{began: m.At, now: map[string]map[string]bus.Message{}}
		t.by[whose] = b
	}
	before := b.size + b.oldSize
	b.note(subject, m)
	t.size += b.size + b.oldSize - before
	for t.size > maxAllTold {
		t.forget()
	}
}

// of is what was told on a subject, as long as newcomers are to be shown it.
func (t *tellings) of(whose tenant.ID, subject string, now time.Time) []bus.Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	if b := t.by[whose]; b != nil {
		return b.of(subject, now)
	}
	return nil
}

// sweep drops who has told nothing for so long that nothing of it is shown.
func (t *tellings) sweep(now time.Time) {
	t.swept = now
	by := map[tenant.ID]*told{}
	for whose, b := range t.by {
		if now.Sub(b.began) <= 2*keepSignals {
			by[whose] = b
		} else {
			t.size -= b.size + b.oldSize
		}
	}
	t.by = by
}

// forget takes the older generation of whoever holds most, or all it has.
func (t *tellings) forget() {
	var most *told
	for _, b := range t.by {
		if most == nil || b.size+b.oldSize > most.size+most.oldSize {
			most = b
		}
	}
	if most.oldSize == 0 {
		most.turn(most.began)
	}
	t.size -= most.oldSize
	most.old, most.oldSize = nil, 0
}

func (t *told) turn(at time.Time) {
	t.old, t.oldSize = t.now, t.size
	t.now, t.size, t.began = map[string]map[string]bus.Message{}, 0, at
}

func (t *told) note(subject string, m bus.Message) {
	if t.size > maxTold || m.At.Sub(t.began) > keepSignals {
		t.turn(m.At)
	}
	keys := t.now[subject]
	if keys == nil {
		keys = map[string]bus.Message{}
		t.now[subject] = keys
	}
	if before, ok := keys[m.Key]; ok {
		t.size -= sizeOf(&before)
	} else if len(keys) >= maxSignals {
		for key, x := range keys { // any: who uses so many keys follows none of them
			delete(keys, key)
			t.size -= sizeOf(&x)
			break
		}
	}
	keys[m.Key] = m
	t.size += sizeOf(&m)
}

func (t *told) of(subject string, now time.Time) (out []bus.Message) {
	for _, m := range t.now[subject] {
		if now.Sub(m.At) <= keepSignals {
			out = append(out, m)
		}
	}
	for key, m := range t.old[subject] {
		if _, newer := t.now[subject][key]; !newer && now.Sub(m.At) <= keepSignals {
			out = append(out, m)
		}
	}
	return out
}

// recall asks what was told last on a subject that this node begins to show; the bus listens to it by now.
func (h *Hub) recall(subject string) {
	h.bus.Publish(bus.Questions, bus.Message{Kind: bus.Ask, Node: h.node, At: time.Now(), Data: []byte(subject)}.Encode())
}

// asked answers another node's question.
func (h *Hub) asked(payload string) {
	m, err := bus.Decode(payload)
	if err != nil || m.Kind != bus.Ask {
		h.log.Warn("realtime: a question that cannot be read")
		return
	}
	if m.Node == h.node {
		return
	}
	subject := string(m.Data)
	for _, last := range h.told.of(tenantOf(subject), subject, time.Now()) {
		h.bus.Publish(subject, last.Encode())
	}
}

// hearQuestions begins to; Redis confirms it once the bus runs.
func (h *Hub) hearQuestions() { _ = h.bus.Listen(context.Background(), bus.Questions) }

// remind takes what was told before, where nothing newer of its key has been heard.
func (s *subject) remind(m bus.Message, now time.Time) {
	if k, heard := s.signals[m.Key]; heard && !m.At.After(k.told) || now.Sub(m.At) > keepSignals || !s.keeps(m.Sig) {
		return
	}
	s.signal(m, true, now)
}
