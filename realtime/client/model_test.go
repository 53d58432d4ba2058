package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/realtime/wire"
)

const board = "board:2026-11-23"

// model is a server of one channel: a history, and what it believes that its client holds.
// It speaks through the codec to a real client without a network.
type model struct {
	t        *rapid.T
	c        *Client
	s        *Subscription
	l        *link
	epoch    int
	docs     map[string][][]byte // by entity: the document of each version, from 1 on; nil: not in the set
	believes map[string]int      // what was sent
	parts    map[string]bool     // still to be sent as parts; nil: the set is whole
	joined   bool
	faulty   bool // frames get lost
	lost     int
	breaches []Breach
}

var entities = []string{"trip/a", "trip/b", "trip/c", "trip/d", "trip/é"}

func newModel(t *rapid.T) *model {
	m := &model{t: t, docs: map[string][][]byte{}}
	m.c = New(Config{Logger: slog.New(slog.DiscardHandler), OnBreach: func(b Breach) { m.breaches = append(m.breaches, b) }})
	m.s = m.c.Subscribe(board)
	return m
}

func (m *model) newest(e string) int { return len(m.docs[e]) }

func (m *model) doc(e string, v int) []byte {
	if v == 0 {
		return nil
	}
	return m.docs[e][v-1]
}

func (m *model) commit() {
	e := rapid.SampledFrom(entities).Draw(m.t, "entity")
	if rapid.IntRange(0, 4).Draw(m.t, "out") == 0 {
		m.docs[e] = append(m.docs[e], nil)
		return
	}
	fields := map[string]any{"n": m.newest(e)}
	for _, f := range []string{"x", "y", "\""} {
		switch rapid.IntRange(0, 3).Draw(m.t, "field") {
		case 0:
			fields[f] = rapid.IntRange(0, 2).Draw(m.t, "value")
		case 1:
			fields[f] = map[string]any{"z": rapid.IntRange(0, 2).Draw(m.t, "value")}
		}
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		m.t.Fatal(err)
	}
	d, err := wire.Document(nil, raw)
	if err != nil {
		m.t.Fatal(err)
	}
	m.docs[e] = append(m.docs[e], d)
}

// say is a frame on its way to the client; a fault swallows some.
func (m *model) say(frame []byte) {
	if m.faulty && rapid.IntRange(0, 3).Draw(m.t, "lost") == 0 {
		m.lost++
		return
	}
	m.c.message(m.l, frame)
}

// flush sends what the client lacks of one entity, however many versions that is.
func (m *model) flush(e string) {
	held, now := m.believes[e], m.newest(e)
	if !m.joined || m.parts[e] || held == now {
		return
	}
	was, is := m.doc(e, held), m.doc(e, now)
	m.believes[e] = now
	switch {
	case is == nil && was != nil:
		m.say(wire.GoneTail(wire.AppendHead(nil, board), e, uint64(now)))
	case is == nil: // it came and went unseen
	case was == nil || rapid.Bool().Draw(m.t, "whole"):
		m.say(wire.DocumentTail(wire.AppendHead(nil, board), e, uint64(now), is))
	default:
		m.say(wire.PatchTail(wire.AppendHead(nil, board), e, uint64(held), uint64(now), wire.Diff(nil, was, is)))
	}
}

// part sends some of what is left of a set.
func (m *model) part() {
	if m.parts == nil {
		return
	}
	var members []byte
	for e := range maps.Clone(m.parts) {
		if len(m.parts) > 1 && rapid.Bool().Draw(m.t, "later") {
			continue
		}
		delete(m.parts, e)
		m.believes[e] = m.newest(e)
		if d := m.doc(e, m.newest(e)); d != nil {
			if members != nil {
				members = append(members, ',')
			}
			members = wire.SetDocument(members, e, uint64(m.newest(e)), d)
		}
	}
	more := len(m.parts) > 0
	if !more {
		m.parts = nil
	}
	m.c.message(m.l, wire.AppendSetPart(nil, board, members, more)) // a lost one would end the connection
}

func (m *model) connect() {
	m.disconnect()
	m.l = &link{waiting: map[int64]*request{}, poke: make(chan struct{}, 1)}
	frame := 4096
	if rapid.Bool().Draw(m.t, "narrow") {
		frame = 130 // not all that is held can be said
	}
	m.c.message(m.l, wire.AppendHello(nil, wire.Hello{Conn: "c", Node: "n", User: "u", Epoch: fmt.Sprint(m.epoch), PingMS: 1000, MaxFrame: frame, AuthExp: 1}))
}

func (m *model) disconnect() {
	if m.l != nil {
		m.c.lost(m.l, nil)
	}
	m.l, m.joined, m.parts, m.believes = nil, false, nil, nil
}

// serve answers what the client asks, if it asks.
func (m *model) serve() {
	if m.l == nil {
		return
	}
	m.c.mu.Lock()
	asked, _ := m.c.ask(m.l, time.Now().Add(time.Hour))
	messages := m.c.outgoing(m.l, asked)
	m.c.mu.Unlock()
	for _, msg := range messages {
		r, _, err := wire.Next(msg)
		if err != nil || r.Verb != wire.Sub || r.Channels[0] != board || len(msg) > m.l.hello.MaxFrame {
			m.t.Fatalf("%s: %v", msg, err)
		}
		if r.Epoch != fmt.Sprint(m.epoch) {
			r.Have = nil
		}
		resub := m.joined
		m.joined, m.believes, m.parts = true, map[string]int{}, nil
		var members []byte
		var gone []string
		for _, e := range entities {
			held, now := int(r.Have[e]), m.newest(e)
			d := m.doc(e, now)
			switch {
			case d == nil && held > 0:
				gone = append(gone, e)
				m.believes[e] = now
			case d == nil:
				m.believes[e] = now
			case held >= now:
				m.believes[e] = now
			case rapid.IntRange(0, 2).Draw(m.t, "part") == 0 && held == 0:
				if m.parts == nil {
					m.parts = map[string]bool{}
				}
				m.parts[e] = true
			default:
				if members != nil {
					members = append(members, ',')
				}
				if held > 0 && m.doc(e, held) != nil && !resub {
					members = wire.SetPatch(members, e, uint64(held), uint64(now), wire.Diff(nil, m.doc(e, held), d))
				} else {
					members = wire.SetDocument(members, e, uint64(now), d)
				}
				m.believes[e] = now
			}
		}
		body := append(append([]byte(`{"set":{`), members...), '}')
		if gone != nil {
			raw, err := json.Marshal(gone)
			if err != nil {
				m.t.Fatal(err)
			}
			body = append(append(body, `,"gone":`...), raw...)
		}
		if m.parts != nil {
			body = append(body, `,"more":true`...)
		}
		m.c.message(m.l, wire.AppendOK(nil, r.ID, append(body, '}')))
	}
}

func (m *model) truth() []byte {
	var all []string
	for e := range m.docs {
		if d := m.doc(e, m.newest(e)); d != nil {
			all = append(all, string(wire.SetDocument(nil, e, uint64(m.newest(e)), d)))
		}
	}
	slices.Sort(all)
	out, err := wire.Canonical(nil, []byte(`{"set":{`+strings.Join(all, ",")+`}}`))
	if err != nil {
		m.t.Fatal(err)
	}
	return out
}

// settle brings client and server to rest, whatever was lost on the way.
func (m *model) settle() {
	m.faulty = false
	if m.l == nil {
		m.connect()
	}
	for range 3 { // a loss is seen by the change behind it, and healed by one more request
		m.serve()
		for m.parts != nil {
			m.part()
		}
		for _, e := range entities {
			m.docs[e] = append(m.docs[e], m.doc(e, m.newest(e)))
			m.flush(e)
		}
	}
	for _, e := range entities { // healed without another connection
		if got, want := m.s.replica.docs[e].JSON, m.doc(e, m.newest(e)); want != nil && !bytes.Equal(got, want) {
			m.t.Fatalf("%s is %s, want %s", e, got, want)
		}
	}
	if m.lost > 0 { // only that tells of a leaving that was lost
		m.connect()
		m.serve()
		for m.parts != nil {
			m.part()
		}
	}
}

func (m *model) check() {
	if got, want := m.s.replica.Canonical(), m.truth(); !bytes.Equal(got, want) {
		m.t.Fatalf("holds %s\nwant  %s", got, want)
	}
	if st := m.s.Status(); !st.Current() {
		m.t.Fatalf("%+v", st)
	}
}

// Changes, disconnections, resumptions with all or some of what is held, parts, steps that
// are skipped, another epoch: whatever the order, the client ends with the truth, and what
// a correct server sends is never taken for a gap or a breach.
func TestPropertyAnyHistoryConverges(t *testing.T) {
	for i := range 8 { // the rare orders need many tries
		t.Run(fmt.Sprint(i), rapid.MakeCheck(func(t *rapid.T) { history(t, false) }))
	}
}

// The same when pushes get lost: then there are gaps, and they heal.
func TestPropertyLostFramesHeal(t *testing.T) {
	var sum Stats
	for i := range 8 {
		t.Run(fmt.Sprint(i), rapid.MakeCheck(func(t *rapid.T) {
			st := history(t, true).c.Stats()
			sum.Gaps, sum.Patches, sum.Documents, sum.Left = sum.Gaps+st.Gaps, sum.Patches+st.Patches, sum.Documents+st.Documents, sum.Left+st.Left
		}))
	}
	t.Logf("%d gaps, %d patches, %d documents, %d left", sum.Gaps, sum.Patches, sum.Documents, sum.Left)
	if sum.Gaps == 0 {
		t.Error("there was no gap: the property was not tested")
	}
}

func history(t *rapid.T, faulty bool) *model {
	m := newModel(t)
	m.faulty = faulty
	for range rapid.IntRange(1, 60).Draw(t, "steps") {
		switch rapid.SampledFrom([]string{"commit", "flush", "flush all", "commit", "flush", "serve", "part", "commit", "connect", "disconnect", "rewind"}).Draw(t, "step") {
		case "connect":
			m.connect()
			m.serve()
		case "disconnect":
			m.disconnect()
		case "rewind":
			if rapid.Bool().Draw(t, "really") {
				m.disconnect()
				m.epoch++
				m.docs = map[string][][]byte{}
			}
		case "serve":
			if m.l == nil {
				m.connect()
			}
			m.serve()
		case "part":
			m.part()
		case "commit":
			m.commit()
		case "flush":
			m.flush(rapid.SampledFrom(entities).Draw(t, "entity"))
		case "flush all":
			for _, e := range entities {
				m.flush(e)
			}
		}
	}
	m.settle()
	m.check()
	if st := m.c.Stats(); !faulty && (st.Gaps > 0 || st.Breaches > 0) {
		t.Fatalf("%+v %+v", st, m.breaches)
	}
	return m
}
