package realtime

import (
	"context"
	"strings"
	"time"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/realtime/wire"
)

// flight is work that many may wait for.
type flight struct {
	done chan struct{}
	err  error // readable when done is closed

	begun bool // guarded by the shard's mu: what happens now may come too late for it
}

func newFlight() *flight { return &flight{done: make(chan struct{})} }

// Bounds of joining a channel.
const (
	listenWait = 2 * time.Second
	readWait   = 8 * time.Second
)

// pinned is a view that stays while somebody joins it.
type pinned struct {
	shard *shard
	sub   *subject
	view  *view
}

// join makes a channel's set current on this node and says whether the actor of ctx may see it. The caller must release
// what it gets. A set that is shown here already is current to within a moment, like every subscriber's, and is not read
// again; but for one who says what it has, perhaps from a node that had heard more, it is read after the call.
// most is how many wide sets the actor's tenant may have here.
func (h *Hub) join(ctx context.Context, who policy.Actor, c Channel, most int, anew bool) (*pinned, error) {
	return inPart(c, who, func(c Channel) (*pinned, error) { return h.enter(ctx, who, c, most, anew) })
}

func (h *Hub) enter(ctx context.Context, who policy.Actor, c Channel, most int, anew bool) (got *pinned, err error) {
	if err := policy.Door(ctx, c.Kind.Read); err != nil {
		if fault.As(err).Kind == fault.Forbidden {
			err = fault.New("not_found")
		}
		return nil, err
	}
	name := subjectOf(who.Tenant.UUID(), c.Base)
	p, f, err := h.shard(name).pin(name, c, most, anew)
	if err != nil {
		return nil, err
	}
	defer func() {
		if got == nil {
			p.release()
		}
	}()
	if f != nil {
		if err := wait(ctx, f); err != nil {
			return nil, err
		}
	}
	if err := may(ctx, c.Kind.Read, p.resource()); err != nil {
		return nil, err
	}
	return p, nil
}

// pin finds or makes a view and keeps it, with the read that whoever joins must wait for; nil: none.
func (s *shard) pin(name string, c Channel, most int, anew bool) (*pinned, *flight, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.Kind.Wide && !s.shows(name, c.View) && !s.hub.windows.take(tenantOf(name), most) {
		return nil, nil, fault.New("too_many")
	}
	sub := s.subject(name, c.Kind)
	v := sub.view(c)
	v.pins++
	p := &pinned{s, sub, v}
	if anew || c.Kind.Moves || !v.current() {
		return p, s.read(sub, v), nil
	}
	return p, nil, nil
}

// shows is called with mu held.
func (s *shard) shows(subject, view string) bool {
	sub := s.subjects[subject]
	return sub != nil && sub.views[view] != nil
}

// current says that the view need not be read. An empty one may be about something that is no more: newcomers shall hear that
// there is no such thing. Called with the shard's mu held.
func (v *view) current() bool { return v.whole && v.size > 0 && !v.unread && v.reading == nil }

func wait(ctx context.Context, f *flight) error {
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return fault.New("unavailable").Because(ctx.Err())
	}
}

func (p *pinned) resource() policy.Resource {
	p.shard.mu.Lock()
	defer p.shard.mu.Unlock()
	return p.view.resource
}

func (p *pinned) release() {
	p.shard.mu.Lock()
	defer p.shard.mu.Unlock()
	p.view.pins--
	if len(p.view.subs) > 0 || p.view.pins > 0 {
		return
	}
	p.view.idle = time.Now()
	if p.view.resource.None() && p.view.reading == nil { // there is no such thing: keep nothing of it
		p.shard.drop(p.sub, p.view)
		return
	}
	p.shard.spare(p.sub, p.view)
}

// subject finds or makes a subject and has the bus listen to it. Called with mu held.
func (s *shard) subject(name string, k *Kind) *subject {
	sub := s.subjects[name]
	if sub != nil {
		return sub
	}
	sub = &subject{name: name, kind: k, views: map[string]*view{}, entities: map[string]*entity{}, listen: newFlight()}
	s.subjects[name] = sub
	s.hub.live.Store(name, struct{}{})
	if k.Keep != "" {
		now := time.Now()
		for _, m := range s.hub.told.of(tenantOf(name), name, now) {
			sub.remind(m, now)
		}
	}
	f := sub.listen
	listening := s.hub.spawn(func() {
		defer close(f.done)
		ctx, cancel := context.WithTimeout(s.hub.ctx(), listenWait)
		defer cancel()
		// Not heard is not fatal: the tail brings every change that a later read has not seen.
		if f.err = s.hub.bus.Listen(ctx, name); f.err == nil && k.Keep != "" {
			s.hub.recall(name)
		}
	})
	if !listening {
		close(f.done)
	}
	return sub
}

func (s *subject) view(c Channel) *view {
	v := s.views[c.View]
	if v == nil {
		v = &view{name: c.View, head: wire.AppendHead(nil, c.View), channel: c, subject: s, members: map[*entity]*member{}, idle: time.Now()}
		s.views[c.View] = v
	}
	return v
}

func (s *subject) keeps(sig string) bool { return s.kind.Keep == sig }

// read has the view's set read by a read that begins from now on; many share it. Called with mu held.
func (s *shard) read(sub *subject, v *view) *flight {
	if v.reading != nil && !v.reading.begun {
		return v.reading
	}
	if v.reading != nil {
		if v.next == nil {
			v.next = newFlight()
		}
		return v.next
	}
	f := newFlight()
	s.start(sub, v, f)
	return f
}

// start is called with mu held.
func (s *shard) start(sub *subject, v *view, f *flight) {
	v.reading = f
	if !s.hub.spawn(func() { s.fly(sub, v, f) }) {
		v.reading = nil
		f.err = fault.New("unavailable")
		close(f.done)
	}
}

func (s *shard) fly(sub *subject, v *view, f *flight) {
	ctx, cancel := context.WithTimeout(s.hub.ctx(), readWait)
	defer cancel()
	<-sub.listen.done
	var set Set
	var seen snapshot
	var began time.Time
	t := tenantOf(sub.name)
	err := inTurn(ctx, s.hub.turns, t)
	if err == nil {
		began = s.begin(f)
		set, seen, err = s.hub.fetch(ctx, t, v)
		s.hub.turns.GiveBack(t)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	certain := true
	if err == nil {
		certain, err = s.land(sub, v, set, seen, began)
	}
	switch kind := fault.As(err); {
	case err == nil:
	case kind.Kind == fault.Unavailable || kind.Kind == fault.Internal:
		v.whole = false
		v.unread = true // the sweep tries again, if there are subscribers
	default:
		v.whole = false
		v.expelAll(kind.Code)
	}
	f.err = err
	close(f.done)
	next := v.next
	v.reading, v.next = nil, nil
	if next == nil && !certain {
		next = newFlight()
	}
	if next != nil {
		s.start(sub, v, next)
	}
}

func (s *shard) begin(f *flight) time.Time {
	s.hub.counts.setsRead.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	f.begun = true
	return time.Now()
}

// land shows a set that was read; certain is merge's. Called with mu held.
func (s *shard) land(sub *subject, v *view, set Set, seen snapshot, began time.Time) (certain bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			certain, err = true, s.hub.caught("a set that was read", p)
		}
	}()
	certain = sub.merge(v, set, seen, began, time.Now())
	v.unread, v.whole = false, true
	sub.flush()
	return certain, nil
}

// tenantOf reads whose a subject is.
func tenantOf(subject string) tenant.ID {
	id, _, _ := strings.Cut(subject, "/")
	t, err := tenant.Parse(id)
	if err != nil {
		return tenant.None // nothing can be read for nobody
	}
	return t
}

// fetch notes a snapshot and then reads the set in one statement.
func (h *Hub) fetch(ctx context.Context, t tenant.ID, v *view) (set Set, seen snapshot, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = h.caught("a set's reading", p)
		}
	}()
	told, err := h.cfg.DB.Read(t).Snapshot(ctx)
	if err != nil {
		return Set{}, snapshot{}, fault.New("unavailable").Because(err)
	}
	if set, err = load(ctx, h.cfg.DB, t, v.channel); err != nil {
		return set, snapshot{}, err
	}
	return v.channel.canonical(set), parseSnapshot(told), nil
}
