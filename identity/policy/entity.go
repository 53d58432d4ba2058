package policy

import (
	"github.com/cedar-policy/cedar-go"
	"github.com/google/uuid"
)

// pair is the whole world of one question: who asks, and about what.
type pair [2]cedar.Entity

func (p pair) Get(uid cedar.EntityUID) (cedar.Entity, bool) {
	for i := range p {
		if p[i].UID == uid {
			return p[i], true
		}
	}
	return cedar.Entity{}, false
}

func user(id uuid.UUID) cedar.EntityUID {
	return cedar.NewEntityUID("User", cedar.String(id.String()))
}
func line(id uuid.UUID) cedar.EntityUID {
	return cedar.NewEntityUID("Line", cedar.String(id.String()))
}

func unit(id uuid.UUID) cedar.EntityUID {
	return cedar.NewEntityUID("Unit", cedar.String(id.String()))
}

func queue(id uuid.UUID) cedar.EntityUID {
	return cedar.NewEntityUID("Queue", cedar.String(id.String()))
}

func users(ids []uuid.UUID) cedar.Set {
	out := make([]cedar.Value, len(ids))
	for i, id := range ids {
		out[i] = user(id)
	}
	return cedar.NewSet(out...)
}

// describe tells the rules what the actor holds of the permissions that the action consults, and nothing else.
func describe(a Actor, of []Permission) cedar.Record {
	can := cedar.RecordMap{}
	for _, p := range of {
		held, whole := false, false
		var lines, units, queues []cedar.Value
		for _, g := range a.Grants {
			if g.Permission != p {
				continue
			}
			held = true
			switch {
			case g.Scope.Whole():
				whole = true
			case g.Scope.Line != uuid.Nil:
				lines = append(lines, line(g.Scope.Line))
			case g.Scope.Queue != uuid.Nil:
				queues = append(queues, queue(g.Scope.Queue))
			default:
				units = append(units, unit(g.Scope.Unit))
			}
		}
		if held {
			can[cedar.String(p)] = cedar.NewRecord(cedar.RecordMap{"tenant": cedar.Boolean(whole), "lines": cedar.NewSet(lines...), "units": cedar.NewSet(units...), "queues": cedar.NewSet(queues...)})
		}
	}
	return cedar.NewRecord(cedar.RecordMap{"tenant": cedar.String(a.Tenant.String()), "can": cedar.NewRecord(can)})
}

func (r Resource) describe() cedar.Record {
	m := cedar.RecordMap{"tenant": cedar.String(r.Tenant.String())}
	if r.Owner != uuid.Nil {
		m["owner"] = user(r.Owner)
	}
	if r.Line != uuid.Nil {
		m["line"] = line(r.Line)
	}
	if len(r.Units) > 0 {
		units := make([]cedar.Value, len(r.Units))
		for i, id := range r.Units {
			units[i] = unit(id)
		}
		m["units"] = cedar.NewSet(units...)
	}
	if len(r.Party) > 0 {
		m["party"] = users(r.Party)
	}
	if len(r.Watch) > 0 {
		m["watch"] = users(r.Watch)
	}
	if r.Queue != uuid.Nil {
		m["queue"] = queue(r.Queue)
	}
	return cedar.NewRecord(m)
}
