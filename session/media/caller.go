package media

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"
)

// largest is what is read of an answer: rooms are small.
const largest = 1 << 20

// Caller speaks to providers' servers, in JSON both ways.
type Caller struct{ http *http.Client }

// NewCaller is for all of an adapter's tenants; a timeout of 0 is 10 s.
func NewCaller(timeout time.Duration) *Caller {
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	return &Caller{&http.Client{Timeout: timeout, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // the key is in the header
	}}}
}

// Call is one request.
type Call struct {
	Verb   string // ours, for errors
	Method string
	URL    string
	Token  string // of the Authorization header
	In     any    // nil: no body
	Out    any    // nil: the answer is not read
}

// ErrNotThere is an object that the provider does not have.
var ErrNotThere = errors.New("media: not there")

// Do makes a call, and says what its failure is.
func (c *Caller) Do(ctx context.Context, call Call) error {
	var body io.Reader
	if call.In != nil {
		b, err := json.Marshal(call.In)
		if err != nil {
			return fmt.Errorf("media: %s: %w", call.Verb, err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, call.Method, call.URL, body)
	if err != nil {
		return &Misconfigured{Text: "the provider's address is none"}
	}
	req.Header.Set("Authorization", "Bearer "+call.Token)
	req.Header.Set("Content-Type", "application/json")
	res, err := c.http.Do(req)
	if err != nil {
		return &Unreachable{call.Verb, err}
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, largest))
	if err != nil {
		return &Unreachable{call.Verb, err}
	}
	switch status := res.StatusCode; {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return &Misconfigured{Text: fmt.Sprintf("the provider does not take the key (%s: %d)", call.Verb, status)}
	case status == http.StatusNotFound:
		return ErrNotThere
	case status == http.StatusTooManyRequests:
		after, err := strconv.Atoi(res.Header.Get("Retry-After"))
		if err != nil || after < 1 || after > 600 {
			after = 5
		}
		return &RateLimited{time.Duration(after) * time.Second}
	case status >= 500 || status < 200 || status >= 300 && status < 400:
		return &Unreachable{call.Verb, fmt.Errorf("the provider answered %d", status)}
	case status >= 400:
		return &Refused{call.Verb, fmt.Sprintf("the provider answered %d: %.300q", status, answer)}
	}
	if call.Out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, call.Out); err != nil {
		return &Unreachable{call.Verb, errors.New("the provider's answer makes no sense")} // never err: it quotes
	}
	return nil
}

// CheckURL reads a provider's address, which is spoken to in private: by TLS, or on this machine.
func CheckURL(address, plain, private string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, &Misconfigured{Text: "the provider's address is needed, like " + private + "://media.example.com"}
	}
	addr, err := netip.ParseAddr(u.Hostname())
	if local := err == nil && addr.IsLoopback(); u.Scheme != private && (u.Scheme != plain || !local) {
		return nil, &Misconfigured{Text: "the provider is spoken to by " + private}
	}
	return u, nil
}

// Fresh says whether a delivery that was signed at a time may be believed at another.
func Fresh(signed, at time.Time) error {
	switch {
	case signed.Before(at.Add(-Tolerance)):
		return &BadWebhook{TooOld}
	case signed.After(at.Add(Tolerance)):
		return &BadWebhook{TooNew}
	}
	return nil
}
