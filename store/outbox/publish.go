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
	queues, people := false, []uuid.UUID(nil)
	for _, change := range c.Changes {
		whom, stirs := event.Stirs(change)
		queues, people = queues || stirs, append(people, whom...)
		e := Entry{Tenant: c.Tenant, XID: xid, At: now, Change: change}
		p.Sink.Committed(e)
		p.publish(e)
	}
	if queues { // once a commit, however many of them have changed
		e := Entry{Tenant: c.Tenant, XID: xid, At: now}
		p.Bus.Publish(bus.Control, notice(e, Notice{Tenant: c.Tenant.UUID(), Queues: true, People: people}))
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
	Queues bool         `json:"queues,omitzero"` // something has changed in the tenant's queues: whoever owns one looks
	People []uuid.UUID  `json:"people,omitzero"` // whom it concerns
}

func accessNotice(e Entry) []byte {
	return notice(e, Notice{Tenant: e.Tenant.UUID(), Access: AccessOf(e.Change)})
}

func notice(e Entry, n Notice) []byte {
	body, err := json.Marshal(n)
	if err != nil {
		panic(err) // UUIDs and flags
	}
	return bus.Message{Kind: bus.Notice, At: e.At, Data: body}.Encode()
}

// AccessOf reads a change of access. One that cannot be read means everybody: it is safer
// to ask again for all than to leave somebody with what they lost.
func AccessOf(c event.Change) (a event.Access) {
	_ = json.Unmarshal(c.Docs[event.OnAccess], &a)
	return a
}
