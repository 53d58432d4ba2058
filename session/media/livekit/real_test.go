package livekit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/waymeet/waymeet/internal/secret"
	"github.com/waymeet/waymeet/session/media"
)

// A real livekit-server, which `make test-livekit` builds: the shapes that the fake speaks are its shapes, its webhooks are believed,
// and it lets in, shows and throws out as the port says.
func TestRealServer(t *testing.T) {
	t.Parallel()
	tool, err := filepath.Abs(filepath.Join("..", "..", "..", ".waymeet", "tools", "livekit-server"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(tool); err != nil {
		t.Skip("there is no livekit-server: `make test-livekit` builds it (minutes, once) and runs this")
	}
	told := make(chan media.Delivery, 100)
	hooks := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			told <- media.Delivery{Body: body, Header: r.Header, At: time.Now()}
		}
	}))
	t.Cleanup(hooks.Close)
	address := start(t, tool, hooks.URL)
	open := func(with string) media.Provider {
		p, err := New(0).Open(media.Credentials{Kind: media.LiveKit, URL: "ws://" + address, KeyID: keyID, Key: secret.Hide(with)})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p, ctx := open(key), t.Context()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	until := time.Now().Add(time.Hour)
	for range 2 {
		ok(p.Open(ctx, media.RoomOrder{Name: "talk", Until: until}))
	}
	hear(t, p, told, media.Started, "talk", "")
	var wrong *media.Misconfigured
	if err := open("not the key, though it is long enough").Open(ctx, media.RoomOrder{Name: "talk", Until: until}); !errors.As(err, &wrong) {
		t.Fatal("with a wrong key:", err)
	}
	party := []media.Member{{Participant: "c1", Role: media.Client}, {Participant: "e1", Role: media.Expert}, {Participant: "o1", Role: media.Observer}, {Participant: "w1", Role: media.Whisperer}}
	sockets := map[string]*websocket.Conn{}
	for _, m := range party {
		e, err := p.Admit(ctx, media.Seat{Room: "talk", Participant: m.Participant, Name: "Amal", Role: m.Role, Until: until, Party: party})
		ok(err)
		c, _, err := websocket.Dial(ctx, e.URL+"/rtc?protocol=15&sdk=js&auto_subscribe=1&access_token="+url.QueryEscape(e.Token.Reveal()), nil)
		ok(err)
		defer c.CloseNow()
		c.SetReadLimit(1 << 20)
		_, _, err = c.Read(ctx) // the server's greeting
		ok(err)
		sockets[m.Participant] = c
	}
	there := func() map[string]bool {
		t.Helper()
		list, err := p.Present(ctx, "talk")
		ok(err)
		out := map[string]bool{}
		for _, x := range list {
			out[x.Participant] = true
			if time.Since(x.Since).Abs() > time.Hour {
				t.Error("since", x.Since)
			}
		}
		return out
	}
	if got := there(); len(got) != 4 || !got["c1"] || !got["w1"] {
		t.Fatal(got)
	}
	party[2].Role = media.Whisperer
	ok(p.Arrange(ctx, media.Arrangement{Room: "talk", Party: append(party, media.Member{Participant: "e2", Role: media.Expert})})) // who is not there yet
	for range 2 {
		ok(p.Eject(ctx, "talk", "c1"))
	}
	left, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		if _, _, err := sockets["c1"].Read(left); err != nil {
			break // thrown out
		}
	}
	if left.Err() != nil {
		t.Fatal("whoever was ejected is still connected")
	}
	if got := there(); got["c1"] || !got["e1"] {
		t.Fatal(got)
	}
	for range 2 {
		ok(p.Close(ctx, "talk"))
	}
	hear(t, p, told, media.Ended, "talk", "")
	if got := there(); len(got) != 0 {
		t.Fatal(got)
	}
	ok(p.Eject(ctx, "talk", "e1"))
}

// hear waits for an event; whatever else was told must be believed too.
func hear(t *testing.T, p media.Provider, told <-chan media.Delivery, n media.News, room, participant string) {
	t.Helper()
	limit := time.After(30 * time.Second)
	for {
		select {
		case d := <-told:
			e, err := p.ReadWebhook(d)
			if err != nil {
				t.Fatalf("%v: %s %v", err, d.Body, d.Header)
			}
			if e.News == n && e.Room == room && e.Participant == participant {
				return
			}
		case <-limit:
			t.Fatal("not told of", n)
		}
	}
}

// start runs the server on free ports of loopback until the test ends.
func start(t *testing.T, tool, hooks string) string {
	t.Helper()
	port := func() int {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return l.Addr().(*net.TCPAddr).Port
	}
	api, tcp, udp := port(), port(), port()
	config := fmt.Sprintf("port: %d\nbind_addresses: [127.0.0.1]\nrtc: {tcp_port: %d, udp_port: %d, use_external_ip: false, node_ip: 127.0.0.1}\nkeys: {%s: %s}\nwebhook: {api_key: %s, urls: [%q]}\nlogging: {level: error}\n",
		api, tcp, udp, keyID, key, keyID, hooks)
	cmd := exec.Command(tool, "--config-body", config)
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if said, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("livekit-server: %.4000s", said)
		}
	})
	address := fmt.Sprintf("127.0.0.1:%d", api)
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for limit := time.After(60 * time.Second); ; {
		if r, err := http.Get("http://" + address + "/"); err == nil {
			_ = r.Body.Close()
			return address
		}
		select {
		case <-again.C:
		case <-limit:
			t.Fatal("livekit-server does not answer")
		}
	}
}
