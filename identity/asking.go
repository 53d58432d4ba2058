package identity

import (
	"context"
	"sync"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

const (
	askers = 2   // at once, of the connections that are kept for it
	bite   = 500 // standings of a tenant that one statement reads
)

// asking is who waits to be told what they may do now. What is asked together is read together, tenant by tenant in turn: a tenant
// whose thousands of sockets are all in doubt costs a few statements, and another's one waits for one of them.
type asking struct {
	mu    sync.Mutex
	waits map[tenant.ID]map[store.Sitting]*told // guarded by mu; not being read yet, so that each is told what is true after it asked
	order []tenant.ID                           // guarded by mu: those in waits, whose turn is next first
	busy  int                                   // guarded by mu: askers at work
}

// told is an answer, once done is closed.
type told struct {
	done     chan struct{}
	standing store.Standing
	there    bool
	err      error
}

// ask tells what somebody may do now, if they are there.
func (s *Service) ask(ctx context.Context, t tenant.ID, who store.Sitting) (store.Standing, bool, error) {
	answer := s.asking.stand(t, who, s.answer)
	select {
	case <-answer.done:
		return answer.standing, answer.there, answer.err
	case <-ctx.Done():
		return store.Standing{}, false, ctx.Err()
	}
}

func (a *asking) stand(t tenant.ID, who store.Sitting, work func()) *told {
	a.mu.Lock()
	defer a.mu.Unlock()
	line := a.waits[t]
	if line == nil {
		line = map[store.Sitting]*told{}
		a.waits[t] = line
		a.order = append(a.order, t)
	}
	answer := line[who]
	if answer == nil {
		answer = &told{done: make(chan struct{})}
		line[who] = answer
	}
	if a.busy < askers {
		a.busy++
		go work()
	}
	return answer
}

// next takes some of the tenant whose turn it is; none: nobody waits, and the asker is let go.
func (a *asking) next() (t tenant.ID, some map[store.Sitting]*told) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.order) == 0 {
		a.busy--
		return t, nil
	}
	t, a.order = a.order[0], a.order[1:]
	line := a.waits[t]
	if len(line) <= bite {
		delete(a.waits, t)
		return t, line
	}
	some = make(map[store.Sitting]*told, bite)
	for who, answer := range line {
		if len(some) == bite {
			break
		}
		some[who] = answer
		delete(line, who)
	}
	a.order = append(a.order, t)
	return t, some
}

// answer is an asker's work.
func (s *Service) answer() {
	for t, some := s.asking.next(); some != nil; t, some = s.asking.next() {
		all := make([]store.Sitting, 0, len(some))
		for who := range some {
			all = append(all, who)
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		standings, err := s.db.Standings(ctx, t, all)
		cancel()
		for who, answer := range some {
			answer.err = err
			answer.standing, answer.there = standings[who]
			close(answer.done)
		}
	}
}
