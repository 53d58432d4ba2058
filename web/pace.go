package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/pace"
	"github.com/waymeet/waymeet/web/api"
	"github.com/waymeet/waymeet/web/hook"
	"github.com/waymeet/waymeet/web/rest"
)

// A carrier has thousands of phones behind one address, an employer all its people, of several operators. So an address is counted
// only for what is not signed in; who shows a credential is counted as the person that it stands for, wherever they are. That a credential was
// made here is told by its seal, without asking anybody, as for sockets (ADR 30): whatever else is shown is a stranger's, and a
// stranger's flood is refused before anything is looked up.
var (
	spentRate   = pace.Rate{Burst: 5, Every: 10 * time.Second} // what is whole and counts no more: looked at so often, then it is a stranger's
	sessionRate = pace.Rate{Burst: 20, Every: 3 * time.Second} // refresh cookies of one session
)

// AddressRate is so many requests a second of an address, and for a moment four times as many.
func AddressRate(perS int) pace.Rate {
	return pace.Rate{Burst: 4 * perS, Every: time.Second / time.Duration(perS)}
}

// An address may do so much more of what costs next to nothing: fetch the screens, or tell what is verified before it is believed.
const lightly = 20

// paced refuses who floods, before anything is made of what they ask. Probes of the machines that watch us are not counted.
func (s *Server) paced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/healthz", "/readyz", "/metrics":
		default:
			count := s.count
			if person, ok := s.signed(r); ok {
				rest.Signed(r.Context())
				count = s.countShown(person)
			}
			if err := count(r); err != nil {
				rest.WriteProblem(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// signed says that a request shows an access token that was made here, where one may be asked for, and for whom it was made.
func (s *Server) signed(r *http.Request) (person string, ok bool) {
	if !strings.HasPrefix(r.URL.Path, "/v1/") || r.URL.Path == openAPIPath || strings.HasPrefix(r.URL.Path, hook.Prefix) || s.config.Made == nil {
		return "", false
	}
	mark, person, ok := s.config.Made(bearer(r))
	if ok {
		_, ok = s.spent.Peek(mark, time.Now())
	}
	return person, ok
}

// countShown counts a token of a person's, whatever is asked with it: what no operation answers is asked of nobody else. Its signature is
// not checked yet, so it is counted for the address that it comes from: a copy of somebody's claims stops nobody elsewhere. It is as much as the
// person has by allow, from all addresses and over sockets, and so refuses nobody whom that would not.
func (s *Server) countShown(person string) func(*http.Request) error {
	return func(r *http.Request) error {
		if wait, ok := s.shown.Take(person+ClientKey(rest.ClientOf(r.Context())), time.Now()); !ok {
			return fault.New("rate_limited").After(wait)
		}
		return nil
	}
}

// count counts a request of nobody who is known: by the session whose refresh cookie it has, or by its address.
func (s *Server) count(r *http.Request) error {
	limiter, key := s.ips, ClientKey(rest.ClientOf(r.Context()))
	switch {
	case strings.HasPrefix(r.URL.Path, hook.Prefix), !strings.HasPrefix(r.URL.Path, "/v1/"):
		limiter = s.light
	case strings.HasPrefix(r.URL.Path, api.CookiePath+"/") && s.config.Holds != nil:
		if c, err := r.Cookie(api.Cookie); err == nil {
			if session, made := s.config.Holds(c.Value); made {
				limiter, key = s.sessions, session
			}
		}
	}
	if wait, ok := limiter.Take(key, time.Now()); !ok {
		return fault.New("rate_limited").After(wait)
	}
	return nil
}

// open is for operations that ask nobody who they are: a token buys nothing there.
func (s *Server) open(r *http.Request) error {
	if rest.IsSigned(r.Context()) {
		return s.count(r)
	}
	return nil
}

// authenticate tells who sent a request. One that was not counted, because its token was made here, and that is nobody's all the
// same (changed by somebody, or spent) is its address's.
func (s *Server) authenticate(ctx context.Context, r *http.Request) (policy.Actor, error) {
	token := bearer(r)
	if token == "" || s.config.Authenticate == nil {
		return policy.Actor{}, fault.New("unauthenticated")
	}
	actor, err := s.config.Authenticate(ctx, token)
	if err != nil && rest.IsSigned(ctx) && fault.As(err).Kind == fault.Unauthenticated {
		if mark, _, _ := s.config.Made(token); errors.Is(err, identity.ErrSpent) {
			s.spent.Take(mark, time.Now())
		}
		_ = s.count(r)
	}
	return actor, err
}

// allow counts a person.
func (s *Server) allow(a policy.Actor) error {
	if wait, ok := s.users.Take(a.Tenant.String()+a.User.String(), time.Now()); !ok {
		return fault.New("rate_limited").After(wait)
	}
	return nil
}

func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}
