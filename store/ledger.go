package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Recorded is a journal that was written, or why it was not.
type Recorded struct {
	ID        uuid.UUID
	Key, Kind string
	Subject   string
	Reason    string
	Phase     ledger.Phase
	Hold      uuid.UUID // that it resolved; nil for others
	At        time.Time // when it was recorded
	Effective time.Time // when it happened
	Expires   time.Time // of a hold
	Repeated  bool      // it was there already: this is the first one's
	Err       error     // a refusal: nothing of this journal was written, and its key is free
}

// Record writes journals, in turn, in two round trips however many they are: locks and what is decided about, then what was
// decided. Each has its own answer at its own place: one that is refused (fault insufficient_funds, account_not_found,
// already_resolved, funds_hold_expired, more_than_held, idempotency_conflict, …) leaves the others alone, and the
// transaction goes on. An error means that the transaction is over.
//
// Running accounts stay locked until the transaction ends. Record as late as you can, and all at once.
func (tx *Tx) Record(ctx context.Context, journals ...ledger.Journal) ([]Recorded, error) {
	out, b, err := tx.record(ctx, journals)
	if err != nil || b.Len() == 0 {
		return out, err
	}
	if err := tx.conn.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("store: write %d journals: %w", len(journals), err)
	}
	return out, nil
}

// RecordLast is Record whose writes travel with the COMMIT: one round trip less, and nothing of the ledger can be read or
// recorded after it in this transaction.
func (tx *Tx) RecordLast(ctx context.Context, journals ...ledger.Journal) ([]Recorded, error) {
	out, b, err := tx.record(ctx, journals)
	if err == nil {
		tx.tail.QueuedQueries = append(tx.tail.QueuedQueries, b.QueuedQueries...)
	}
	return out, err
}

// RecordAll is Record of journals that nothing may refuse: a refusal is an error that undoes the transaction.
func (tx *Tx) RecordAll(ctx context.Context, journals ...ledger.Journal) error {
	if len(journals) == 0 {
		return nil
	}
	written, err := tx.Record(ctx, journals...)
	if err != nil {
		return err
	}
	for _, w := range written {
		if w.Err != nil {
			return fmt.Errorf("store: journal %s: %w", w.Key, w.Err)
		}
	}
	return nil
}

// RecordOne is Record of one, whose refusal is an error: returned from the closure it undoes the transaction.
func (tx *Tx) RecordOne(ctx context.Context, j ledger.Journal) (Recorded, error) {
	out, err := tx.Record(ctx, j)
	if err != nil {
		return Recorded{}, err
	}
	return out[0], out[0].Err
}

func (tx *Tx) record(ctx context.Context, journals []ledger.Journal) ([]Recorded, *pgx.Batch, error) {
	out := make([]Recorded, len(journals))
	ask := asked(journals, out)
	b := &pgx.Batch{}
	if len(ask.keys) == 0 {
		return out, b, nil // nothing makes sense
	}
	ground, err := tx.ground(ctx, ask)
	if err != nil {
		return nil, nil, err
	}
	if missing := ask.missing(ground); len(missing) > 0 {
		if err := tx.OpenAccounts(ctx, missing...); err != nil {
			return nil, nil, err
		}
		if ground, err = tx.ground(ctx, ask); err != nil {
			return nil, nil, err
		}
	}
	w := &ledgerWrites{at: ground.now, tenant: tx.tenant.UUID(), moved: map[ledger.Ref]bool{}}
	for i, j := range journals {
		if out[i].Err == nil {
			out[i] = ground.decide(j, w)
		}
	}
	w.queue(b)
	tx.pursesMoved(ground, w.moved)
	return out, b, nil
}

// ledgerAsk is what a batch needs to see.
type ledgerAsk struct {
	accounts map[ledger.Ref]ledger.Account
	holds    []uuid.UUID
	keys     []string
}

// asked collects it, and refuses what makes no sense before PostgreSQL is asked.
func asked(journals []ledger.Journal, out []Recorded) ledgerAsk {
	a := ledgerAsk{accounts: map[ledger.Ref]ledger.Account{}}
	for i, j := range journals {
		if err := j.Check(); err != nil {
			out[i].Err = err
			continue
		}
		a.keys = append(a.keys, j.Key)
		if j.Hold != uuid.Nil && !slices.Contains(a.holds, j.Hold) {
			a.holds = append(a.holds, j.Hold)
		}
		for _, e := range j.Entries {
			a.accounts[e.Account.Ref()] = e.Account
		}
	}
	return a
}

// missing is the standing accounts that nobody opened yet. Others must be there: an id that somebody mistyped opens nothing.
func (a ledgerAsk) missing(g *ledgerGround) (all []ledger.Account) {
	for ref, account := range a.accounts {
		if g.books[ref] == nil && account.Standing() {
			all = append(all, account)
		}
	}
	return all
}

// OpenAccounts makes accounts that are not there yet; those that are stay as they are.
func (tx *Tx) OpenAccounts(ctx context.Context, accounts ...ledger.Account) error {
	n := len(accounts)
	ids, codes, currencies, classes := make([]uuid.UUID, n), make([]string, n), make([]string, n), make([]string, n)
	overdraws, runnings, labels := make([]bool, n), make([]bool, n), make([]string, n)
	for i, a := range accounts {
		ids[i], codes[i], currencies[i], classes[i] = ident.New(), a.Code(), string(a.Currency()), string(a.Class())
		overdraws[i], runnings[i] = a.MayOverdraw(), a.Running()
	}
	_, err := tx.conn.Exec(ctx, sqlc.LedgerOpen, tx.tenant.UUID(), ids, codes, currencies, classes, overdraws, runnings, labels)
	if err != nil {
		return fmt.Errorf("store: open %d accounts: %w", n, err)
	}
	return nil
}

// Books locks the running ones among some accounts until the transaction ends and says how they stand, for decisions that
// depend on what is there. Accounts that were never opened are not in it. Record sees the same or better: ask once, for all
// that will be recorded, or two transactions may wait for each other.
func (tx *Tx) Books(ctx context.Context, accounts ...ledger.Account) (ledger.Books, error) {
	ask := ledgerAsk{accounts: make(map[ledger.Ref]ledger.Account, len(accounts)), keys: []string{}}
	for _, a := range accounts {
		ask.accounts[a.Ref()] = a
	}
	g, err := tx.ground(ctx, ask)
	if err != nil {
		return nil, err
	}
	return g.books, nil
}

// LabelAccount says what people call an account: the one thing of it that may change.
func (tx *Tx) LabelAccount(ctx context.Context, a ledger.Account, label string) error {
	n, err := tx.q.AccountLabel(ctx, tx.tenant.UUID(), a.Code(), string(a.Currency()), label)
	if err != nil {
		return fmt.Errorf("store: label %s: %w", a, err)
	}
	if n == 0 {
		return fault.New("account_not_found")
	}
	return nil
}

// ExtendHold lets a hold live until an instant, if that is later than now planned. One that is resolved, or whose time is
// over, is gone: already_resolved.
func (tx *Tx) ExtendHold(ctx context.Context, hold uuid.UUID, until time.Time) error {
	n, err := tx.q.LedgerExtend(ctx, until, tx.tenant.UUID(), hold)
	if err != nil {
		return fmt.Errorf("store: extend hold %s: %w", hold, err)
	}
	if n == 0 {
		return fault.New("already_resolved")
	}
	return nil
}
