package bus

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/google/uuid"
)

// Subject names where news of one live channel of one tenant go.
func Subject(tenant uuid.UUID, channel string) string {
	return tenant.String() + "/" + channel
}

// Control is the subject that every node listens to as long as it runs.
const Control = "control"

// Questions is another: what a node asks of all. Nodes before it do not listen to it.
const Questions = "questions"

// Kind is what a message is.
type Kind byte

// Kinds of messages. Their numbers are spoken between nodes of different versions.
const (
	Change  Kind = 1 // an entity's new document, or its tombstone
	Signal  Kind = 2
	Notice  Kind = 3 // for nodes, not for sockets
	told    Kind = 4 // a signal that names the node which has told its own sockets
	Ask     Kind = 5 // what was told last on the subject that the body names? Of a node, to nodes
	Last    Kind = 6 // a signal that was told before, for those who have not heard it
	unknown Kind = 0
)

// Message is what travels. A change carries the whole document, so that order, loss
// and repeats do not matter to a receiver that keeps the highest version.
type Message struct {
	Kind Kind

	// Change.
	Entity  string
	Version uint64
	Xid     uint64 // transaction that committed it; 0 when the sender did not know
	Gone    bool

	// Signal.
	Node               uint64 // who has told its own sockets already, or asks; 0 for nobody
	Sig, Key, From, To string

	At   time.Time
	Data []byte // document; signal's data; notice's body
}

// ErrMessage is a message that this version does not understand.
var ErrMessage = errors.New("bus: not a message")

// Encode returns a message as it travels.
func (m Message) Encode() []byte {
	b := make([]byte, 0, 72+len(m.Entity)+len(m.Sig)+len(m.Key)+len(m.From)+len(m.To)+len(m.Data))
	if m.Kind == Signal && m.Node != 0 {
		b = append(b, byte(told))
		b = binary.BigEndian.AppendUint64(b, m.Node)
	} else {
		b = append(b, byte(m.Kind))
	}
	if m.Kind == Ask {
		b = binary.BigEndian.AppendUint64(b, m.Node)
	}
	b = binary.AppendVarint(b, m.At.UnixMicro())
	switch m.Kind {
	case Change:
		b = appendText(b, m.Entity)
		b = binary.AppendUvarint(b, m.Version)
		b = binary.AppendUvarint(b, m.Xid)
		gone := byte(0)
		if m.Gone {
			gone = 1
		}
		b = append(b, gone)
	case Signal, Last:
		for _, s := range []string{m.Sig, m.Key, m.From, m.To} {
			b = appendText(b, s)
		}
	}
	return append(b, m.Data...)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// ToldBy is who has told its own sockets what a payload says; 0 for nobody.
func ToldBy(payload string) uint64 {
	if len(payload) < 9 || Kind(payload[0]) != told {
		return 0
	}
	return (&decoder{b: []byte(payload[1:9])}).uint64()
}

// Decode reads a message. Data is a copy.
func Decode(payload string) (m Message, err error) {
	d := decoder{b: []byte(payload)}
	if m.Kind = Kind(d.byte()); m.Kind == told {
		m.Kind, m.Node = Signal, d.uint64()
	}
	if m.Kind == Ask {
		m.Node = d.uint64()
	}
	m.At = time.UnixMicro(d.varint()).UTC()
	switch m.Kind {
	case Change:
		m.Entity, m.Version, m.Xid = d.text(), d.uvarint(), d.uvarint()
		m.Gone = d.byte() == 1
	case Signal, Last:
		m.Sig, m.Key, m.From, m.To = d.text(), d.text(), d.text(), d.text()
	case Notice, Ask:
	default:
		d.bad = true
	}
	if d.bad {
		return Message{}, ErrMessage
	}
	m.Data = d.b
	return m, nil
}

type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.bad = true
		return 0
	}
	v := d.b[0]
	d.b = d.b[1:]
	return v
}

func (d *decoder) uint64() uint64 {
	if len(d.b) < 8 {
		d.bad, d.b = true, nil
		return 0
	}
	v := binary.BigEndian.Uint64(d.b)
	d.b = d.b[8:]
	return v
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	return number(d, v, n)
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.b)
	return number(d, v, n)
}

func number[T int64 | uint64](d *decoder, v T, n int) T {
	if n <= 0 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) text() string {
	n := d.uvarint()
	if n > uint64(len(d.b)) {
		d.bad = true
		return ""
	}
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}
