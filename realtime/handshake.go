package realtime

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // RFC 6455 asks for it; it proves that we speak WebSocket, nothing else
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/waymeet/waymeet/realtime/wire"
)

// handshake is what RFC 6455, section 4.2, wants of an upgrade. Where it is not met it answers, and says so.
func handshake(w http.ResponseWriter, r *http.Request) (key string, ok bool) {
	no := func(status int, why string) (string, bool) {
		http.Error(w, why, status)
		return "", false
	}
	switch keys := r.Header.Values("Sec-WebSocket-Key"); {
	case r.Method != http.MethodGet:
		return no(http.StatusMethodNotAllowed, "a WebSocket is opened with GET")
	case !r.ProtoAtLeast(1, 1), !names(r.Header, "Connection", "Upgrade"), !names(r.Header, "Upgrade", "websocket"):
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "websocket")
		return no(http.StatusUpgradeRequired, "a WebSocket is opened with HTTP/1.1, Connection: Upgrade and Upgrade: websocket")
	case r.Header.Get("Sec-WebSocket-Version") != "13":
		w.Header().Set("Sec-WebSocket-Version", "13")
		return no(http.StatusUpgradeRequired, "only version 13 of the WebSocket protocol is spoken")
	case r.ContentLength != 0: // it would be read as frames
		return no(http.StatusBadRequest, "an upgrade has no body")
	case len(keys) != 1:
		return no(http.StatusBadRequest, "one Sec-WebSocket-Key is wanted")
	default:
		key = strings.TrimSpace(keys[0])
		if b, err := base64.StdEncoding.DecodeString(key); err != nil || len(b) != 16 {
			return no(http.StatusBadRequest, "Sec-WebSocket-Key is not 16 bytes in base64")
		}
		return key, true
	}
}

// names says that a header lists a token, in any spelling.
func names(h http.Header, name, token string) bool {
	for _, line := range h.Values(name) {
		for _, t := range strings.Split(line, ",") {
			if strings.EqualFold(strings.TrimSpace(t), token) {
				return true
			}
		}
	}
	return false
}

// agreed is the head that opens the socket.
func agreed(key string, deflate bool) []byte {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // see above
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ")
	b.WriteString(base64.StdEncoding.EncodeToString(sum[:]))
	b.WriteString("\r\nSec-WebSocket-Protocol: " + wire.Subprotocol + "\r\n")
	if deflate {
		b.WriteString("Sec-WebSocket-Extensions: " + wire.Deflated + "\r\n")
	}
	b.WriteString("\r\n")
	return b.Bytes()
}
