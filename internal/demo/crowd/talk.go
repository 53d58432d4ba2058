package crowd

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
)

// talk is one side of a conversation. Nobody of the crowd has a camera or a microphone: between two of them each says that media comes in,
// as their browsers would; a person who talks to one of them hears nothing, and the server charges nothing. In writing they are good company.
type talk struct {
	who    *person
	line   Socket
	id     uuid.UUID
	gives  bool          // the expert
	leaves time.Duration // after so long live
}

// conversation is what the crowd reads of session:ID.
type conversation struct {
	State    string `json:"state"`
	Modality string `json:"modality"`
}

// over says whether the two have finished.
func (c *conversation) over() bool {
	switch c.State {
	case "wrap_up", "completed", "connect_failed", "no_show", "cancelled":
		return true
	}
	return false
}

const (
	muteAfter = 12 * time.Second // connecting for so long: the other end is a person with a microphone
	mostSaid  = 4                // by each
)

// talk takes part until the conversation is over; true: they talked.
func (b *bureau) talk(ctx context.Context, t *talk) (talked bool, err error) {
	epoch, err := b.join(ctx, t)
	if err != nil {
		return false, err
	}
	room := t.line.Watch("session:" + t.id.String())
	defer room.Leave()
	beat := time.NewTicker(time.Second)
	defer beat.Stop()
	var live time.Time
	began, said, beats, muted := time.Now(), 0, 0, false
	for {
		select {
		case <-beat.C:
		case <-ctx.Done():
			return talked, ctx.Err()
		}
		docs := room.Docs()
		var now conversation
		if one(docs, "session", t.id, &now) {
			if now.over() {
				return talked, nil
			}
			if now.State == "live" && !talked {
				talked, live = true, time.Now()
			}
		}
		err := t.line.Call(ctx, "sessions.beat", map[string]any{"path": map[string]any{"id": t.id}, "body": map[string]any{"epoch": epoch, "media": true}})
		if beats++; now.Modality == "chat" && beats%2 == 0 { // how a page knows that the other's lives, where no media says so
			_ = t.line.Signal(ctx, "session:"+t.id.String(), "msg", t.who.email+".sends", map[string]any{"sends": map[string]bool{"microphone": false, "camera": false, "screen": false}})
		}
		var no *Refused
		if errors.As(err, &no) && (no.Code == "session_over" || no.Code == "session_superseded" || no.Code == "session_not_found") {
			return talked, nil
		}
		switch {
		case talked && t.leaving(docs, said, time.Since(live)):
			return true, t.who.post(ctx, t.path()+"/end", nil, nil)
		case !talked && !muted && now.Modality != "chat" && time.Since(began) > muteAfter:
			muted = true
			err = b.write(ctx, t, b.own.Lines.Mute)
		case talked && said < mostSaid && t.turn(docs, said, time.Since(live)):
			err = b.write(ctx, t, b.line(t, said))
			said++
		default:
			err = nil
		}
		if err != nil && ctx.Err() != nil {
			return talked, err
		}
	}
}

func (t *talk) path() string { return "/v1/sessions/" + t.id.String() }

// join takes a seat. The conversation is opened behind the accept, within a moment.
func (b *bureau) join(ctx context.Context, t *talk) (epoch int64, err error) {
	var joined struct {
		Epoch int64 `json:"epoch"`
	}
	for range 40 {
		err = t.who.post(ctx, t.path()+"/join", nil, &joined)
		var told *problem
		if err == nil || !errors.As(err, &told) || told.Code != "session_not_found" {
			return joined.Epoch, err
		}
		if !pause(ctx, 300*time.Millisecond) {
			return 0, ctx.Err()
		}
	}
	return 0, err
}

// turn says whether it is this side's turn to write: the client begins, and each waits for the other, and for a thought.
func (t *talk) turn(docs map[string]json.RawMessage, said int, since time.Duration) bool {
	others := messages(docs) - said
	if t.gives {
		return others > said && since > 8*time.Second
	}
	return others >= said && since > time.Duration(4+14*said)*time.Second
}

// leaving says whether this side has had enough. A client who has asked something waits for the answer a good while longer: people type slowly.
func (t *talk) leaving(docs map[string]json.RawMessage, said int, since time.Duration) bool {
	answered := t.gives || messages(docs)-said >= said
	return since > t.leaves && (answered || since > 3*t.leaves)
}

func messages(docs map[string]json.RawMessage) (n int) {
	for e := range docs {
		if strings.HasPrefix(e, "message/") {
			n++
		}
	}
	return n
}

func (b *bureau) line(t *talk, said int) string {
	switch {
	case t.gives:
		return oneOf(b.own.Lines.Answers)
	case said == 0:
		return oneOf(b.own.Lines.Asks)
	}
	return oneOf(b.own.Lines.Thanks)
}

func (b *bureau) write(ctx context.Context, t *talk, words string) error {
	return t.who.post(ctx, t.path()+"/messages", map[string]string{"body": words}, nil)
}
