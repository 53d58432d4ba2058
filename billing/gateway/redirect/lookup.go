package redirect

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/waymeet/waymeet/billing/gateway"
)

// question is the acquirer's status query.
type question struct {
	XMLName  xml.Name `xml:"CC5Request"`
	Name     string   `xml:"Name"`
	Password string   `xml:"Password"`
	Client   string   `xml:"ClientId"`
	Order    string   `xml:"OrderId"`
	Status   string   `xml:"Extra>ORDERSTATUS"`
}

// told is its answer; the status is "NAME:value" pairs, one a line or with tabs between.
type told struct {
	XMLName  xml.Name `xml:"CC5Response"`
	Order    string   `xml:"OrderId"`
	Response string   `xml:"Response"`
	Code     string   `xml:"ProcReturnCode"`
	Message  string   `xml:"ErrMsg"`
	Status   string   `xml:"Extra>ORDERSTATUS"`
}

// LookUp asks where an order stands. The order is named by id, or by a key, which begins with it.
func (s *shop) LookUp(ctx context.Context, l gateway.Lookup) (gateway.Payment, error) {
	id := l.ID
	if id == "" {
		id = l.Payment
	}
	if id == "" {
		id, _, _ = strings.Cut(l.Key, ":")
	}
	if l.Amount.Currency == "" || id == "" {
		return gateway.Payment{}, &gateway.Refused{Code: "lookup_invalid", Param: "amount", Text: "this acquirer does not name the currency: say what was asked"}
	}
	t, err := s.ask(ctx, id)
	if err != nil {
		return gateway.Payment{}, err
	}
	facts := pairs(t.Status)
	if facts["ORD_ID"] == "" {
		return gateway.Payment{}, &gateway.NotFound{What: "payment", ID: id}
	}
	asked, err := minor(facts["ORIG_TRANS_AMT"])
	if err != nil || facts["ORD_ID"] != id {
		return gateway.Payment{}, &gateway.Unreachable{Cause: errors.New("the status query's answer makes no sense")}
	}
	if l.Amount.Minor != 0 && l.Amount.Minor != asked {
		return gateway.Payment{}, &gateway.Refused{Code: "amount_mismatch", Param: "amount", Text: fmt.Sprintf("%s was paid as %d instead of %d", id, asked, l.Amount.Minor)}
	}
	of := func(n int64) gateway.Amount { return gateway.Amount{Minor: n, Currency: l.Amount.Currency} }
	p := gateway.Payment{ID: id, Payment: id, Key: l.Key, Amount: of(asked), Capturable: of(0), Received: of(0), Refunded: of(0), Fee: of(0), Charge: facts["TRANS_ID"]}
	switch facts["TRANS_STAT"] {
	case "C", "S": // captured, settled
		p.Status = gateway.Captured
		taken, err := minor(facts["CAPTURE_AMT"])
		if err != nil {
			return gateway.Payment{}, &gateway.Unreachable{Cause: errors.New("captured, and no amount")}
		}
		p.Received = of(taken)
	case "A", "PN": // authorised, and our answer to the callback was not read yet
		p.Status = gateway.Processing
	case "V", "CNCL":
		p.Status = gateway.Cancelled
	default:
		p.Status, p.Decline = gateway.Failed, declined(facts["PROC_RET_CD"])
	}
	return p, nil
}

func (s *shop) ask(ctx context.Context, id string) (told, error) {
	body, err := xml.Marshal(question{Name: s.user, Password: s.password.Reveal(), Client: s.client, Order: id, Status: "QUERY"})
	if err != nil {
		return told{}, &gateway.Refused{Code: "lookup_invalid", Param: "id", Text: "it cannot be asked for"} // never err: it may quote
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.api, strings.NewReader(url.Values{"DATA": {string(body)}}.Encode()))
	if err != nil {
		return told{}, &gateway.Misconfigured{Text: "the status query's address"}
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := s.http.Do(r)
	if err != nil {
		return told{}, &gateway.Unreachable{Cause: err}
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden:
		return told{}, &gateway.Misconfigured{Text: "the acquirer refuses the status query's user"}
	case res.StatusCode == http.StatusTooManyRequests:
		return told{}, &gateway.RateLimited{After: 1e9}
	case res.StatusCode != http.StatusOK:
		return told{}, &gateway.Unreachable{Cause: errors.New("the status query answered " + res.Status)}
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, 1<<18))
	if err != nil {
		return told{}, &gateway.Unreachable{Cause: err}
	}
	var t told
	if err := xml.NewDecoder(bytes.NewReader(raw)).Decode(&t); err != nil {
		return told{}, &gateway.Unreachable{Cause: errors.New("the status query's answer is no XML")}
	}
	return t, nil
}

func pairs(s string) map[string]string {
	m := map[string]string{}
	for _, pair := range strings.FieldsFunc(s, func(r rune) bool { return r == '\t' || r == '\n' || r == '\r' }) {
		if name, value, ok := strings.Cut(pair, ":"); ok {
			m[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return m
}

// minor reads an amount that the query gives in minor units.
func minor(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err == nil && n < 0 {
		err = errors.New("less than nothing")
	}
	return n, err
}

// declined is the bank's code (ISO 8583) in our words; lost and stolen are told as a plain no.
func declined(code string) *gateway.Declined {
	r, ok := map[string]gateway.Reason{
		"51": gateway.InsufficientFunds, "54": gateway.CardExpired, "14": gateway.WrongDetails, "82": gateway.WrongDetails, "N7": gateway.WrongDetails,
		"57": gateway.NotAccepted, "58": gateway.NotAccepted, "62": gateway.NotAccepted, "61": gateway.LimitReached, "65": gateway.LimitReached,
		"75": gateway.LimitReached, "91": gateway.TryAgain, "96": gateway.TryAgain, "99": gateway.AuthenticationFail,
	}[code]
	if !ok {
		r = gateway.DeclinedPlain
	}
	return &gateway.Declined{Reason: r, Code: code}
}
