package client

import (
	"context"
	"maps"
	"time"
)

// Phase is where a subscription stands.
type Phase uint8

// The phases of a subscription.
const (
	Joining Phase = iota // not answered yet on this connection
	Live                 // what is held follows the truth
	Offline              // there is no connection
	Closed               // the server ended or refused it
)

func (p Phase) String() string { return [...]string{"joining", "live", "offline", "closed"}[p] }

// Status is how far what is held can be relied on.
type Status struct {
	Phase Phase
	Whole bool      // no part of the set is on its way
	Stale time.Time // since when it may lag behind; zero: it does not
	Code  string    // of what is closed: not_found, forbidden, too_many
	Why   string
}

// Current says that what is held is what the server knows to be true.
func (s Status) Current() bool { return s.Phase == Live && s.Whole && s.Stale.IsZero() }

// Subscription is an interest in a channel. It outlives connections.
type Subscription struct {
	Channel string
	client  *Client
	hear    []func(Signal)

	// guarded by client.mu
	replica Replica
	status  Status
	news    chan struct{} // closed at the next change; nil: nobody waits
	wanted  bool
	on      bool      // the server sends its pushes
	asked   *request  // under way: sub or unsub
	again   bool      // it must be asked again on this connection
	since   bool      // it has been answered on this connection
	after   time.Time // and not before then
	tries   int       // refusals in a row that may be tried again
	life    int       // how often it was left: what was asked in an earlier life is no answer in this one
}

// Changed is closed when something of the subscription is not as it was at the call.
func (s *Subscription) Changed() <-chan struct{} {
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	return s.changed()
}

func (s *Subscription) changed() <-chan struct{} {
	if s.news == nil {
		s.news = make(chan struct{})
	}
	return s.news
}

// tell is called with mu held.
func (s *Subscription) tell() {
	if s.news != nil {
		close(s.news)
		s.news = nil
	}
}

// Wait looks at every change until it holds. The replica is lent for the call only.
func (s *Subscription) Wait(ctx context.Context, holds func(*Replica, Status) bool) error {
	for {
		s.client.mu.Lock()
		ok, news := holds(&s.replica, s.statusNow()), s.changed()
		s.client.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Snapshot is what is held now.
func (s *Subscription) Snapshot() map[string]Doc {
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	return maps.Clone(s.replica.docs)
}

// Look lends the replica, at one moment; f must not keep it.
func (s *Subscription) Look(f func(*Replica, Status)) {
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	f(&s.replica, s.statusNow())
}

// Status is how things stand now.
func (s *Subscription) Status() Status {
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	return s.statusNow()
}

func (s *Subscription) statusNow() Status {
	st := s.status
	st.Whole = s.replica.whole
	return st
}

// Leave ends the interest. What was held is dropped.
func (s *Subscription) Leave() {
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	s.wanted = false
	s.life++
	s.replica = Replica{}
	s.status = Status{Phase: Closed, Code: "left"}
	s.tell()
	s.client.forget(s)
	s.client.stir()
}

// close is called with mu held: the server has ended or refused it.
func (s *Subscription) close(r *Refusal) {
	s.wanted, s.on, s.again = false, false, false
	s.replica = Replica{}
	s.status = Status{Phase: Closed, Code: r.Code, Why: r.Message}
	s.tell()
}
