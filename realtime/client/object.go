package client

import (
	"encoding/json"
	"fmt"
	"time"
)

// object is anything that a server sends; which it is, its members tell.
type object struct {
	Hello *hello          `json:"hello"`
	Bye   *bye            `json:"bye"`
	ID    *int64          `json:"id"`
	OK    json.RawMessage `json:"ok"`
	Err   *Refusal        `json:"err"`

	Channel string          `json:"ch"`
	Entity  string          `json:"e"`
	Version uint64          `json:"v"`
	From    json.RawMessage `json:"from"` // a version, or who signals
	Patch   json.RawMessage `json:"p"`
	Data    json.RawMessage `json:"d"` // a document, or a signal's
	Gone    bool            `json:"gone"`
	Set     map[string]step `json:"set"`
	More    bool            `json:"more"`
	Sig     string          `json:"sig"`
	Key     string          `json:"key"`
	At      string          `json:"at"`
	Closed  *Refusal        `json:"closed"`
}

type hello struct {
	Conn     string `json:"conn"`
	Node     string `json:"node"`
	User     string `json:"user"`
	Epoch    string `json:"epoch"`
	PingMS   int    `json:"ping_ms"`
	MaxFrame int    `json:"max_frame"`
	AuthExp  int64  `json:"auth_exp"`
}

type bye struct {
	Reason  string     `json:"reason"`
	RetryMS [2]float64 `json:"retry_ms"`
}

// step is how an entity gets to a version: by a patch, as a document, or out of the set.
type step struct {
	Version uint64          `json:"v"`
	From    *uint64         `json:"from"`
	Patch   json.RawMessage `json:"p"`
	Doc     json.RawMessage `json:"d"`
	gone    bool
}

func (o *object) step() (step, error) {
	s := step{Version: o.Version, Patch: o.Patch, Doc: o.Data, gone: o.Gone}
	if len(o.From) == 0 {
		return s, nil
	}
	return s, json.Unmarshal(o.From, &s.From)
}

// joined is what ok holds for a subscription.
type joined struct {
	Set  map[string]step   `json:"set"`
	Gone []string          `json:"gone"`
	Sig  map[string]object `json:"sig"`
	More bool              `json:"more"`
	Err  *Refusal          `json:"err"` // in the answer to a list
}

// Refusal is why a request was not done, or a subscription ended.
type Refusal struct {
	Code    string          `json:"code"`
	Message string          `json:"message"`
	Retry   bool            `json:"retry"`
	Problem json.RawMessage `json:"problem"` // RFC 9457, of a call
}

func (r *Refusal) Error() string { return fmt.Sprintf("client: refused, %s: %s", r.Code, r.Message) }

// Signal is something that was said on a channel: best effort, unversioned.
type Signal struct {
	Channel, Sig, Key, From string
	Data                    json.RawMessage
	At                      time.Time
}

// nodeKey is the key under which a node speaks of itself: stale, fresh.
const nodeKey = "node"

func (o *object) signal(channel, key string) Signal {
	s := Signal{Channel: channel, Sig: o.Sig, Key: key, Data: o.Data}
	_ = json.Unmarshal(o.From, &s.From) // absent for the node itself
	s.At, _ = time.Parse(time.RFC3339Nano, o.At)
	return s
}
