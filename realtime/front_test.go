package realtime_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waymeet/waymeet/realtime"
)

const upgradeHead = "GET /v1/realtime HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: waymeet.v1\r\n"

// fronted is a hub behind its Front, and behind that a server that says what it was asked.
func fronted(t *testing.T, hub *realtime.Hub) string {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s %q", r.Method, r.URL.Path, r.Header.Get("X-Marker"), body)
	}))
	ctx, stop := context.WithCancel(context.Background())
	front := hub.Front(server.Listener)
	server.Listener = front
	var wg sync.WaitGroup
	wg.Go(func() { front.Run(ctx) })
	server.Start()
	t.Cleanup(func() {
		server.Close()
		stop()
		wg.Wait()
	})
	return server.Listener.Addr().String()
}

// What is no upgrade reaches the server behind as it was sent, however it was cut into pieces, and so does what follows on
// the connection.
func TestFrontHandsOnWhatIsNotForIt(t *testing.T) {
	s := newScene(t, 1)
	at := fronted(t, s.node(t).hub)
	long := strings.Repeat("x", 20<<10)
	for _, c := range []struct{ name, send, want string }{
		{"another path", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Marker: m\r\n\r\n", `GET /healthz m ""`},
		{"a body", "POST /v1/tickets HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", `POST /v1/tickets  "hello"`},
		{"the socket's path without an upgrade", "GET /v1/realtime HTTP/1.1\r\nHost: x\r\n\r\n", `GET /v1/realtime  ""`},
		{"a path that begins alike", "GET /v1/realtime/sets/me HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n", `GET /v1/realtime/sets/me  ""`},
		{"a long header", "GET /v1/realtime HTTP/1.1\r\nHost: x\r\nX-Long: " + long + "\r\nX-Marker: m\r\n\r\n", `GET /v1/realtime m ""`},
		{"an upgrade with a body", upgradeHead + "Content-Length: 2\r\n\r\nhi", `GET /v1/realtime  "hi"`},
		// One line and no more: bytes behind the one that is refused would turn the answer into a reset.
		{"no HTTP", "\x16\x03\x01 hello\r\n", "400 Bad Request"},
	} {
		for _, piece := range []int{1, 7, len(c.send)} {
			if len(c.send) > 4096 && piece < 100 {
				piece *= 512
			}
			nc, err := net.Dial("tcp", at)
			if err != nil {
				t.Fatal(err)
			}
			_ = nc.SetDeadline(time.Now().Add(patience))
			for rest := c.send; rest != ""; rest = rest[min(piece, len(rest)):] {
				if _, err := io.WriteString(nc, rest[:min(piece, len(rest))]); err != nil {
					t.Fatal(err)
				}
			}
			r := bufio.NewReader(nc)
			got := reply(t, r)
			if !strings.Contains(got, c.want) {
				t.Errorf("%s in pieces of %d: %q, want %q", c.name, piece, got, c.want)
			}
			if !strings.HasPrefix(got, "400") { // the connection is the server's now, upgrades included
				fmt.Fprint(nc, "GET /again HTTP/1.1\r\nHost: x\r\n\r\n")
				if got := reply(t, r); got != `200 OK GET /again  ""` {
					t.Errorf("%s: then %q", c.name, got)
				}
			}
			_ = nc.Close()
		}
	}
}

func reply(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.Status + " " + string(body)
}

// An upgrade may come byte by byte, and with the first request right behind it.
func TestFrontTakesUpgrades(t *testing.T) {
	s := newScene(t, 1)
	at := fronted(t, s.node(t).hub)
	head := upgradeHead + "Authorization: Bearer " + s.doors.token(s.db.A, "rider") + "\r\n\r\n"
	request := `{"id":7,"sub":"me"}`
	frame := append([]byte{0x81, 0x80 | byte(len(request)), 0, 0, 0, 0}, request...)
	for _, piece := range []int{1, 100, 10_000} {
		nc, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		_ = nc.SetDeadline(time.Now().Add(patience))
		for rest := append([]byte(head), frame...); len(rest) > 0; rest = rest[min(piece, len(rest)):] {
			if _, err := nc.Write(rest[:min(piece, len(rest))]); err != nil {
				t.Fatal(err)
			}
		}
		r := bufio.NewReader(nc)
		res, err := http.ReadResponse(r, nil)
		if err != nil || res.StatusCode != http.StatusSwitchingProtocols || res.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" || res.Header.Get("Sec-WebSocket-Protocol") != "waymeet.v1" {
			t.Fatalf("pieces of %d: %v %+v", piece, err, res)
		}
		var got strings.Builder
		for b := make([]byte, 4096); !strings.Contains(got.String(), `"id":7,"ok"`); {
			n, err := r.Read(b)
			if err != nil {
				t.Fatalf("pieces of %d: %v after %q", piece, err, got.String())
			}
			got.Write(b[:n])
		}
		if !strings.Contains(got.String(), `{"hello":`) {
			t.Errorf("no hello in %q", got.String())
		}
		_ = nc.Close()
	}
	for name, want := range map[string]string{upgradeHead + "\r\n": "401", strings.Replace(head, "13", "12", 1): "426", strings.Replace(head, "waymeet.v1", "chat", 1): "400"} {
		nc, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		_ = nc.SetDeadline(time.Now().Add(patience))
		fmt.Fprint(nc, name)
		r := bufio.NewReader(nc)
		if got := reply(t, r); !strings.HasPrefix(got, want) {
			t.Errorf("%q, want %s", got, want)
		}
		if _, err := r.ReadByte(); err != io.EOF {
			t.Errorf("after the refusal: %v", err)
		}
		_ = nc.Close()
	}
}

// A Front that is closed leaves nobody waiting: neither who has said nothing yet nor who accepts.
func TestFrontEnds(t *testing.T) {
	s := newScene(t, 1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	front := s.node(t).hub.Front(l)
	ctx, stop := context.WithCancel(context.Background())
	ran, accepted := make(chan struct{}), make(chan error, 1)
	go func() { front.Run(ctx); close(ran) }()
	go func() { _, err := front.Accept(); accepted <- err }()
	silent, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(silent, "GET /v1/real") // half a line, so that it is being looked at
	stop()
	<-ran
	if err := <-accepted; err == nil {
		t.Error("somebody was accepted")
	}
	_ = silent.SetDeadline(time.Now().Add(patience))
	if n, err := silent.Read(make([]byte, 1)); n > 0 || err == nil {
		t.Error("who had said nothing is still connected")
	}
}

// panicking is an authenticator with a bug.
type panicking struct{ realtime.Authenticator }

func (panicking) Bearer(context.Context, string) (realtime.Principal, error) { panic("a bug") }

// A bug that one upgrade meets ends that connection and nobody else's.
func TestFrontOutlivesAPanic(t *testing.T) {
	s := newScene(t, 1)
	at := fronted(t, s.node(t, func(c *realtime.Config) { c.Auth = panicking{c.Auth} }).hub)
	for range 2 {
		nc, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		_ = nc.SetDeadline(time.Now().Add(patience))
		fmt.Fprint(nc, upgradeHead+"Authorization: Bearer x\r\n\r\n")
		if n, err := nc.Read(make([]byte, 1)); n > 0 || err == nil {
			t.Error("an answer from a panic")
		}
		_ = nc.Close()
	}
}
