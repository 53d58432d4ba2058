package mediatest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/waymeet/waymeet/session/media"
)

func badDays(t *testing.T, r Rig) {
	if r.Break == nil {
		t.Skip("it calls nobody")
	}
	s := r.session(t)
	verbs := map[string]func(ctx context.Context) error{
		"open": func(ctx context.Context) error {
			return r.Provider.Open(ctx, media.RoomOrder{Name: s.room, Until: time.Now().Add(time.Hour)})
		},
		"eject": func(ctx context.Context) error { return r.Provider.Eject(ctx, s.room, s.party[0].Participant) },
		"who":   func(ctx context.Context) error { _, err := r.Provider.Present(ctx, s.room); return err },
		"close": func(ctx context.Context) error { return r.Provider.Close(ctx, s.room) },
	}
	s.join(t, s.party[0])
	for _, name := range []string{"open", "who", "eject", "close"} {
		for _, how := range []How{Fail, TooMany, Hang, Drop} {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			if how == Hang {
				ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
			}
			r.Break(t, how)
			err := verbs[name](ctx)
			cancel()
			var limited *media.RateLimited
			var away *media.Unreachable
			switch {
			case how == TooMany && !errors.As(err, &limited), how == TooMany && limited.After <= 0, how != TooMany && !errors.As(err, &away):
				t.Errorf("%s, %s: %v (%T)", name, how, err, err)
			}
		}
		if name == "who" {
			r.Break(t, Babble)
			_, err := r.Provider.Present(t.Context(), s.room)
			_ = is[*media.Unreachable](t, err)
		}
		s.ok(t, verbs[name](t.Context())) // and the same again does it
	}
}

func wrongKey(t *testing.T, r Rig) {
	if r.WrongKey == nil {
		t.Skip("it has no key")
	}
	p := r.WrongKey(t)
	_ = is[*media.Misconfigured](t, p.Open(t.Context(), media.RoomOrder{Name: "x", Until: time.Now().Add(time.Hour)}))
	_, err := p.Present(t.Context(), "x")
	_ = is[*media.Misconfigured](t, err)
	_ = is[*media.Misconfigured](t, p.Close(t.Context(), "x"))
}

func secretsHidden(t *testing.T, r Rig) {
	s := r.session(t)
	e := s.admit(t, s.party[0])
	said := fmt.Sprintf("%+v %#v %v", e, e, e)
	for _, server := range e.Servers {
		if c := server.Credential.Reveal(); server.Username != "" && (c == "" || strings.Contains(said, c)) {
			t.Error("an entry shows its TURN credential, or has none")
		}
	}
	if token := e.Token.Reveal(); token != "" && strings.Contains(said, token) {
		t.Error("an entry shows its token")
	}
	if r.Break != nil {
		r.Break(t, Fail)
		said += fmt.Sprint(r.Provider.Close(t.Context(), s.room))
		r.Break(t, Drop)
		said += fmt.Sprint(r.Provider.Close(t.Context(), s.room))
	}
	if r.WrongKey != nil {
		said += fmt.Sprint(r.WrongKey(t).Close(t.Context(), s.room))
	}
	for _, hush := range r.Secrets {
		if strings.Contains(said, hush) {
			t.Error("a secret shows")
		}
	}
}
