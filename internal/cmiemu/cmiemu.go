package cmiemu

import (
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Options are the emulator's.
type Options struct {
	Listen   string // 127.0.0.1:0
	Client   string
	StoreKey string
	User     string
	Password string
	// Hash is the acquirer's hash: the adapter's own, until a recorded one of the real acquirer judges both.
	Hash func(fields url.Values, storeKey string) string
}

// Emulator is the acquirer.
type Emulator struct {
	o      Options
	url    string
	server *http.Server

	mu       sync.Mutex
	orders   map[string]*order // guarded by mu, by oid
	lost     int               // guarded by mu: callbacks that are not sent
	failures int               // guarded by mu: status queries that answer 500
}

type order struct {
	form          url.Values
	status, code  string
	trans         string
	minor, taken  int64
	callbackReply string
}

// Start listens on loopback and serves until Close.
func Start(o Options) (*Emulator, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("cmiemu: %w", err)
	}
	if a, ok := l.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
		_ = l.Close()
		return nil, errors.New("cmiemu: loopback only")
	}
	e := &Emulator{o: o, url: "http://" + l.Addr().String(), orders: map[string]*order{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /fim/est3Dgate", e.gate)
	mux.HandleFunc("POST /fim/pay", e.pay)
	mux.HandleFunc("POST /fim/api", e.query)
	e.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = e.server.Serve(l) }() // ends with Close
	return e, nil
}

// Close ends it.
func (e *Emulator) Close() error { return e.server.Close() }

// FormURL is where browsers post the form, APIURL where the status is asked.
func (e *Emulator) FormURL() string { return e.url + "/fim/est3Dgate" }

// APIURL is the status query's address.
func (e *Emulator) APIURL() string { return e.url + "/fim/api" }

// LoseCallbacks drops the next n callbacks.
func (e *Emulator) LoseCallbacks(n int) { e.mu.Lock(); defer e.mu.Unlock(); e.lost = n }

// FailQueries answers the next n status queries with 500.
func (e *Emulator) FailQueries(n int) { e.mu.Lock(); defer e.mu.Unlock(); e.failures = n }

// Capture takes an approved order's money, as when a callback that was lost is sent again and answered.
func (e *Emulator) Capture(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if o := e.orders[id]; o != nil && o.status == "A" {
		o.status, o.taken = "C", o.minor
	}
}

// Taken is how many orders were debited.
func (e *Emulator) Taken() (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, o := range e.orders {
		if o.status == "C" {
			n++
		}
	}
	return n
}

var page = template.Must(template.New("").Parse(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}} – acquirer emulator</title>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:0 auto;padding:1rem">
<p role="note"><strong>Development tool.</strong> This is an emulator on this machine, not an acquirer. No money moves. Never enter a real card.</p>
<main><h1>{{.Title}}</h1>{{if .Text}}<p>{{.Text}}</p>{{end}}
{{if .Action}}<form method="post" action="{{.Action}}">
{{range $n, $v := .Hidden}}<input type="hidden" name="{{$n}}" value="{{$v}}">{{end}}
{{if .Card}}<p><label>Card number <input name="pan" inputmode="numeric" autocomplete="cc-number" value="4242424242424242" required></label></p>{{end}}
<button>{{.Button}}</button></form>{{end}}</main>`))

type shown struct {
	Title, Text, Action, Button string
	Hidden                      map[string]string
	Card                        bool
}

func show(rw http.ResponseWriter, status int, s shown) {
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.WriteHeader(status)
	_ = page.Execute(rw, s) // the client may be gone
}
