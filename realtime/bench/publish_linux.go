package bench

import (
	"errors"
	"strconv"
	"time"
)

// quiet is how long nothing must come before what has not come is lost.
const quiet = 10 * uint64(time.Second)

// publish keeps to a schedule, or keeps a window of publishes under way.
func (g *generator) publish(o Publish) (Answer, error) {
	if len(g.publishers) == 0 || o.Channels < 1 || o.Channels > len(g.opened.Channels) {
		return Answer{}, errors.New("nobody can publish that")
	}
	w := newWriter(g, o.Channels)
	start := now()
	var err error
	if o.Rate > 0 {
		err = w.onTime(start, o)
	} else {
		err = w.fullSpeed(start, o)
	}
	late := now() > start+uint64((o.Seconds*1.02+0.1)*1e9)
	r := &g.took
	for moved, seen := now(), r.delivered; err == nil && r.delivered < r.expected; {
		if err = g.turn(now() + uint64(20*time.Millisecond)); r.delivered != seen {
			moved, seen = now(), r.delivered
		} else if now()-moved > quiet {
			break
		}
	}
	return Answer{
		Published: r.published, Delivered: r.delivered, Lost: int64(r.expected) - int64(r.delivered),
		Repeated: r.repeated, Disordered: r.disordered, Failed: r.failed, Late: late,
		Seconds: float64(max(r.newest, start)-start) / 1e9,
		P50MS:   r.latency.percentile(0.5), P99MS: r.latency.percentile(0.99), MaxMS: milliseconds(r.latency.most),
	}, err
}

// writer makes publishes.
type writer struct {
	g       *generator
	names   []string // of channels
	out     [][]byte // by publisher, for one write
	payload []byte
	at      int // of the stamp
	message []byte
}

func newWriter(g *generator, channels int) *writer {
	w := &writer{g: g, names: g.opened.Channels[:channels], out: make([][]byte, len(g.publishers))}
	w.payload, w.at = newPayload()
	return w
}

// put makes one publish, due at a moment. A channel stays with one publisher, or its sequence would mean nothing; every
// signal has a key of its own, so that none may replace another.
func (w *writer) put(due uint64) {
	g := w.g
	channel := int(g.took.published) % len(w.names)
	from := channel % len(w.out)
	g.signals++
	g.sequences[channel]++
	stamp{due, channel, g.sequences[channel]}.put(w.payload[w.at:])
	m := append(w.message[:0], `{"id":`...)
	m = strconv.AppendUint(m, g.signals, 10)
	m = append(m, `,"signal":"`...)
	m = append(m, w.names[channel]...)
	m = append(m, `","key":"`...)
	m = strconv.AppendUint(m, g.signals, 10)
	m = append(m, `","d":`...)
	m = append(m, w.payload...)
	w.message = append(m, '}')
	w.out[from] = appendClientFrame(w.out[from], opText, w.message)
	g.took.published++
	g.took.expected += uint64(g.subscribers[channel])
}

func (w *writer) flush() error {
	for i, b := range w.out {
		if len(b) == 0 {
			continue
		}
		p := w.g.publishers[i]
		if w.g.clients[p.fd] != p {
			return errors.New("the server ended a publisher's connection: " + w.g.why)
		}
		w.g.send(p, b)
		w.out[i] = b[:0]
	}
	return nil
}

// onTime publishes what is due and reads in between.
func (w *writer) onTime(start uint64, o Publish) error {
	due := func(i int) uint64 { return start + uint64(float64(i)/o.Rate*1e9) }
	total := int(o.Rate * o.Seconds)
	for i := 0; i < total; {
		for at := now(); i < total && due(i) <= at; i++ {
			w.put(due(i))
		}
		if err := w.flush(); err != nil {
			return err
		}
		until := now() + uint64(time.Second)
		if i < total {
			until = due(i)
		}
		if err := w.g.turn(until); err != nil {
			return err
		}
	}
	return nil
}

// fullSpeed has Window publishes under way. One that is lost would be under way for ever: it is written off when nothing
// has come for a while.
func (w *writer) fullSpeed(start uint64, o Publish) error {
	r := &w.g.took
	end, moved, seen, lost := start+uint64(o.Seconds*1e9), start, uint64(0), uint64(0)
	for now() < end {
		each := max(1, uint64(w.g.subscribers[0]))
		under := (r.expected - min(r.expected, r.delivered+lost) + each - 1) / each
		for ; under < uint64(o.Window); under++ {
			w.put(now())
		}
		if err := w.flush(); err != nil {
			return err
		}
		if err := w.g.turn(now() + uint64(time.Millisecond)); err != nil {
			return err
		}
		if r.delivered != seen {
			moved, seen = now(), r.delivered
		} else if now()-moved > uint64(time.Second) {
			lost, moved = r.expected-r.delivered, now()
		}
	}
	return nil
}
