package outbox

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/realtime/bus"
	"github.com/waymeet/waymeet/store"
)

// Publisher hastens what was just committed on this node.
type Publisher struct {
	Bus  *bus.Bus
	Sink Sink // this node's own: it need not wait for Redis
}

// Committed is for store.DB.OnCommit.
func (p *Publisher) Committed(c store.Committed) {
	now := time.Now()
	xid, _ := strconv.ParseUint(c.XID, 10, 64) // 0: a receiver then trusts versions alone
	for _, change := range c.Changes {
		e := Entry{Tenant: c.Tenant, XID: xid, At: now, Change: change}
		p.Sink.Committed(e)
		p.publish(e)
	}
}

func (p *Publisher) publish(e Entry) {
	m := bus.Message{Kind: bus.Change, Entity: e.Change.Entity, Version: uint64(e.Change.Version), Xid: e.XID, At: e.At}
	for _, ch := range e.Change.Channels {
		if ch == event.AccessChannel {
			p.Bus.Publish(bus.Control, accessNotice(e))
			continue
		}
		m.Gone, m.Data = e.Change.Gone, e.Change.Docs[event.OnChannel(e.Change.Entity, ch)]
		p.Bus.Publish(bus.Subject(e.Tenant.UUID(), ch), m.Encode())
	}
	m.Gone, m.Data = true, nil
	for _, ch := range e.Change.Left {
		p.Bus.Publish(bus.Subject(e.Tenant.UUID(), ch), m.Encode())
	}
}

// Notice is a change of access as it travels between nodes.
type Notice struct {
	Tenant uuid.UUID    `json:"tenant"`
	Access event.Access `json:"access"`
}

func accessNotice(e Entry) []byte {
	n := Notice{Tenant: e.Tenant.UUID(), Access: AccessOf(e.Change)}
	body, err := json.Marshal(n)
	if err != nil {
		panic(err) // three UUIDs
	}
	return bus.Message{Kind: bus.Notice, At: e.At, Data: body}.Encode()
}

// AccessOf reads a change of access. One that cannot be read means everybody: it is safer
// to ask again for all than to leave somebody with what they lost.
func AccessOf(c event.Change) (a event.Access) {
	_ = json.Unmarshal(c.Docs[event.OnAccess], &a)
	return a
}
