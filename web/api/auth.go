package api

import (
	"context"
	"net/http"
	"time"

	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/web/rest"
)

// Cookie is where a browser keeps the refresh token: out of reach of scripts, of other sites, and of every address but
// those that need it.
const Cookie = "waymeet_refresh"

// CookiePath is above everything that it is sent to.
const CookiePath = "/v1/auth"

type signIn struct {
	Body struct {
		Tenant   string `json:"tenant" minLength:"1" maxLength:"60" example:"atlas" doc:"The operator's short name"`
		Email    string `json:"email" minLength:"3" maxLength:"254" example:"amal@atlas.example"`
		Password string `json:"password" minLength:"1" maxLength:"128" example:"correct horse battery"`
	}
}

type signedIn struct {
	Cookie http.Cookie `header:"Set-Cookie"`
	Body   struct {
		AccessToken string `json:"access_token" example:"eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiI…" doc:"Send it as Authorization: Bearer"`
		ExpiresIn   int    `json:"expires_in" example:"600" doc:"Seconds"`
		User        Me     `json:"user"`
	}
}

type withCookie struct {
	Refresh string `cookie:"waymeet_refresh" maxLength:"400"`
}

type signedOut struct {
	Cookie http.Cookie `header:"Set-Cookie"`
}

type jwks struct {
	Cache string `header:"Cache-Control"`
	Body  struct {
		Keys []identity.JWK `json:"keys"`
	}
}

// Auth is signing in and out. Secure is whether people reach us by https.
func Auth(s *identity.Service, secure bool) func(*rest.API) {
	hand := func(session identity.Session, err error) (*signedIn, error) {
		if err != nil {
			return nil, err
		}
		out := &signedIn{Cookie: cookie(session.Refresh, session.KeptFor, secure)}
		out.Body.AccessToken, out.Body.ExpiresIn, out.Body.User = session.Access, int(session.ExpiresIn/time.Second), meOf(session.Me)
		return out, nil
	}
	return func(a *rest.API) {
		rest.Handle(a, "auth.signIn", rest.Doc{Summary: "Sign in", About: "Opens a session. Whatever is wrong, the answer is bad_credentials."},
			func(ctx context.Context, in *signIn) (*signedIn, error) {
				return hand(s.SignIn(ctx, in.Body.Tenant, in.Body.Email, in.Body.Password, rest.ClientOf(ctx)))
			})
		rest.Handle(a, "auth.refresh", rest.Doc{Summary: "Go on being signed in", About: "Trades the refresh cookie for the next one and a new access token. A cookie that was traded before ends the session."},
			func(ctx context.Context, in *withCookie) (*signedIn, error) {
				return hand(s.Refresh(ctx, in.Refresh))
			})
		rest.Handle(a, "auth.signOut", rest.Doc{Summary: "Sign out", About: "Ends the session of the refresh cookie on every node within two seconds."},
			func(ctx context.Context, in *withCookie) (*signedOut, error) {
				return &signedOut{Cookie: cookie("", -time.Second, secure)}, s.SignOut(ctx, in.Refresh)
			})
		rest.Handle(a, "auth.jwks", rest.Doc{Summary: "Public keys of access tokens", About: "RFC 7517; keys are Ed25519 (RFC 8037)."},
			func(ctx context.Context, _ *struct{}) (*jwks, error) {
				keys, err := s.JWKS(ctx)
				out := &jwks{Cache: "public, max-age=300"}
				out.Body.Keys = keys
				return out, err
			})
	}
}

func cookie(value string, kept time.Duration, secure bool) http.Cookie {
	return http.Cookie{Name: Cookie, Value: value, Path: CookiePath, MaxAge: int(kept / time.Second), HttpOnly: true, Secure: secure, SameSite: http.SameSiteStrictMode}
}
