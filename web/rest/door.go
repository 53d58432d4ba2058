package rest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humamux"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
)

// door stands before every handler, in this order: who, whether, how often, key, body. A stranger's body is not read.
func (a *API) door(route Route) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		r, w := humamux.Unwrap(c)
		w.Header().Set("Cache-Control", "no-store") // a handler that knows better says so
		ctx, err := a.enter(r, route)
		if err == nil {
			ctx, err = a.admit(ctx, w, r, route)
		}
		if err != nil {
			WriteProblem(w, r.WithContext(ctx), told(ctx, err))
			return
		}
		next(huma.WithContext(c, ctx))
	}
}

// enter finds the actor and asks what can be asked before anything is loaded.
func (a *API) enter(r *http.Request, route Route) (context.Context, error) {
	ctx := r.Context()
	requestOf(ctx).Route = route.ID
	if route.On == Public {
		if a.config.Open != nil {
			return ctx, a.config.Open(r)
		}
		return ctx, nil
	}
	actor, known := policy.ActorFrom(ctx) // a socket's call comes with the connection's actor
	if !known {
		var err error
		if actor, err = a.config.Authenticate(ctx, r); err != nil {
			return ctx, err
		}
	}
	requestOf(ctx).Tenant = actor.Tenant
	ctx = policy.With(tenant.With(ctx, actor.Tenant), actor)
	if a.config.Allow != nil {
		if err := a.config.Allow(actor); err != nil {
			return ctx, err
		}
	}
	switch route.On {
	case Tenant:
		return ctx, policy.Can(ctx, route.Action, policy.Resource{Tenant: actor.Tenant, Kind: string(route.Action)})
	case Own:
		return ctx, policy.Can(ctx, route.Action, policy.Resource{Tenant: actor.Tenant, Kind: string(route.Action), Owner: actor.User})
	case Thing:
		return ctx, policy.Door(ctx, route.Action)
	default:
		return ctx, nil
	}
}

// admit reads the key and the body.
func (a *API) admit(ctx context.Context, w http.ResponseWriter, r *http.Request, route Route) (context.Context, error) {
	key := r.Header.Get("Idempotency-Key")
	if route.Key {
		if key == "" {
			return ctx, fault.New("idempotency_key_required").At("header/Idempotency-Key")
		}
		if !validKey(key) || len(r.Header.Values("Idempotency-Key")) > 1 {
			return ctx, fault.New("idempotency_key_invalid").At("header/Idempotency-Key")
		}
	}
	if r.Method == http.MethodGet {
		return ctx, nil
	}
	if route.Raw {
		ctx = raw(ctx, w, r, route.limit()+1)
		if route.Key {
			ctx = context.WithValue(ctx, claimKey{}, a.claim(ctx, route.ID, key, r.URL.Path, nil))
		}
		return ctx, nil
	}
	body, err := readBody(w, r, route.limit())
	if err != nil {
		return ctx, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if route.Key {
		ctx = context.WithValue(ctx, claimKey{}, a.claim(ctx, route.ID, key, r.URL.Path, body))
	}
	return ctx, nil
}

func (a *API) claim(ctx context.Context, operation, key, path string, body []byte) idem.Claim {
	// A client may write the members of a body in another order when it repeats itself: RFC 8785 knows only one.
	if v := jsontext.Value(bytes.Clone(body)); len(v) > 0 && v.Canonicalize() == nil {
		body = v
	}
	h := hmac.New(sha256.New, a.config.ClaimKey)
	for _, part := range [][]byte{[]byte(operation), []byte(path), body} {
		h.Write(part)
		h.Write([]byte{0}) // none of the first two holds a zero
	}
	actor, _ := policy.ActorFrom(ctx)
	c := idem.Claim{Actor: actor.User, Operation: operation, Key: key}
	h.Sum(c.Hash[:0])
	return c
}

// told turns a request that ran out of its time into "later"; everything else stays what it is.
func told(ctx context.Context, err error) error {
	var f *fault.Error
	if !errors.As(err, &f) && errors.Is(err, context.DeadlineExceeded) && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fault.New("unavailable").Because(err)
	}
	return err
}
