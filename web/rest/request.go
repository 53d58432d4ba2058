package rest

import (
	"context"
	"log/slog"
	"net/netip"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/idem"
)

// Request is one request as logs, traces and problems name it. It holds nothing personal.
type Request struct {
	ID     string
	Route  string       // operation id, once a route matched
	Tenant tenant.ID    // once the actor is known
	Client netip.Addr   // whom to count it under; never logged
	Log    *slog.Logger // where what goes wrong is written; nil: slog's default
	Query  string       // as it was sent, for the one route whose filters are in it
	signed bool
}

type requestKey struct{}

// WithRequest lets everything below ctx name the request; the door fills in route and tenant.
func WithRequest(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// RequestID is the name of ctx's request, or nothing.
func RequestID(ctx context.Context) string {
	if r, ok := ctx.Value(requestKey{}).(*Request); ok {
		return r.ID
	}
	return ""
}

// NameRoute says what a request is that no operation of the API answers.
func NameRoute(ctx context.Context, id string) { requestOf(ctx).Route = id }

// LogIDs is what log lines say of a context: its request and, once known, its tenant.
func LogIDs(ctx context.Context) []slog.Attr {
	r, ok := ctx.Value(requestKey{}).(*Request)
	if !ok {
		return nil
	}
	ids := []slog.Attr{slog.String("request", r.ID)}
	if r.Tenant != tenant.None {
		ids = append(ids, slog.String("tenant", r.Tenant.String()))
	}
	return ids
}

// ClientOf is the address that the request came from, as far as it can be trusted.
func ClientOf(ctx context.Context) netip.Addr { return requestOf(ctx).Client }

// Signed notes that the request shows a credential that was made here, and is therefore not counted by its address.
func Signed(ctx context.Context) { requestOf(ctx).signed = true }

// IsSigned says so.
func IsSigned(ctx context.Context) bool { return requestOf(ctx).signed }

// QueryOf is the query of the request's address.
func QueryOf(ctx context.Context) string { return requestOf(ctx).Query }

func requestOf(ctx context.Context) *Request {
	if r, ok := ctx.Value(requestKey{}).(*Request); ok {
		return r
	}
	return &Request{}
}

type claimKey struct{}

// ClaimOf is what makes a repeated request recognisable: the caller's key, the operation, and a hash over operation,
// path and body. A handler hands it to the service, which claims it in the transaction that does the work. It is the
// zero claim where the route takes no key.
func ClaimOf(ctx context.Context) idem.Claim {
	c, _ := ctx.Value(claimKey{}).(idem.Claim)
	return c
}

// validKey: 1 to 128 visible ASCII characters.
func validKey(k string) bool {
	if len(k) < 1 || len(k) > 128 {
		return false
	}
	for i := range len(k) {
		if k[i] < '!' || k[i] > '~' {
			return false
		}
	}
	return true
}
