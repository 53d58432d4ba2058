package demo

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"

	"github.com/waymeet/waymeet/internal/demo/crowd"
	"github.com/waymeet/waymeet/realtime/client"
)

// line is the client of the socket as the crowd uses it.
type line struct{ *client.Client }

func dial(url string, token func(context.Context) (string, error)) crowd.Socket {
	return line{client.New(client.Config{URL: url, Token: token, Logger: slog.New(slog.DiscardHandler)})}
}

func (l line) Call(ctx context.Context, operation string, args any) error {
	_, err := l.Client.Call(ctx, operation, "", args)
	if no := (*client.Refusal)(nil); errors.As(err, &no) {
		return &crowd.Refused{Code: no.Code}
	}
	return err
}

func (l line) Signal(ctx context.Context, channel, sig, key string, data any) error {
	return l.Client.Signal(ctx, client.Say{Channel: channel, Sig: sig, Key: key, Data: data})
}

func (l line) Watch(channel string) crowd.Watch { return watch{l.Subscribe(channel)} }

type watch struct{ *client.Subscription }

func (w watch) Docs() map[string]json.RawMessage {
	docs := map[string]json.RawMessage{}
	for entity, d := range w.Snapshot() {
		docs[entity] = d.JSON
	}
	return docs
}
