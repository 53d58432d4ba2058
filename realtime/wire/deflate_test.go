package wire

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestOffers(t *testing.T) {
	for offer, want := range map[string]bool{
		"permessage-deflate": true, "permessage-deflate; client_max_window_bits": true, "Permessage-Deflate; client_max_window_bits=10; server_no_context_takeover": true,
		"permessage-deflate; server_max_window_bits=15": true, "permessage-deflate; server_max_window_bits=10": false,
		"permessage-deflate; server_max_window_bits=10, permessage-deflate": true, "x-none": false, "": false,
		"permessage-deflate; client_max_window_bits=99": false, "permessage-deflate; nonsense": false,
		"permessage-deflate; client_no_context_takeover; client_no_context_takeover": false, "permessage-deflate; client_no_context_takeover=1": false,
	} {
		if got := AcceptsDeflate([]string{"x-other", offer}); got != want {
			t.Errorf("%q: %v", offer, got)
		}
	}
}

// pack is a client's message: as the server compresses, but masked, in fragments.
func pack(t *rapid.T, payload []byte) (stream []byte) {
	frame := AppendDeflated(nil, payload)
	packed := frame[len(frame)-payloadLen(frame):]
	first := byte(rsv1 | opText)
	for {
		n := rapid.IntRange(0, len(packed)).Draw(t, "fragment")
		fin := byte(0)
		if n == len(packed) {
			fin = 0x80
		}
		stream = append(stream, fin|first, 0x80|127, 0, 0, 0, 0, byte(n>>24), byte(n>>16), byte(n>>8), byte(n), 0, 0, 0, 0)
		stream = append(stream, packed[:n]...)
		packed, first = packed[n:], 0
		if fin != 0 {
			return stream
		}
	}
}

func payloadLen(frame []byte) int {
	switch l := int(frame[1] & 0x7f); l {
	case 126:
		return len(frame) - 4
	case 127:
		return len(frame) - 10
	default:
		return l
	}
}

func TestPropertyCompressedMessagesArrive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payload := []byte(strings.Repeat(rapid.String().Draw(t, "word"), rapid.IntRange(0, 50).Draw(t, "times")))
		in := Inbound{Limit: 1 << 20, Deflate: true}
		var got [][]byte
		stream := append(pack(t, payload), pack(t, []byte("and one more"))...)
		for len(stream) > 0 {
			n := rapid.IntRange(1, len(stream)).Draw(t, "piece")
			if err := in.Take(stream[:n], func(op byte, p []byte) bool {
				got = append(got, bytes.Clone(p))
				return true
			}); err != nil {
				t.Fatal(err)
			}
			stream = stream[n:]
		}
		if len(got) != 2 || !bytes.Equal(got[0], payload) || string(got[1]) != "and one more" {
			t.Fatalf("%q became %q", payload, got)
		}
	})
}

func TestCompressedNonsenseEnds(t *testing.T) {
	frame := func(first byte, payload []byte) []byte {
		return append(append([]byte{first, 0x80 | 126, byte(len(payload) >> 8), byte(len(payload))}, 0, 0, 0, 0), payload...)
	}
	bomb := AppendDeflated(nil, make([]byte, 1<<20))
	bomb = bomb[len(bomb)-payloadLen(bomb):]
	for name, c := range map[string]struct {
		stream  []byte
		deflate bool
		want    CloseCode
	}{
		"a bomb":                         {frame(0xc1, bomb), true, CloseTooBig},
		"no deflate stream":              {frame(0xc1, []byte("\xff\xff\xff\xff")), true, CloseProtocol},
		"compressed, and not agreed":     {frame(0xc1, bomb), false, CloseProtocol},
		"a compressed control frame":     {append([]byte{0xc9, 0x80, 0, 0, 0, 0}, 0), true, CloseProtocol},
		"a bit of nobody":                {frame(0xa1, bomb), true, CloseProtocol},
		"compressed in the continuation": {append([]byte{0x01, 0x80, 0, 0, 0, 0}, frame(0xc0, bomb)...), true, CloseProtocol},
	} {
		in := Inbound{Limit: 64 << 10, Deflate: c.deflate}
		err := in.Take(c.stream, func(byte, []byte) bool { return true })
		var v *Violation
		if !errors.As(err, &v) || v.Code != c.want {
			t.Errorf("%s: %v, want %d", name, err, c.want)
		}
	}
}
