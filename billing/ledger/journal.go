package ledger

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
)

// Phase says what a journal does.
type Phase string

const (
	PhasePosted  Phase = "posted"  // money moves
	PhasePending Phase = "pending" // money is set aside
	PhasePost    Phase = "post"    // a hold resolves: money moves, the rest is released
	PhaseVoid    Phase = "void"    // a hold resolves: all of it is released
)

// Entry is one account, debited or credited.
type Entry struct {
	Account Account
	Debit   bool // else credited
	Money   Money
}

// Debit takes m into an asset or expense, or out of a liability: a wallet is debited when it pays.
func Debit(a Account, m Money) Entry { return Entry{a, true, m} }

// Credit takes m into a liability or income, or out of an asset: a wallet is credited when it is topped up.
func Credit(a Account, m Money) Entry { return Entry{a, false, m} }

// Journal is a balanced set of entries with the key that it is written once under. Post, Hold, PostHold and Void make one.
type Journal struct {
	Key       string    // payment:0190…:capture
	Kind      string    // what happened, for people and exports: wallet_topup
	Subject   string    // what it is about, so that it is found from there: booking/0190…; may be empty
	Reason    string    // in words, where a person gave one
	Effective time.Time // when it happened, if that is not when it is recorded: a bank's value date

	Phase   Phase
	For     time.Duration // of a pending journal: until it is void by itself
	Hold    uuid.UUID     // of post and void: the pending journal that resolves
	Entries []Entry       // of post: none for exactly what was held
}

// Post moves money.
func Post(key, kind string, entries ...Entry) Journal {
	return Journal{Key: key, Kind: kind, Phase: PhasePosted, Entries: entries}
}

// Hold sets money aside for a while.
func Hold(key, kind string, d time.Duration, entries ...Entry) Journal {
	return Journal{Key: key, Kind: kind, Phase: PhasePending, For: d, Entries: entries}
}

// PostHold moves at most what was held, and releases the rest; no entries are all of it, as held. Accounts that were not held
// may take part (a hold against deferred is posted to revenue and tax), what was held of an account bounds what it is posted for.
func PostHold(key, kind string, hold uuid.UUID, entries ...Entry) Journal {
	return Journal{Key: key, Kind: kind, Phase: PhasePost, Hold: hold, Entries: entries}
}

// Void releases a hold.
func Void(key, kind string, hold uuid.UUID) Journal {
	return Journal{Key: key, Kind: kind, Phase: PhaseVoid, Hold: hold}
}

// About says what the journal is about.
func (j Journal) About(subject string) Journal { j.Subject = subject; return j }

// Because says why, in a person's words.
func (j Journal) Because(reason string) Journal { j.Reason = reason; return j }

// On says when it happened.
func (j Journal) On(at time.Time) Journal { j.Effective = at; return j }

const (
	maxEntries = 500
	maxKey     = 200
	maxCode    = 120
	maxFor     = 400 * 24 * time.Hour
)

var (
	kindForm = regexp.MustCompile(`^[a-z][a-z0-9_.]{0,59}$`)
	codeForm = regexp.MustCompile(`^[a-z]+(:[a-z0-9.%:_-]+)?$`) // as the table has it
)

// Check says what is wrong with a journal before anybody is asked. What a caller may have typed is a fault (an amount, a
// currency); what only a program can get wrong (an unbalanced set) is a plain error, and nobody is told more.
func (j Journal) Check() error {
	switch {
	case len(j.Key) == 0 || len(j.Key) > maxKey:
		return fmt.Errorf("ledger: a key of %d bytes", len(j.Key))
	case !kindForm.MatchString(j.Kind):
		return fmt.Errorf("ledger: %q is no kind of journal", j.Kind)
	case len(j.Reason) > 500 || len(j.Subject) > 200:
		return errors.New("ledger: a reason or subject that is too long")
	case (j.Phase == PhasePending) != (j.For != 0) || j.For < 0 || j.For > maxFor:
		return fmt.Errorf("ledger: a %s journal for %v", j.Phase, j.For)
	case (j.Phase == PhasePost || j.Phase == PhaseVoid) != (j.Hold != uuid.Nil):
		return fmt.Errorf("ledger: a %s journal that resolves %v", j.Phase, j.Hold)
	case len(j.Entries) > maxEntries:
		return fmt.Errorf("ledger: %d entries", len(j.Entries))
	}
	if j.Phase == PhaseVoid || (j.Phase == PhasePost && j.Entries == nil) {
		if len(j.Entries) > 0 {
			return errors.New("ledger: a void moves nothing")
		}
		return nil
	}
	return balanced(j.Entries)
}

func balanced(entries []Entry) error {
	if len(entries) < 2 {
		return fmt.Errorf("ledger: a journal of %d entries", len(entries))
	}
	sums := map[Currency]int64{}
	for _, e := range entries {
		if !codeForm.MatchString(e.Account.code) || len(e.Account.code) > maxCode {
			return fmt.Errorf("ledger: %q is no code of an account", e.Account.code)
		}
		if err := e.Money.Check(); err != nil {
			return err
		}
		if e.Money.Currency != e.Account.Currency() {
			return fault.New("currency_mismatch")
		}
		n := e.Money.Amount // bounded, and so are the entries: no sum overflows
		if !e.Debit {
			n = -n
		}
		sums[e.Money.Currency] += n
	}
	for c, n := range sums {
		if n != 0 {
			return fmt.Errorf("ledger: the entries are %s apart", Of(n, c))
		}
	}
	return nil
}
