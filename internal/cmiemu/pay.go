package cmiemu

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

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
