package crowd

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// signedIn is what the server hands out on sign-in and on refresh.
type signedIn struct {
	Access    string `json:"access_token"`
	ExpiresIn int    `json:"expires_in"`
	User      struct {
		Tenant struct {
			TimeZone string `json:"time_zone"`
		} `json:"tenant"`
	} `json:"user"`
}

// token is a good access token: the one at hand, a renewed one, or that of a new sign-in.
func (p *person) token(ctx context.Context) (string, error) {
	p.mu.Lock()
	access, good := p.access, time.Now().Before(p.expires)
	p.mu.Unlock()
	if good {
		return access, nil
	}
	// One at a time: a refresh token that two use at once looks stolen. The door also keeps a city's
	// sign-ins apart, which cost the server real work on purpose.
	select {
	case p.city.door <- struct{}{}:
		defer func() { <-p.city.door }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	p.mu.Lock()
	refresh := p.refresh
	access, good = p.access, time.Now().Before(p.expires)
	p.mu.Unlock()
	if good { // somebody else did it while we waited
		return access, nil
	}
	if refresh != "" {
		token, err := p.enter(ctx, "/v1/auth/refresh", nil, refresh)
		if err == nil || !refusedEntry(err) {
			return token, err
		}
	}
	body, err := json.Marshal(map[string]string{"tenant": p.city.tenant.Slug, "email": p.email, "password": p.city.tenant.Password})
	if err != nil {
		return "", err
	}
	token, err := p.enter(ctx, "/v1/auth/sign-in", body, "")
	if refusedEntry(err) {
		return "", &odd{err}
	}
	return token, err
}

// odd is what asking again at once does not mend: somebody whom the server does not know, or not yet; an answer
// that makes no sense to us.
type odd struct{ error }

func (o *odd) Unwrap() error { return o.error }

func (p *person) enter(ctx context.Context, path string, body []byte, refresh string) (string, error) {
	var in signedIn
	resp, err := p.send(ctx, http.MethodPost, path, body, &in, func(h http.Header) {
		if refresh != "" {
			h.Set("Cookie", refreshCookie+"="+refresh)
		}
	})
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.access = in.Access
	p.expires = time.Now().Add(time.Duration(in.ExpiresIn) * time.Second * 8 / 10)
	p.refresh = ""
	for _, c := range resp.Cookies() {
		if c.Name == refreshCookie {
			p.refresh = c.Value
		}
	}
	p.city.learnZone(in.User.Tenant.TimeZone)
	return p.access, nil
}

// forget drops a token that the server no longer takes.
func (p *person) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expires = time.Time{}
}

// refusedEntry says whether a refresh was refused for good, so that the password has to be told again.
func refusedEntry(err error) bool {
	var p *problem
	return errors.As(err, &p) && p.Status >= 400 && p.Status < 500 && p.Status != http.StatusTooManyRequests
}
