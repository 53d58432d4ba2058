package wire

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"strings"
	"sync"
)

// Permessage-deflate (RFC 7692) without context takeover: each message by itself, so that a connection holds no window.

// Deflated is how the extension is agreed to.
const Deflated = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

// DeflateFrom is the length from which compressing a payload is worth its time.
const DeflateFrom = 512

// errLarge: it would become longer than its limit.
var errLarge = errors.New("wire: inflates beyond the limit")

// AcceptsDeflate says that one of the offers in a Sec-WebSocket-Extensions header can be agreed to as Deflated. A smaller
// window of ours cannot be: the compressor has one size.
func AcceptsDeflate(lines []string) bool {
	for _, line := range lines {
		for _, offer := range strings.Split(line, ",") {
			if acceptsOffer(strings.Split(offer, ";")) {
				return true
			}
		}
	}
	return false
}

func acceptsOffer(parts []string) bool {
	if !strings.EqualFold(strings.TrimSpace(parts[0]), "permessage-deflate") {
		return false
	}
	seen := map[string]bool{}
	for _, p := range parts[1:] {
		name, value, given := strings.Cut(strings.TrimSpace(p), "=")
		value = strings.Trim(value, `"`)
		if seen[name] {
			return false
		}
		seen[name] = true
		switch name {
		case "server_no_context_takeover", "client_no_context_takeover":
			if given {
				return false
			}
		case "client_max_window_bits": // a limit for the client's own window: ours to name, and we do not
			if given && !windowBits(value) {
				return false
			}
		case "server_max_window_bits":
			if value != "15" {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func windowBits(v string) bool {
	switch v {
	case "8", "9", "10", "11", "12", "13", "14", "15":
		return true
	}
	return false
}

var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.BestSpeed)
	if err != nil {
		panic(err) // the level is one that there is
	}
	return w
}}

// AppendDeflated appends payload as one whole compressed text frame.
func AppendDeflated(dst, payload []byte) []byte {
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	var b bytes.Buffer
	w.Reset(&b)
	_, _ = w.Write(payload) // a buffer takes everything
	_ = w.Flush()
	packed := bytes.TrimSuffix(b.Bytes(), deflateTail)
	at := len(dst)
	dst = append(appendHeader(dst, opText, len(packed)), packed...)
	dst[at] |= rsv1
	return dst
}

const rsv1 = 0x40

// What Flush ends with, and what a message is sent without (RFC 7692, section 7.2.1); for a reader a last, empty block follows.
var (
	deflateTail = []byte{0, 0, 0xff, 0xff}
	inflateTail = []byte{0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff}
)

var inflaters = sync.Pool{New: func() any { return flate.NewReader(bytes.NewReader(nil)) }}

// inflate takes a message's payload apart, up to limit bytes.
func inflate(payload []byte, limit int64) ([]byte, error) {
	r := inflaters.Get().(io.ReadCloser)
	defer inflaters.Put(r)
	if err := r.(flate.Resetter).Reset(io.MultiReader(bytes.NewReader(payload), bytes.NewReader(inflateTail)), nil); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if n > limit {
		return nil, errLarge
	}
	return out.Bytes(), nil
}
