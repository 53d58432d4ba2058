package realtime

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/realtime/wire"
)

// call runs an operation of the HTTP API. Some run side by side; beyond that the
// connection's next requests wait.
func (c *Conn) call(r wire.Request) {
	if c.hub.cfg.Caller == nil {
		c.refuse(r, fault.New("not_found"))
		return
	}
	r.Args = bytes.Clone(r.Args) // the message's buffer is lent
	c.calls <- struct{}{}
	if !c.hub.spawn(func() {
		defer func() { <-c.calls }()
		defer c.outliveCall(r)
		c.callNow(r)
	}) {
		<-c.calls
	}
}

func (c *Conn) callNow(r wire.Request) {
	ctx, cancel, who := c.asking()
	defer cancel()
	status, body := c.hub.cfg.Caller.Call(ctx, who, r.Op, r.Key, json.RawMessage(r.Args))
	if len(body) == 0 {
		body = []byte("null")
	}
	if status < 400 {
		out := strconv.AppendInt([]byte(`{"status":`), int64(status), 10)
		out = append(append(append(out, `,"body":`...), oneLine(body)...), '}')
		c.ok(r, out)
		return
	}
	var p struct {
		Code   string `json:"code"`
		Title  string `json:"title"`
		Detail string `json:"detail"`
	}
	_ = json.Unmarshal(body, &p) // an answer that is no problem document keeps the codes below
	if p.Code == "" {
		p.Code = wire.CodeInternal
	}
	if p.Detail == "" {
		p.Detail = p.Title
	}
	ref := wire.Refusal{Code: p.Code, Message: p.Detail, Retry: status == 429 || status == 503, Problem: oneLine(body)}
	c.frame(wire.AppendErr(nil, r.ID, true, ref))
}

// oneLine takes line breaks out: a newline ends an object of a message.
func oneLine(b []byte) []byte {
	if bytes.IndexByte(b, '\n') < 0 {
		return b
	}
	var out bytes.Buffer
	if json.Compact(&out, b) != nil {
		return []byte("null")
	}
	return out.Bytes()
}
