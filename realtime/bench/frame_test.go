package bench

import (
	"bytes"
	"testing"
)

// TestFramesSplitAnywhere: a stream of frames of every kind of length is cut in two at every byte.
func TestFramesSplitAnywhere(t *testing.T) {
	t.Parallel()
	var stream []byte
	var want []frame
	for i, n := range []int{0, 1, 125, 126, 127, 300, 65535, 65536} {
		f := frame{opText, bytes.Repeat([]byte{byte('a' + i)}, n)}
		if i == 2 {
			f.op = opPing
		}
		want = append(want, f)
		stream = appendServerFrame(stream, f.op, f.payload)
	}
	step := 1
	if testing.Short() {
		step = 97
	}
	for cut := 0; cut <= len(stream); cut += step {
		if cut == 2000 { // past every kind of head but the longest two
			step = 61
		}
		got, rest := frames(t, nil, stream[:cut])
		got, rest = frames(t, got, append(bytes.Clone(rest), stream[cut:]...))
		if len(rest) != 0 || len(got) != len(want) {
			t.Fatalf("cut at %d: %d frames, %d bytes left", cut, len(got), len(rest))
		}
		for i := range want {
			if got[i].op != want[i].op || !bytes.Equal(got[i].payload, want[i].payload) {
				t.Fatalf("cut at %d: frame %d is another", cut, i)
			}
		}
	}
}

// TestHeadsSplitAtEveryByte looks at each prefix of each head and its first payload bytes.
func TestHeadsSplitAtEveryByte(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 5, 125, 126, 65535, 65536} {
		whole := appendServerFrame(nil, opText, make([]byte, n))
		for cut := range whole {
			if _, size, err := nextFrame(whole[:cut]); size != 0 || err != nil {
				t.Fatalf("%d bytes, cut at %d: size %d, %v", n, cut, size, err)
			}
		}
		if f, size, err := nextFrame(append(whole, 0x81)); size != len(whole) || len(f.payload) != n || err != nil {
			t.Fatalf("%d bytes: size %d, %v", n, size, err)
		}
	}
}

func TestNoFrame(t *testing.T) {
	t.Parallel()
	for name, b := range map[string][]byte{
		"fragment":     {0x01, 0x00},
		"continuation": {0x80, 0x00},
		"masked":       {0x81, 0x80, 0, 0, 0, 0},
		"compressed":   {0xc1, 0x00},
		"endless":      {0x81, 127, 0xff, 0, 0, 0, 0, 0, 0, 0},
	} {
		if _, _, err := nextFrame(b); err == nil {
			t.Errorf("%s is taken for a frame", name)
		}
	}
}

func TestClientFrames(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 125, 126, 4000} {
		whole := appendClientFrame(nil, opText, bytes.Repeat([]byte("x"), n))
		for cut := range whole {
			if _, size, err := nextClientFrame(whole[:cut]); size != 0 || err != nil {
				t.Fatalf("%d bytes, cut at %d: size %d, %v", n, cut, size, err)
			}
		}
		if f, size, err := nextClientFrame(whole); size != len(whole) || len(f.payload) != n || err != nil {
			t.Fatalf("%d bytes: size %d, %v", n, size, err)
		}
	}
}

func frames(t *testing.T, got []frame, b []byte) ([]frame, []byte) {
	t.Helper()
	for {
		f, size, err := nextFrame(b)
		if err != nil {
			t.Fatal(err)
		}
		if size == 0 {
			return got, b
		}
		got = append(got, frame{f.op, bytes.Clone(f.payload)})
		b = b[size:]
	}
}

func TestStamps(t *testing.T) {
	t.Parallel()
	payload, at := newPayload()
	if len(payload) != payloadSize {
		t.Errorf("%d bytes", len(payload))
	}
	first, second := stamp{1, 2, 3}, stamp{1<<63 + 10, 999, 1<<32 - 1}
	first.put(payload[at:])
	text := append(bytes.Clone(payload), '\n')
	second.put(payload[at:])
	text = append(text, payload...)
	a, rest, ok := nextStamp(text)
	b, rest, also := nextStamp(rest)
	if !ok || !also || a != first || b != second {
		t.Errorf("%v %v", a, b)
	}
	if _, _, ok := nextStamp(rest); ok {
		t.Error("a third of two")
	}
}
