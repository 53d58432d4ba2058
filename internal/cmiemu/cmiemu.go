package cmiemu

import (
	"context"
	"crypto/rand"
	"encoding/xml"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
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

// gate is the payment page.
func (e *Emulator) gate(rw http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.PostFormValue("clientid") != e.o.Client || r.PostFormValue("HASH") != e.o.Hash(r.PostForm, e.o.StoreKey) {
		show(rw, http.StatusBadRequest, shown{Title: "Refused", Text: "3D-1004: the hash does not match."})
		return
	}
	id := r.PostFormValue("oid")
	var whole, part int64
	if _, err := fmt.Sscanf(r.PostFormValue("amount"), "%d.%d", &whole, &part); err != nil {
		show(rw, http.StatusBadRequest, shown{Title: "Refused", Text: "The amount cannot be read."})
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if o := e.orders[id]; o != nil && o.status != "PN" {
		show(rw, http.StatusConflict, shown{Title: "Refused", Text: "This order was paid or declined already."})
		return
	}
	e.orders[id] = &order{form: r.PostForm, status: "PN", minor: whole*100 + part}
	show(rw, http.StatusOK, shown{
		Title: "Pay " + r.PostFormValue("amount"), Text: "Order " + id, Action: "/fim/pay", Button: "Pay", Card: true, Hidden: map[string]string{"oid": id},
	})
}

// pay is the bank: it decides, tells the shop's server, and sends the browser back.
func (e *Emulator) pay(rw http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	o := e.orders[r.PostFormValue("oid")]
	if o == nil || o.status != "PN" {
		e.mu.Unlock()
		show(rw, http.StatusConflict, shown{Title: "Refused", Text: "There is nothing to pay."})
		return
	}
	o.trans, o.code, o.status = rand.Text()[:12], "00", "A"
	switch pan := strings.ReplaceAll(r.PostFormValue("pan"), " ", ""); {
	case strings.HasSuffix(pan, "0002"):
		o.code, o.status = "05", "D"
	case strings.HasSuffix(pan, "9995"):
		o.code, o.status = "51", "D"
	case strings.HasSuffix(pan, "0069"):
		o.code, o.status = "54", "D"
	case pan != "4242424242424242":
		o.code, o.status = "14", "D"
	}
	back := url.Values{
		"clientid": {e.o.Client}, "oid": {o.form.Get("oid")}, "amount": {o.form.Get("amount")}, "currency": {o.form.Get("currency")},
		"ProcReturnCode": {o.code}, "TransId": {o.trans}, "AuthCode": {"E12345"}, "mdStatus": {"1"}, "rnd": {rand.Text()}, "hashAlgorithm": {"ver3"}, "encoding": {"UTF-8"},
		"Response": {map[bool]string{true: "Approved", false: "Declined"}[o.code == "00"]},
	}
	back.Set("HASH", e.o.Hash(back, e.o.StoreKey))
	call, lose := o.form.Get("callbackUrl"), e.lost > 0
	if lose {
		e.lost--
	}
	e.mu.Unlock()

	reply := ""
	if !lose && call != "" {
		reply = e.callback(r.Context(), call, back)
	}
	e.mu.Lock()
	o.callbackReply = reply
	switch {
	case o.status == "A" && reply == "ACTION=POSTAUTH":
		o.status, o.taken = "C", o.minor
	case o.status == "A" && reply == "FAILURE":
		o.status = "V"
	}
	e.mu.Unlock()
	to := o.form.Get("okUrl")
	if o.code != "00" {
		to = o.form.Get("failUrl")
	}
	hidden := map[string]string{}
	for n := range back {
		hidden[n] = back.Get(n)
	}
	show(rw, http.StatusOK, shown{Title: "Thank you", Text: back.Get("Response"), Action: to, Button: "Back to the shop", Hidden: hidden})
}

func (e *Emulator) callback(ctx context.Context, to string, form url.Values) string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return ""
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1024))
	if err != nil || res.StatusCode != http.StatusOK {
		return ""
	}
	return strings.TrimSpace(string(body))
}

// query answers the status query.
func (e *Emulator) query(rw http.ResponseWriter, r *http.Request) {
	var q struct {
		Name     string `xml:"Name"`
		Password string `xml:"Password"`
		Client   string `xml:"ClientId"`
		Order    string `xml:"OrderId"`
	}
	if err := xml.Unmarshal([]byte(r.PostFormValue("DATA")), &q); err != nil {
		http.Error(rw, "no XML", http.StatusBadRequest)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.failures > 0 {
		e.failures--
		http.Error(rw, "failure", http.StatusInternalServerError)
		return
	}
	if q.Name != e.o.User || q.Password != e.o.Password || q.Client != e.o.Client {
		http.Error(rw, "who are you?", http.StatusUnauthorized)
		return
	}
	rw.Header().Set("Content-Type", "application/xml")
	o := e.orders[q.Order]
	if o == nil {
		fmt.Fprintf(rw, `<?xml version="1.0"?><CC5Response><Response>Error</Response><ProcReturnCode>99</ProcReturnCode><ErrMsg>No record found</ErrMsg><Extra></Extra></CC5Response>`)
		return
	}
	// The order's id passed the form's hash: it is the shop's own, letters and digits.
	fmt.Fprintf(rw, `<?xml version="1.0"?><CC5Response><OrderId>%s</OrderId><Response>Approved</Response><ProcReturnCode>00</ProcReturnCode><Extra><ORDERSTATUS>`, template.HTMLEscapeString(q.Order))
	fmt.Fprintf(rw, "ORD_ID:%s\tTRANS_STAT:%s\tPROC_RET_CD:%s\tORIG_TRANS_AMT:%d\tCAPTURE_AMT:%d\tTRANS_ID:%s", template.HTMLEscapeString(q.Order), o.status, o.code, o.minor, o.taken, o.trans)
	fmt.Fprint(rw, `</ORDERSTATUS></Extra></CC5Response>`)
}
