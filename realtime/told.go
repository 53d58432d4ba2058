package realtime

import (
	"context"
	"sync"
	"time"

	"github.com/waymeet/waymeet/realtime/bus"
)

// told is what this node's clients have told last on channels whose newcomers are shown it, whether anybody here is shown it or
// not: when a node begins to show such a channel it asks the others, and who was told answers. So a signal costs one entry here,
// and a delivery nothing.
//
// It is best effort, as signals are: what a node that has died was told nobody answers, and while Redis is away nobody is asked.
type told struct {
	mu       sync.Mutex
	now, old map[string]map[string]bus.Message // guarded by mu: by subject and key, in two generations
	size     int                               // guarded by mu: bytes of now
	began    time.Time                         // guarded by mu: when now did
}

// maxTold bounds a generation. The older is forgotten when the newer is as old as signals are kept, or as large as this.
const maxTold = 8 << 20

// toldSize is about what an entry takes besides its text.
const toldSize = 300

func sizeOf(m *bus.Message) int {
	return toldSize + len(m.Sig) + len(m.Key) + len(m.From) + len(m.Data)
}

// note keeps a signal as the last of its key.
func (t *told) note(subject string, m bus.Message) {
	m.Kind, m.Node, m.At = bus.Last, 0, m.At.Truncate(time.Microsecond) // as it travels
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now == nil || t.size > maxTold || m.At.Sub(t.began) > keepSignals {
		t.old, t.now, t.size, t.began = t.now, map[string]map[string]bus.Message{}, 0, m.At
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

// of is what was told on a subject, as long as newcomers are to be shown it.
func (t *told) of(subject string, now time.Time) (out []bus.Message) {
	t.mu.Lock()
	defer t.mu.Unlock()
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
	for _, last := range h.told.of(subject, time.Now()) {
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
