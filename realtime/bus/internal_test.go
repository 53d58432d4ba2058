package bus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Nodes of all versions must agree on the names: this digest may never change.
func TestTagsArePinned(t *testing.T) {
	names := tagNames()
	sum := sha256.Sum256([]byte(strings.Join(names[:], ",")))
	if got := hex.EncodeToString(sum[:8]); got != pinnedTags {
		t.Errorf("the tags are others: %s", got)
	}
	if got, _ := channel("tenant/trip:1"); got != pinnedChannel || subjectOf(got) != "tenant/trip:1" {
		t.Errorf("a channel's name is another: %s", got)
	}
	if crc16("123456789") != 0x31c3 {
		t.Error("crc16 is not Redis Cluster's")
	}
	for i, n := range names {
		if slot := int(crc16(n)) % 16384; slot/128 != i {
			t.Errorf("tag %d falls into slot %d", i, slot)
		}
	}
}

// A subject that is left and wanted again before Redis answers is heard only after the
// last answer: the first one belongs to a subscription that is about to end.
func TestOnlyTheLastConfirmationCounts(t *testing.T) {
	b, err := Open(Config{URL: "redis://127.0.0.1:1/0"})
	if err != nil {
		t.Fatal(err)
	}
	b.up = true
	over, cancel := context.WithCancel(context.Background())
	cancel() // Listen orders, and does not wait
	_ = b.Listen(over, "x")
	b.Forget("x")
	_ = b.Listen(over, "x")
	for len(b.take()) > 0 {
	}
	x, _ := channel("x")
	for n, want := range []bool{false, true} {
		b.confirm(x)
		if got := b.subjects[x].confirmed; got != want {
			t.Errorf("after answer %d confirmed is %v", n+1, got)
		}
	}
}

// Left alone, go-redis dials again before it tells that anything was lost.
func TestLaneConnectsOnce(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var met atomic.Int32
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			met.Add(1)
			_, _ = c.Write([]byte("-ERR unknown command\r\n+PONG\r\n")) // to HELLO and PING
			_, _ = c.Read(make([]byte, 1024))
			_ = c.Close()
		}
	})
	a, err := parse("redis://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	lane := newLane(t.Context(), a.brief(a.hosts[0]), func([]Delivery) {})
	for err == nil {
		_, err = lane.ps.ReceiveTimeout(t.Context(), 0)
	}
	if err := lane.ps.Ping(t.Context()); !errors.Is(err, errOneLife) {
		t.Errorf("a ping after the loss: %v", err)
	}
	lane.close()
	_ = l.Close()
	wg.Wait()
	if met.Load() != 1 {
		t.Errorf("it connected %d times", met.Load())
	}
}

func TestPropertyMessagesSurviveTheJourney(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		m := Message{At: time.UnixMicro(rapid.Int64Range(0, 1<<52).Draw(t, "at")).UTC(), Data: rapid.SliceOf(rapid.Byte()).Draw(t, "data")}
		switch m.Kind = rapid.SampledFrom([]Kind{Change, Signal, Notice, Ask, Last}).Draw(t, "kind"); m.Kind {
		case Change:
			m.Entity, m.Version, m.Xid = text.Draw(t, "e"), rapid.Uint64().Draw(t, "v"), rapid.Uint64().Draw(t, "x")
			m.Gone = rapid.Bool().Draw(t, "gone")
		case Ask:
			m.Node = rapid.Uint64().Draw(t, "n")
		case Last:
			m.Sig, m.Key, m.From, m.To = text.Draw(t, "s"), text.Draw(t, "k"), text.Draw(t, "f"), text.Draw(t, "to")
		case Signal:
			m.Sig, m.Key, m.From, m.To = text.Draw(t, "s"), text.Draw(t, "k"), text.Draw(t, "f"), text.Draw(t, "to")
		}
		got, err := Decode(string(m.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Data) == 0 {
			m.Data, got.Data = nil, nil
		}
		if !reflect.DeepEqual(got, m) {
			t.Fatalf("%+v became %+v", m, got)
		}
	})
}

// FuzzDecode: nothing that Redis could hand us crashes a node.
func FuzzDecode(f *testing.F) {
	f.Add(string(Message{Kind: Change, Entity: "trip/x", Version: 3, Data: []byte("{}")}.Encode()))
	f.Add(string(Message{Kind: Signal, Sig: "position", Key: "k"}.Encode()))
	f.Add("\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
	f.Fuzz(func(t *testing.T, s string) {
		if m, err := Decode(s); err == nil {
			if again, err := Decode(string(m.Encode())); err != nil || again.Entity != m.Entity || again.Version != m.Version {
				t.Fatalf("%q: %+v, then %+v (%v)", s, m, again, err)
			}
		}
	})
}

const (
	pinnedTags    = "db161a566bebd20f"
	pinnedChannel = "wm:{72}:tenant/trip:1"
)
