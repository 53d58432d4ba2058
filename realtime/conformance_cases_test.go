package realtime_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// conformance is what a client sends after the handshake, and what must come back.
type conformance struct {
	name   string
	stream []byte
	want   string
}

var mask = [4]byte{0x37, 0xfa, 0x21, 0x3d}

// framed builds a frame with everything given: the first byte, how the length is written (7, 16 or 64 bits), the mask.
func framed(first byte, bits int, size uint64, m *[4]byte, payload []byte) []byte {
	flag := byte(0)
	if m != nil {
		flag = 0x80
	}
	var b []byte
	switch bits {
	case 7:
		b = []byte{first, flag | byte(size)}
	case 16:
		b = binary.BigEndian.AppendUint16([]byte{first, flag | 126}, uint16(size))
	default:
		b = binary.BigEndian.AppendUint64([]byte{first, flag | 127}, size)
	}
	if m == nil {
		return append(b, payload...)
	}
	b = append(b, m[:]...)
	for i, c := range payload {
		b = append(b, c^m[i%4])
	}
	return b
}

// masked is an ordinary frame of a client.
func masked(first byte, payload []byte) []byte {
	bits := 7
	switch {
	case len(payload) > 65535:
		bits = 64
	case len(payload) > 125:
		bits = 16
	}
	return framed(first, bits, uint64(len(payload)), &mask, payload)
}

func joined(frames ...[]byte) []byte { return bytes.Join(frames, nil) }

const (
	text, more, fin  = 0x01, 0x00, 0x80
	wrong, notUTF8   = "close 1002", "close 1007"
	answer1, answer2 = `text {"id":1,"ok":{}}`, `text {"id":2,"ok":{}}`
)

// ask is a request that says something, and is always answered alike.
func ask(id int, what string) []byte { return fmt.Appendf(nil, `{"id":%d,"unsub":"%s"}`, id, what) }

func conformances() (all []conformance) {
	add := func(want, name string, frames ...[]byte) {
		all = append(all, conformance{name, joined(frames...), want})
	}
	sizes(add)
	fragments(add)
	controls(add)
	closes(add)
	brokenHeaders(add)
	encodings(add)
	return all
}

type adder = func(want, name string, frames ...[]byte)

// sizes: every way to write a length, up to the limit and beyond it. (Autobahn 1 and 9)
func sizes(add adder) {
	for _, n := range []int{23, 64, 124, 125, 126, 127, 128, 129, 255, 1000, 4096, 8191, 8192, 8193, 16384, 32768, 65534, 65535, 65536} {
		q := ask(1, strings.Repeat("*", n-len(ask(1, ""))))
		add(answer1, fmt.Sprintf("a text of %d", n), masked(fin|text, q))
	}
	for _, n := range []int{65537, 70000, 1 << 20} {
		add("close 1009", fmt.Sprintf("a text of %d", n), masked(fin|text, ask(1, strings.Repeat("*", n-len(ask(1, ""))))))
	}
	q := ask(1, strings.Repeat("*", 65536-len(ask(1, ""))))
	for _, piece := range []int{1024, 16384, 65535} {
		add(answer1, fmt.Sprintf("the limit in fragments of %d", piece), split(q, piece)...)
		add("close 1009", fmt.Sprintf("beyond the limit in fragments of %d", piece), split(append(slices.Clone(q), "**"...), piece)...)
	}
	for _, n := range []uint64{1 << 32, 1 << 62, 1<<63 - 1} { // noticed when more has come than a message may have
		add("close 1009", fmt.Sprintf("a length of %d", n), framed(fin|text, 64, n, &mask, bytes.Repeat([]byte{' '}, 70000)))
	}
	for _, n := range []uint64{1 << 63, 1<<63 + 10, 1<<64 - 1} {
		add(wrong, fmt.Sprintf("a length with the top bit, %x", n), framed(fin|text, 64, n, &mask, ask(1, "x")))
	}
	// RFC 6455 has senders take the shortest way to write a length. The library does not mind, and nothing hangs on it.
	add(answer1, "16 bits where 7 do", framed(fin|text, 16, uint64(len(ask(1, "x"))), &mask, ask(1, "x")))
	add(answer1, "64 bits where 7 do", framed(fin|text, 64, uint64(len(ask(1, "x"))), &mask, ask(1, "x")))
	add(answer1, "64 bits where 16 do", framed(fin|text, 64, 300, &mask, ask(1, strings.Repeat("*", 300-len(ask(1, ""))))))
	for _, m := range [][4]byte{{}, {0xff, 0xff, 0xff, 0xff}, {1, 2, 3, 4}, {0x80, 0, 0, 0x80}, {'{', '"', 'i', 'd'}} {
		add(answer1, fmt.Sprintf("mask %x", m), framed(fin|text, 7, uint64(len(ask(1, "x"))), &m, ask(1, "x")))
	}
	add("close 1003", "binary", masked(fin|2, ask(1, "x")))
	add("close 1003", "empty binary", masked(fin|2, nil))
	add("", "an empty text", masked(fin|text, nil))
	add(answer1+" "+answer2, "two requests in a message", masked(fin|text, joined(ask(1, "x"), []byte("\n"), ask(2, "y"))))
	add(answer1+" "+answer2, "two messages", masked(fin|text, ask(1, "x")), masked(fin|text, ask(2, "y")))
	var many [][]byte
	for range 40 {
		many = append(many, masked(fin|text, ask(1, "x")))
	}
	add(strings.TrimSuffix(strings.Repeat(answer1+" ", 40), " "), "forty messages", many...)
}

// split is a message in fragments of so many bytes.
func split(msg []byte, piece int) (frames [][]byte) {
	first := byte(text)
	for len(msg) > piece {
		frames = append(frames, masked(first, msg[:piece]))
		msg, first = msg[piece:], more
	}
	return append(frames, masked(fin|first, msg))
}

// fragments: messages in pieces, with and without something between. (Autobahn 5)
func fragments(add adder) {
	q := ask(1, "in pieces")
	ping, pong := masked(fin|9, []byte("hi")), masked(fin|10, []byte("hi"))
	for cut := range len(q) + 1 {
		add(answer1, fmt.Sprintf("cut at %d", cut), masked(text, q[:cut]), masked(fin|more, q[cut:]))
		add("pong hi "+answer1, fmt.Sprintf("a ping at %d", cut), masked(text, q[:cut]), ping, masked(fin|more, q[cut:]))
	}
	for piece := 1; piece < len(q); piece += 3 {
		add(answer1, fmt.Sprintf("fragments of %d", piece), split(q, piece)...)
	}
	empty := masked(more, nil)
	add(answer1, "empty fragments around", masked(text, nil), empty, masked(more, q), empty, masked(fin|more, nil))
	add("", "nothing but empty fragments", masked(text, nil), empty, empty, masked(fin|more, nil))
	add(answer1, "a pong between", masked(text, q[:5]), pong, masked(fin|more, q[5:]))
	add("pong a pong b "+answer1, "pings between all", masked(text, q[:5]), masked(fin|9, []byte("a")), masked(more, q[5:9]), masked(fin|9, []byte("b")), masked(fin|more, q[9:]))
	add(wrong, "a continuation of nothing", masked(fin|more, q))
	add(wrong, "an open continuation of nothing", masked(more, q))
	add(answer1+" "+wrong, "a continuation after the end", masked(fin|text, q), masked(fin|more, q))
	add(answer1+" "+wrong, "a continuation after a fragmented end", masked(text, q[:5]), masked(fin|more, q[5:]), masked(fin|more, q))
	for _, second := range []byte{fin | text, text, fin | 2, 2} {
		add(wrong, fmt.Sprintf("%x within a fragmented message", second), masked(text, q[:5]), masked(second, q))
		add(wrong, fmt.Sprintf("%x after an empty fragment", second), masked(text, nil), masked(second, q))
		add(wrong, fmt.Sprintf("%x after a pong within", second), masked(text, q[:5]), masked(fin|10, nil), masked(second, q))
	}
	add("close 1003", "fragmented binary", masked(2, q[:5]), masked(fin|more, q[5:]))
	add("close 1000", "close within a fragmented message", masked(text, q[:5]), masked(fin|8, []byte{3, 232}))
}

// controls: pings are answered alike, pongs are not. (Autobahn 2)
func controls(add adder) {
	for n, payload := range map[string][]byte{"empty": nil, "text": []byte("Hello"), "binary": {0, 255, 254, 253, 252, 0}, "125 bytes": bytes.Repeat([]byte{'*'}, 125)} {
		want := "pong " + string(payload)
		add(want, "a ping, "+n, masked(fin|9, payload))
		add("", "a pong that nobody asked for, "+n, masked(fin|10, payload))
		add(want, "a pong and a ping, "+n, masked(fin|10, payload), masked(fin|9, payload))
	}
	var pings [][]byte
	var pongs []string
	for i := range 10 {
		pings = append(pings, masked(fin|9, fmt.Appendf(nil, "%d", i)))
		pongs = append(pongs, fmt.Sprintf("pong %d", i))
	}
	add(strings.Join(pongs, " "), "ten pings", pings...)
	for _, op := range []byte{8, 9, 10} {
		for _, n := range []int{126, 127, 1000, 65536} {
			add(wrong, fmt.Sprintf("control frame %d of %d", op, n), masked(fin|op, bytes.Repeat([]byte{3}, n)))
		}
		add(wrong, fmt.Sprintf("a fragmented %d", op), masked(op, []byte{3, 232}), masked(fin|more, nil))
		add(wrong, fmt.Sprintf("a fragmented empty %d", op), masked(op, nil))
		add(wrong, fmt.Sprintf("a fragmented %d within a message", op), masked(text, []byte("{")), masked(op, []byte{3, 232}))
	}
}

// closes: codes and reasons. (Autobahn 7)
func closes(add adder) {
	payload := func(code int, reason string) []byte {
		return append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...)
	}
	add("close", "close without a code", masked(fin|8, nil))
	add(wrong, "close with half a code", masked(fin|8, []byte{3}))
	good := []int{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3001, 3999, 4000, 4001, 4500, 4999}
	for _, code := range good {
		add(fmt.Sprintf("close %d", code), fmt.Sprintf("close with %d", code), masked(fin|8, payload(code, "")))
	}
	for _, code := range []int{1000, 3000, 4999} {
		add(fmt.Sprintf("close %d", code), fmt.Sprintf("close with %d and a reason", code), masked(fin|8, payload(code, "bye, ciao, سلام")))
		add(fmt.Sprintf("close %d", code), fmt.Sprintf("close with %d and a long reason", code), masked(fin|8, payload(code, strings.Repeat("*", 123))))
	}
	for _, code := range []int{0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 9999, 65535} {
		add(wrong, fmt.Sprintf("close with %d", code), masked(fin|8, payload(code, "")))
		add(wrong, fmt.Sprintf("close with %d and a reason", code), masked(fin|8, payload(code, "why")))
	}
	for _, reason := range []string{"\xff", "ok\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"} {
		add(notUTF8, fmt.Sprintf("close with the reason %q", reason), masked(fin|8, payload(1000, reason)))
	}
	end := masked(fin|8, payload(1000, ""))
	add("close 1000", "close and a text behind it", end, masked(fin|text, ask(1, "x")))
	add("close 1000", "close and a ping behind it", end, masked(fin|9, nil))
	add("close 1000", "close twice", end, end)
	add("close 1000", "close and nonsense behind it", end, []byte{0xff, 0xff, 0xff})
	add(answer1+" close 1000", "close behind a request", masked(fin|text, ask(1, "x")), end)
	add("pong x close 1000", "close behind a ping", masked(fin|9, []byte("x")), end)
}

// brokenHeaders: what no header may say. (Autobahn 3 and 4)
func brokenHeaders(add adder) {
	q := ask(1, "x")
	for rsv := byte(1); rsv < 8; rsv++ {
		for name, op := range map[string]byte{"text": text, "a ping": 9, "a pong": 10, "a close": 8} {
			add(wrong, fmt.Sprintf("reserved bits %d on %s", rsv, name), masked(fin|rsv<<4|op, []byte{3, 232}))
		}
		add(answer1+" "+wrong, fmt.Sprintf("reserved bits %d on the second", rsv), masked(fin|text, q), masked(fin|rsv<<4|text, q))
		add(wrong, fmt.Sprintf("reserved bits %d on a continuation", rsv), masked(text, q[:5]), masked(fin|rsv<<4|more, q[5:]))
	}
	bomb := append([]byte{0xec, 0xc1, 0x01, 0x0d, 0, 0, 0, 0xc2, 0xa0, 0xf7, 0x4f, 0x6d, 0x0e, 0x37}, make([]byte, 40)...)
	add(wrong, "compressed, and nobody agreed to it", masked(fin|0x40|text, bomb))
	for _, op := range []byte{3, 4, 5, 6, 7, 11, 12, 13, 14, 15} {
		add(wrong, fmt.Sprintf("opcode %d", op), masked(fin|op, nil))
		add(wrong, fmt.Sprintf("opcode %d with something", op), masked(fin|op, q))
		add(answer1+" "+wrong, fmt.Sprintf("opcode %d behind a request", op), masked(fin|text, q), masked(fin|op, nil))
		add(wrong, fmt.Sprintf("opcode %d within a message", op), masked(text, q[:5]), masked(fin|op, q[5:]))
	}
	for name, op := range map[string]byte{"text": text, "binary": 2, "a ping": 9, "a pong": 10, "a close": 8} {
		add(wrong, "unmasked "+name, framed(fin|op, 7, 2, nil, []byte{3, 232}))
		add(wrong, "unmasked empty "+name, framed(fin|op, 7, 0, nil, nil))
	}
	add(wrong, "an unmasked continuation", masked(text, q[:5]), framed(fin|more, 7, 4, nil, q[:4]))
}

// encodings: text is UTF-8, wherever it is cut. (Autobahn 6)
func encodings(add adder) {
	for _, s := range []string{"κόσμε", "\u0001\x7f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ufffd", "\uffff", "\U00010000", "\U0010ffff", "سلام 😀 é", "\ufeff"} {
		s = strings.ReplaceAll(s, "\u0001", "") // JSON wants it escaped
		q := ask(1, s)
		add(answer1, fmt.Sprintf("%+q", s), masked(fin|text, q))
		for cut := 1; cut < len(q); cut++ {
			if utf8.RuneStart(q[cut]) {
				continue // fragments has those
			}
			add(answer1, fmt.Sprintf("%+q cut at %d", s, cut), masked(text, q[:cut]), masked(fin|more, q[cut:]))
		}
	}
	for _, s := range []string{"\x80", "\xbf", "\xff", "\xfe", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
		"\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80", "\xed\xa0\x80", "\xed\xaf\xbf", "\xed\xbf\xbf", "\xed\xa0\x80\xed\xb0\x80", "\xf4\x90\x80\x80", "\xf7\xbf\xbf\xbf",
		"\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3(", "\xe2(\xa1", "\xf0(\x8c\xbc", "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"} {
		q := ask(1, s)
		add(notUTF8, fmt.Sprintf("%q", s), masked(fin|text, q))
		add(notUTF8, fmt.Sprintf("%q at the end", s), masked(fin|text, []byte(s)))
		for i := range len(s) {
			cut := bytes.Index(q, []byte(s)) + i
			add(notUTF8, fmt.Sprintf("%q cut at %d", s, i), masked(text, q[:cut]), masked(fin|more, q[cut:]))
		}
	}
	add(notUTF8, "nothing but a byte", masked(fin|text, []byte{0x80}))
	add(notUTF8, "the end is missing in the last fragment", masked(text, []byte(`{"id":1,"unsub":"`)), masked(fin|more, []byte("\xe2\x82")))
}
