package rest

import (
	"context"
	"io"
	"net/http"
	"time"
)

const rawTime = 2 * time.Minute // 25 MiB at some 2 Mbit/s

type rawKey struct{}

// raw leaves a body that is no JSON to the handler, who reads what it may have: the door has not looked at it.
func raw(ctx context.Context, w http.ResponseWriter, r *http.Request, limit int64) context.Context {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(rawTime))
	body := r.Body
	if body == nil {
		body = http.NoBody
	}
	r.Body = http.NoBody
	return context.WithValue(ctx, rawKey{}, io.LimitReader(body, limit))
}

// RawOf is the body of a raw route's request.
func RawOf(ctx context.Context) io.Reader {
	if r, ok := ctx.Value(rawKey{}).(io.Reader); ok {
		return r
	}
	return http.NoBody
}
