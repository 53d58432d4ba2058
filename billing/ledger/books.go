package ledger

import (
	"github.com/waymeet/waymeet/internal/fault"
)

// Position is an account as it stands behind its lock.
type Position struct {
	Class    Class
	Overdraw bool
	Running  bool
	Balance
}

// Books are the accounts that a batch of journals touches, each as it stands. Journals are tried on them one after the other,
// so that one that cannot be afforded is refused alone, before anything is written.
type Books map[Ref]*Position

// Try writes a journal's lines into the books, or refuses and leaves them as they were.
func (b Books) Try(lines []Line) error {
	next := make(map[Ref]Balance, len(lines))
	for _, l := range lines {
		p := b[l.Ref]
		if p == nil {
			return fault.New("account_not_found")
		}
		now, ok := next[l.Ref]
		if !ok {
			now = p.Balance
		}
		now, err := now.After(l)
		if err != nil {
			return err
		}
		next[l.Ref] = now
	}
	for ref, now := range next {
		if p := b[ref]; !p.Overdraw && now.Available(p.Class) < 0 {
			return fault.New("insufficient_funds")
		}
	}
	for ref, now := range next {
		b[ref].Balance = now
	}
	return nil
}
