package realtime_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waymeet/waymeet/realtime"
)

// lane is a way to the hub: TCP, or TLS in the same process.
type lane struct {
	name string
	addr string
	tls  bool
}

// lanes is a hub behind http.Server, twice. Nobody pings, so that what comes is what was caused.
func lanes(t *testing.T) (string, []lane) {
	t.Helper()
	s := newScene(t, 1)
	calm := func(c *realtime.Config) {
		c.Timing = realtime.Timing{Ping: time.Minute, Dead: 2 * time.Minute}
		limits(func(l *realtime.Limits) { l.UserConns, l.Burst, l.Every = 1<<20, 1<<20, time.Microsecond })(c)
	}
	plain := s.node(t, calm)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	s.wrap = func(l net.Listener) net.Listener {
		return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	}
	secret := s.node(t, calm)
	return s.doors.token(s.db.A, "rider"), []lane{{"tcp", strings.TrimPrefix(plain.url, "http://"), false}, {"tls", strings.TrimPrefix(secret.url, "http://"), true}}
}

func (l lane) dial() (net.Conn, error) {
	nc, err := net.Dial("tcp", l.addr)
	if err != nil {
		return nil, err
	}
	_ = nc.SetDeadline(time.Now().Add(15 * time.Second))
	if l.tls {
		return tls.Client(nc, &tls.Config{InsecureSkipVerify: true}), nil // of this very process
	}
	return nc, nil
}

func upgrade(token string) string {
	return "GET /v1/realtime HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: waymeet.v1\r\nAuthorization: Bearer " + token + "\r\n\r\n"
}

// manner is how bytes are handed to the network.
type manner struct {
	name  string
	early bool // with the handshake, in one segment
	bytes bool // one by one
}

var manners = []manner{{name: "at once"}, {name: "with the handshake", early: true}, {name: "byte by byte", bytes: true}}

// last is asked behind every case that the connection should survive.
const last = `{"id":99,"unsub":"end"}`

// run plays a case and tells what came after hello: "text …", "pong …", "close CODE".
func (l lane) run(token string, c conformance, m manner) (string, error) {
	nc, err := l.dial()
	if err != nil {
		return "", err
	}
	defer nc.Close()
	stream := c.stream
	ends := strings.Contains(c.want, "close")
	if !ends {
		stream = append(append([]byte(nil), stream...), masked(0x81, []byte(last))...)
	}
	hands := []byte(upgrade(token))
	if m.early {
		hands = append(hands, stream...)
	}
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_, _ = nc.Write(hands) // the server may have ended it already
		switch {
		case m.early:
		case m.bytes:
			for i := range stream {
				if _, err := nc.Write(stream[i : i+1]); err != nil {
					return
				}
			}
		default:
			_, _ = nc.Write(stream)
		}
	}()
	defer func() { _ = nc.Close(); <-sent }()
	in := bufio.NewReader(nc)
	res, err := http.ReadResponse(in, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols || res.Header.Get("Sec-WebSocket-Extensions") != "" {
		return "", fmt.Errorf("the handshake: %+v %w", res, err)
	}
	r := raw{nc, in}
	var came []string
	for {
		op, p, err := r.read()
		switch {
		case err != nil:
			return tell(append(came, "end")), nil
		case op == 8 && len(p) == 0:
			came = append(came, "close")
		case op == 8 && len(p) >= 2:
			came = append(came, fmt.Sprintf("close %d", binary.BigEndian.Uint16(p)))
		case op == 1 && !ends && string(p) == `{"id":99,"ok":{}}`:
			return tell(came), nil
		case op == 1:
			came = append(came, "text "+string(p))
		case op == 10:
			came = append(came, "pong "+string(p))
		default:
			came = append(came, fmt.Sprintf("op %d %q", op, p))
		}
		if op == 8 {
			if !strings.HasPrefix(c.name, "close") {
				r.write(8, []byte{3, 232}) // so that nobody waits for us
			}
			if _, err := in.ReadByte(); !errors.Is(err, io.EOF) && !isReset(err) {
				return "", fmt.Errorf("after %v: %w", came, err)
			}
			return tell(came), nil
		}
	}
}

// tell puts what came into words: hello first, and control frames before the rest, for they may overtake.
func tell(came []string) string {
	if i := slices.IndexFunc(came, func(s string) bool { return strings.HasPrefix(s, "text ") }); i >= 0 && strings.HasPrefix(came[i], `text {"hello":`) {
		came = slices.Delete(came, i, i+1)
	} else if !strings.HasPrefix(came[len(came)-1], "close") {
		came = append([]string{"no hello"}, came...)
	}
	slices.SortStableFunc(came, func(a, b string) int { return rank(a) - rank(b) })
	return strings.Join(came, " ")
}

func rank(s string) int { return strings.Index("pongtextclosend", s[:3]) }

// expects is what a case wants on this lane: over TLS all goes through the drainer, and a close drops answers that wait for it.
func (l lane) expects(want, got string) bool {
	if got == want {
		return true
	}
	_, code, closes := strings.Cut(want, "} close")
	return l.tls && closes && got == "close"+code
}

// isReset: a socket that is closed with unread input is reset.
func isReset(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "reset") || strings.Contains(err.Error(), "broken pipe"))
}

// The framing of RFC 6455, as the sections 1 to 7 and 9 of the Autobahn test suite list it, over TCP and TLS, however the
// bytes are cut: what is right is served, what is wrong is closed with the code that says so.
func TestConformance(t *testing.T) {
	token, ways := lanes(t)
	cases := conformances()
	var ran atomic.Int64
	t.Run("all", func(t *testing.T) {
		for _, l := range ways {
			for _, m := range manners {
				t.Run(l.name+" "+m.name, func(t *testing.T) {
					t.Parallel()
					for _, c := range cases {
						if m.bytes && len(c.stream) > 2000 {
							continue
						}
						got, err := l.run(token, c, m)
						if err != nil || !l.expects(c.want, got) {
							t.Errorf("%s: %.200q %v, want %.200q", c.name, got, err, c.want)
						}
						ran.Add(1)
					}
				})
			}
		}
	})
	t.Logf("%d cases, %d runs", len(cases), ran.Load())
	if len(cases) < 300 {
		t.Errorf("%d cases only", len(cases))
	}
}

// What is no handshake is refused as HTTP, and what is one in another spelling is taken.
func TestHandshakes(t *testing.T) {
	token, ways := lanes(t)
	good := upgrade(token)
	change := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(good) }
	const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	for _, l := range ways {
		for _, c := range []struct {
			name, request string
			want          int
			header        string // that the answer must have
		}{
			{"as it should be", good, 101, "Sec-Websocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
			{"lower case", strings.Replace(strings.ToLower(good[strings.Index(good, "\r\n"):]), strings.ToLower("dGhlIHNhbXBsZSBub25jZQ=="), "dGhlIHNhbXBsZSBub25jZQ==", 1), 101, ""},
			{"upper case values", change("Connection: Upgrade", "Connection: UPGRADE", "Upgrade: websocket", "Upgrade: WEBSOCKET"), 101, ""},
			{"upgrade among others", change("Connection: Upgrade", "Connection: keep-alive, Upgrade"), 101, ""},
			{"spaces", change("Connection: Upgrade", "Connection:   Upgrade  ", "waymeet.v1", "  waymeet.v1 "), 101, "Sec-Websocket-Protocol: waymeet.v1"},
			{"several protocols", change("waymeet.v1", "waymeet.v2, waymeet.v1"), 101, "Sec-Websocket-Protocol: waymeet.v1"},
			{"protocols in several headers", change("Sec-WebSocket-Protocol: waymeet.v1", "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: waymeet.v1"), 101, "Sec-Websocket-Protocol: waymeet.v1"},
			{"compression offered", change("\r\nHost", "\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\nHost"), 101, ""},
			{"an extension of nobody", change("\r\nHost", "\r\nSec-WebSocket-Extensions: x-none\r\nHost"), 101, ""},
			{"no key", change(key, ""), 400, ""},
			{"an empty key", change("dGhlIHNhbXBsZSBub25jZQ==", ""), 400, ""},
			{"a short key", change("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZQ=="), 400, ""},
			{"a long key", change("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZSBtb3Jl"), 400, ""},
			{"a key that is none", change("dGhlIHNhbXBsZSBub25jZQ==", "!!!!"), 400, ""},
			{"two keys", change(key, key+key), 400, ""},
			{"no version", change("Sec-WebSocket-Version: 13\r\n", ""), 426, "Sec-Websocket-Version: 13"},
			{"version 8", change("Version: 13", "Version: 8"), 426, "Sec-Websocket-Version: 13"},
			{"version 14", change("Version: 13", "Version: 14"), 426, "Sec-Websocket-Version: 13"},
			{"no upgrade", change("Upgrade: websocket\r\n", ""), 426, "Upgrade: websocket"},
			{"upgrade to something else", change("Upgrade: websocket", "Upgrade: h2c"), 426, "Upgrade: websocket"},
			{"no connection", change("Connection: Upgrade\r\n", ""), 426, "Upgrade: websocket"},
			{"connection close", change("Connection: Upgrade", "Connection: close"), 426, "Upgrade: websocket"},
			{"POST", change("GET ", "POST ", "\r\nHost", "\r\nContent-Length: 0\r\nHost"), 405, ""},
			{"HTTP/1.0", change("HTTP/1.1", "HTTP/1.0"), 426, ""},
			{"a body", change("\r\nHost", "\r\nContent-Length: 5\r\nHost") + "hello", 400, ""},
			{"a body in chunks", change("\r\nHost", "\r\nTransfer-Encoding: chunked\r\nHost") + "0\r\n\r\n", 400, ""},
			{"no body, and saying so", change("\r\nHost", "\r\nContent-Length: 0\r\nHost"), 101, ""},
			{"no host", change("Host: x\r\n", ""), 400, ""},
		} {
			if !strings.HasPrefix(c.request, "GET ") && !strings.HasPrefix(c.request, "POST ") {
				c.request = "GET /v1/realtime HTTP/1.1" + strings.Replace(c.request, "bearer "+strings.ToLower(token), "Bearer "+token, 1)
			}
			for _, m := range manners {
				nc, err := l.dial()
				if err != nil {
					t.Fatal(err)
				}
				_, hello := m.bytes, ""
				if m.bytes {
					for i := range c.request {
						_, _ = nc.Write([]byte(c.request[i : i+1]))
					}
				} else {
					_, _ = nc.Write([]byte(c.request))
				}
				in := bufio.NewReader(nc)
				res, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Fatalf("%s %s: %v", l.name, c.name, err)
				}
				if res.StatusCode == http.StatusSwitchingProtocols {
					_, p, _ := raw{nc, in}.read()
					hello = string(p)
				}
				name, value, _ := strings.Cut(c.header, ": ")
				if res.StatusCode != c.want || c.header != "" && res.Header.Get(name) != value || c.want == 101 && !strings.HasPrefix(hello, `{"hello"`) || res.Header.Get("Sec-WebSocket-Extensions") != "" {
					t.Errorf("%s, %s, %s: %d %v %q, want %d %s", l.name, c.name, m.name, res.StatusCode, res.Header, hello, c.want, c.header)
				}
				_ = nc.Close()
			}
		}
	}
}
