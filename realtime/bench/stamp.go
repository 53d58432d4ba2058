package bench

import "bytes"

// stamp is what every payload says of itself, inside one JSON string, so that it survives whatever the server does to the
// JSON around it: a mark, and three numbers of fixed width in hexadecimal.
type stamp struct {
	due      uint64 // when the publish was to be sent, by the generator's clock, in nanoseconds
	channel  int
	sequence uint64 // within the channel, from 1
}

const (
	stampMark   = "#wm:"
	stampLength = len(stampMark) + 16 + 8 + 8
	payloadSize = 200
)

// newPayload is a JSON object of payloadSize bytes, and where its stamp begins.
func newPayload() (payload []byte, at int) {
	const head, between, tail = `{"n":"`, `","pad":"`, `"}`
	const filling = "abcdefghijklmnopqrstuvwxyz0123456789"
	payload = append(payload, head...)
	payload = append(payload, make([]byte, stampLength)...)
	payload = append(payload, between...)
	for i := 0; len(payload)+len(tail) < payloadSize; i++ {
		payload = append(payload, filling[i%len(filling)])
	}
	payload = append(payload, tail...)
	stamp{}.put(payload[len(head):])
	return payload, len(head)
}

// put writes the stamp over the beginning of b.
func (s stamp) put(b []byte) {
	copy(b, stampMark)
	b = b[len(stampMark):]
	putHex(b[:16], s.due)
	putHex(b[16:24], uint64(s.channel))
	putHex(b[24:32], s.sequence)
}

var mark = []byte(stampMark)

// nextStamp finds the first stamp in b; rest is what follows it.
func nextStamp(b []byte) (s stamp, rest []byte, ok bool) {
	i := bytes.Index(b, mark)
	if i < 0 || len(b)-i < stampLength {
		return s, nil, false
	}
	n := b[i+len(stampMark):]
	return stamp{hex(n[:16]), int(hex(n[16:24])), hex(n[24:32])}, b[i+stampLength:], true
}

func putHex(b []byte, v uint64) {
	const digits = "0123456789abcdef"
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = digits[v&15]
		v >>= 4
	}
}

// hex reads what putHex wrote.
func hex(b []byte) (v uint64) {
	for _, c := range b {
		if c >= 'a' {
			c -= 'a' - '0' - 10
		}
		v = v<<4 | uint64(c-'0')
	}
	return v
}
