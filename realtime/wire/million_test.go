package wire

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

var seed = flag.Uint64("million.seed", 0, "seed of TestAMillionInputs; 0: another each time")

// TestAMillionInputs puts a million inputs to the properties of the Fuzz functions and of frames: most are well formed and
// deep, because a grammar made them, and those are then broken in some places. The seed that it prints repeats a run.
func TestAMillionInputs(t *testing.T) {
	const inputs, block = 1_000_000, 5_000
	first := *seed
	if first == 0 {
		first = uint64(time.Now().UnixNano())
	}
	t.Logf("-million.seed=%d", first)
	blocks := make(chan uint64, inputs/block)
	for b := range uint64(inputs / block) {
		blocks <- b
	}
	close(blocks)
	var mu sync.Mutex
	var sum tally
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			var w worker
			for b := range blocks {
				w.Rand = rand.New(rand.NewPCG(first, b)) // whichever core takes it, a block is the same
				for i := range block {
					if !w.one(t, i) {
						t.Errorf("input %d of block %d", i, b)
						return
					}
				}
			}
			mu.Lock()
			defer mu.Unlock()
			sum.add(w.tally)
		})
	}
	wg.Wait()
	t.Logf("%+v", sum)
	if t.Failed() {
		return
	}
	if n := sum.Canonical + sum.Requests + sum.Patches + sum.Frames; n != inputs {
		t.Errorf("%d inputs", n)
	}
	for what, share := range map[string]float64{ // or the million would say little
		"canonical inputs are accepted": float64(sum.Accepted) / float64(sum.Canonical), "requests are understood": float64(sum.Understood) / float64(sum.Requests),
		"streams are whole": float64(sum.Whole) / float64(sum.Frames), "patches apply": float64(sum.Applied) / float64(sum.Patches), "patches compose": float64(sum.Composed) / float64(sum.Applied), "patches do not compose": 1 - float64(sum.Composed)/float64(sum.Applied),
	} {
		if share < 0.05 {
			t.Errorf("only %.3f of %s", share, what)
		}
	}
}

// tally is what was met.
type tally struct{ Canonical, Accepted, Requests, Understood, Patches, Applied, Composed, Frames, Whole int }

func (s *tally) add(o tally) {
	s.Canonical, s.Accepted, s.Requests, s.Understood = s.Canonical+o.Canonical, s.Accepted+o.Accepted, s.Requests+o.Requests, s.Understood+o.Understood
	s.Patches, s.Applied, s.Composed, s.Frames, s.Whole = s.Patches+o.Patches, s.Applied+o.Applied, s.Composed+o.Composed, s.Frames+o.Frames, s.Whole+o.Whole
}

type worker struct {
	*rand.Rand
	tally
	a, b, c []byte // lent to inputs
}

// one puts one input; the properties fail the test.
func (w *worker) one(t *testing.T, i int) bool {
	switch i % 4 {
	case 0:
		w.Canonical++
		w.a = w.broken(w.value(w.a[:0], 3, true), 3)
		return checkCanonical(t, w.a, &w.tally)
	case 1:
		w.Requests++
		w.a = w.request(w.a[:0])
		for range w.IntN(3) {
			w.a = w.request(append(w.a, '\n'))
		}
		w.a = w.broken(w.a, 3)
		return checkNext(t, w.a, &w.tally)
	case 2:
		w.Patches++
		w.a, w.b, w.c = w.object(w.a[:0], 3, false), w.object(w.b[:0], 3, true), w.object(w.c[:0], 3, true)
		w.a, w.b, w.c = w.broken(w.a, 12), w.broken(w.b, 12), w.broken(w.c, 12)
		return checkPatch(t, w.a, w.b, w.c, &w.tally)
	}
	w.Frames++
	return w.frames(t)
}

var memberNames = []string{`"a"`, `"b"`, `"c"`, `"\""`, `"é"`, `"😀"`, `"\ufb33"`, `"\u0061"`, `""`, "\"\ufb33\""}

var scalars = []string{`0`, `-0`, `1`, `-1`, `12345678901234567890`, `1.5`, `1e3`, `1E-7`, `1e21`, `0.1`, `-0.0`, `1e400`, `true`, `false`, `""`, `"x"`, `"é"`, `"\u00e9\/\n"`,
	`"\ud83d\ude00"`, `"😀"`, `"\ud800"`, `"\\\""`}

var blanks = []string{"", "", "", "", "", " ", "\n", "\t\r "}

// value appends JSON; null says whether it may be null.
func (w *worker) value(b []byte, depth int, null bool) []byte {
	b = append(b, blanks[w.IntN(len(blanks))]...)
	switch k := w.IntN(10); {
	case depth > 0 && k < 5:
		return w.object(b, depth-1, null)
	case depth > 0 && k < 6:
		b = append(b, '[')
		for i := range w.IntN(4) {
			if i > 0 {
				b = append(b, ',')
			}
			b = w.value(b, depth-1, null)
		}
		return append(b, ']')
	case null && k == 6:
		return append(b, "null"...)
	case w.IntN(400) == 0: // too deep
		n := 20 + w.IntN(30)
		return append(append(b, bytes.Repeat([]byte{'['}, n)...), bytes.Repeat([]byte{']'}, n)...)
	}
	s := scalars[w.IntN(len(scalars))]
	if s == `1e400` || s == `"\ud800"` {
		s = scalars[w.IntN(len(scalars))] // rarely what is refused
	}
	return append(b, s...)
}

func (w *worker) object(b []byte, depth int, null bool) []byte {
	b = append(b, '{')
	n, at := w.IntN(5), w.IntN(len(memberNames))
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		at += 1 + w.IntN(2) // mostly none twice
		b = append(append(append(b, blanks[w.IntN(len(blanks))]...), memberNames[at%len(memberNames)]...), ':')
		b = w.value(b, depth, null)
	}
	return append(b, '}')
}

// request appends one that is nearly always right.
func (w *worker) request(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"id":`...), int64(w.IntN(200)-20), 10)
	switch w.IntN(6) {
	case 0:
		b = append(b, `,"sub":"trip:0190","epoch":"e","have":{"trip/0190":57,"trip/1":0}`...)
	case 1:
		b = append(b, `,"sub":["trip:1","board:2026-11-23?from=06:00"]`...)
	case 2:
		b = append(b, `,"unsub":"m\u0065"`...)
	case 3:
		b = w.object(append(b, `,"call":"bookings.hold","key":"k","args":`...), 3, true)
	case 4:
		b = w.value(append(b, `,"signal":"trip:1","sig":"position","d":`...), 3, true)
	default:
		b = append(b, `,"auth":"token"`...)
	}
	if w.IntN(4) == 0 {
		b = w.value(append(b, `,"future":`...), 2, true)
	}
	return append(b, '}')
}

// broken breaks one input of so many, in a few places.
func (w *worker) broken(b []byte, of int) []byte {
	if w.IntN(of) > 0 || len(b) == 0 {
		return b
	}
	const telling = "{}[]\",:\\\x00\x1f\xff\xc3\xed0-.eEnu"
	for range 1 + w.IntN(3) {
		i := w.IntN(len(b))
		switch w.IntN(5) {
		case 0:
			b[i] = telling[w.IntN(len(telling))]
		case 1:
			b[i] ^= 1 << w.IntN(8)
		case 2:
			b = append(b[:i], b[i+1:]...)
		case 3:
			b = append(b, b[i:min(len(b), i+w.IntN(8))]...)
		case 4:
			b = b[:i]
		}
		if len(b) == 0 {
			return b
		}
	}
	return b
}

// frames is a client's stream, mostly right: however it is cut, the same comes of it, and of one that was left as it is what was put in.
func (w *worker) frames(t *testing.T) bool {
	w.a = w.a[:0]
	var want []string
	for range 1 + w.IntN(4) {
		n := w.IntN(200)
		switch k := w.IntN(1000); {
		case k < 2:
			n = 65530 + w.IntN(12)
		case k < 100:
			n = 124 + w.IntN(4)
		}
		op := []byte{OpText, OpText, OpBinary, OpPing, OpPong, OpClose}[w.IntN(6)]
		payload := noise[w.IntN(1000):][:n]
		if op >= OpClose {
			payload = payload[:min(n, maxControlPayload)]
		}
		want = append(want, string(op)+string(payload))
		for first := op; ; first = OpContinuation {
			part := payload[:w.IntN(len(payload)+1)]
			if w.IntN(2) == 0 || op >= OpClose {
				part = payload
			}
			payload = payload[len(part):]
			w.a = w.masked(w.a, first, len(payload) == 0, part)
			if len(payload) == 0 {
				break
			}
		}
	}
	w.c = append(w.c[:0], w.a...)
	w.a = w.broken(w.a, 2)
	w.b = append(w.b[:0], w.a...)
	right := bytes.Equal(w.a, w.c)
	one, oneErr := taken(w.a)
	many, manyErr := taken(w.b, func(rest int) int { return 1 + w.IntN(rest) })
	if !slices.Equal(one, many) || fmt.Sprint(oneErr) != fmt.Sprint(manyErr) {
		t.Errorf("whole: %q %v; in pieces: %q %v", one, oneErr, many, manyErr)
		return false
	}
	if right {
		w.Whole++
	}
	if right && (oneErr != nil || !slices.Equal(one, want)) {
		t.Errorf("%q became %q %v", want, one, oneErr)
		return false
	}
	return true
}

// masked appends a client's frame.
func (w *worker) masked(b []byte, op byte, fin bool, payload []byte) []byte {
	if fin {
		op |= 0x80
	}
	switch n := len(payload); {
	case n < 126:
		b = append(b, op, 0x80|byte(n))
	case n < 1<<16:
		b = append(b, op, 0x80|126, byte(n>>8), byte(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, op, 0x80|127), uint64(n))
	}
	key := binary.LittleEndian.AppendUint32(nil, w.Uint32())
	b = append(b, key...)
	for i, c := range payload {
		b = append(b, c^key[i&3])
	}
	return b
}

// taken is what comes of a stream that is cut by cut.
func taken(stream []byte, cut ...func(rest int) int) (got []string, err error) {
	in := Inbound{Limit: 100_000}
	for len(stream) > 0 && err == nil {
		n := len(stream)
		if len(cut) > 0 {
			n = cut[0](n)
		}
		err = in.Take(stream[:n], func(op byte, payload []byte) bool {
			got = append(got, string(op)+string(payload))
			return true
		})
		stream = stream[n:]
	}
	return got, err
}

// noise is what frames carry: it is not looked at.
var noise = bytes.Repeat([]byte{0x81, 0xff, 0, 0x88, '{', 0x7f}, 11_200)
