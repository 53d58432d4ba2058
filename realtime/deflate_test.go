package realtime_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/waymeet/waymeet/realtime"
)

// Compression is agreed to where the tenant has it and the client wants it, and what is said is the same.
func TestCompression(t *testing.T) {
	s := newScene(t, 40)
	n := s.node(t, limits(func(l *realtime.Limits) { l.Deflate = true }))
	never := s.node(t)
	token := s.doors.token(s.db.A, "dispatcher")
	open := func(n *node, mode websocket.CompressionMode) (*websocket.Conn, string) {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		ws, res, err := websocket.Dial(ctx, socketURL(n), &websocket.DialOptions{Subprotocols: []string{"waymeet.v1"}, CompressionMode: mode,
			HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}})
		if err != nil {
			t.Fatal(err)
		}
		ws.SetReadLimit(1 << 20)
		t.Cleanup(func() { _ = ws.CloseNow() })
		return ws, res.Header.Get("Sec-WebSocket-Extensions")
	}
	ask := func(ws *websocket.Conn, body string, until string) string {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if err := ws.Write(ctx, websocket.MessageText, []byte(body)); err != nil {
			t.Fatal(err)
		}
		for {
			_, msg, err := ws.Read(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(msg), until) {
				return string(msg)
			}
		}
	}
	board := `{"id":1,"sub":"board:` + s.a.Date.String() + `"}` + strings.Repeat(" ", 2000) // long enough to be compressed by the client
	packed, agreed := open(n, websocket.CompressionNoContextTakeover)
	if agreed == "" {
		t.Error("compression was not agreed to")
	}
	plain, agreed := open(n, websocket.CompressionDisabled)
	if agreed != "" {
		t.Errorf("compression that nobody wants: %q", agreed)
	}
	if _, agreed := open(never, websocket.CompressionNoContextTakeover); agreed != "" {
		t.Errorf("compression that the tenant has not: %q", agreed)
	}
	one, other := ask(packed, board, `"id":1,`), ask(plain, board, `"id":1,`)
	if one != other || len(one) < 4000 {
		t.Errorf("compressed %d bytes, plain %d", len(one), len(other))
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := packed.Write(ctx, websocket.MessageText, []byte(`{"id":2,"sub":"`+strings.Repeat("x", 4<<20)+`"}`)); err != nil {
		t.Fatal(err)
	}
	for {
		if _, _, err := packed.Read(ctx); err != nil {
			if got := websocket.CloseStatus(err); got != 1009 {
				t.Errorf("a bomb: %d (%v)", got, err)
			}
			return
		}
	}
}
