package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// ledgerGround is what stands behind the locks, and then what a batch makes of it, journal by journal.
type ledgerGround struct {
	now      time.Time // PostgreSQL's clock, after the locks
	books    ledger.Books
	ids      map[ledger.Ref]uuid.UUID
	versions map[ledger.Ref]int64        // how often each running one had changed
	known    map[string]known            // journals by key: written before, or by this batch
	held     map[uuid.UUID][]ledger.Line // what holds set aside
	open     map[uuid.UUID]time.Time     // those that nobody resolved, and until when they live
}

type known struct {
	Recorded
	hash [32]byte
}

// ground locks the running accounts of a batch in the order of their ids and reads the rest behind the locks.
func (tx *Tx) ground(ctx context.Context, a ledgerAsk) (*ledgerGround, error) {
	t := tx.tenant.UUID()
	codes, currencies := make([]string, 0, len(a.accounts)), make([]string, 0, len(a.accounts))
	for ref := range a.accounts {
		codes, currencies = append(codes, ref.Code), append(currencies, string(ref.Currency))
	}
	if a.holds == nil {
		a.holds = []uuid.UUID{}
	}
	b := &pgx.Batch{}
	b.Queue(sqlc.LedgerLock, codes, currencies, t, a.holds)
	b.Queue(sqlc.LedgerClock)
	b.Queue(sqlc.LedgerAccounts, codes, currencies, t, a.holds)
	b.Queue(sqlc.LedgerKeys, a.keys, t)
	if len(a.holds) > 0 {
		b.Queue(sqlc.LedgerHolds, a.holds, t)
		b.Queue(sqlc.LedgerHeld, a.holds, t)
	}
	res := tx.conn.SendBatch(ctx, b)
	g, err := readGround(res, len(a.holds) > 0)
	if cerr := res.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, fmt.Errorf("store: open the books for %d journals: %w", len(a.keys), err)
	}
	return g, nil
}

func readGround(res pgx.BatchResults, holds bool) (*ledgerGround, error) {
	g := &ledgerGround{books: ledger.Books{}, ids: map[ledger.Ref]uuid.UUID{}, versions: map[ledger.Ref]int64{}, known: map[string]known{},
		held: map[uuid.UUID][]ledger.Line{}, open: map[uuid.UUID]time.Time{}}
	if _, err := res.Exec(); err != nil {
		return nil, err
	}
	if err := res.QueryRow().Scan(&g.now); err != nil {
		return nil, err
	}
	accounts, err := collect[sqlc.LedgerAccountsRow](res)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		ref := ledger.Ref{Code: a.Code, Currency: ledger.Currency(a.Currency)}
		g.ids[ref], g.versions[ref] = a.ID, a.Version
		g.books[ref] = &ledger.Position{Class: ledger.Class(a.Class), Overdraw: a.MayOverdraw, Running: a.Running,
			Balance: ledger.Balance{Posted: a.Posted, HeldDebit: a.HeldDr, HeldCredit: a.HeldCr}}
	}
	journals, err := collect[sqlc.Journal](res)
	if err != nil {
		return nil, err
	}
	for i := range journals {
		j := &journals[i]
		g.known[j.Key] = known{recordedRow(j), [32]byte(j.RequestHash)}
	}
	if !holds {
		return g, nil
	}
	open, err := collect[sqlc.LedgerHoldsRow](res)
	if err != nil {
		return nil, err
	}
	for _, h := range open {
		g.open[h.JournalID] = h.ExpiresAt
	}
	held, err := collect[sqlc.LedgerHeldRow](res)
	for _, e := range held {
		g.held[e.JournalID] = append(g.held[e.JournalID], ledger.Line{Ref: ledger.Ref{Code: e.Code, Currency: ledger.Currency(e.Currency)},
			Debit: e.Dr, Credit: e.Cr, Layer: ledger.Held})
	}
	return g, err
}

// decide answers one journal and, if it is to be written, adds it to w and to what the next ones see.
func (g *ledgerGround) decide(j ledger.Journal, w *ledgerWrites) Recorded {
	hash := j.Hash()
	if before, ok := g.known[j.Key]; ok {
		if before.hash != hash {
			return Recorded{Err: fault.New("idempotency_conflict")}
		}
		before.Repeated = true
		return before.Recorded
	}
	if err := g.resolvable(j); err != nil {
		return Recorded{Err: err}
	}
	lines, err := j.Lines(g.held[j.Hold])
	if err == nil {
		err = g.books.Try(lines)
	}
	if err != nil {
		return Recorded{Err: err}
	}
	r := Recorded{ID: ident.New(), Key: j.Key, Kind: j.Kind, Subject: j.Subject, Reason: j.Reason, Phase: j.Phase, Hold: j.Hold, At: g.now, Effective: j.Effective}
	if r.Effective.IsZero() {
		r.Effective = g.now
	}
	if j.Phase == ledger.PhasePending {
		r.Expires = g.now.Add(j.For)
	}
	delete(g.open, j.Hold)
	g.known[j.Key] = known{r, hash}
	w.add(r, hash, lines, g.ids)
	return r
}

func (g *ledgerGround) resolvable(j ledger.Journal) error {
	if j.Hold == uuid.Nil {
		return nil
	}
	if len(g.held[j.Hold]) == 0 {
		return fault.New("funds_hold_not_found")
	}
	until, open := g.open[j.Hold]
	if !open {
		return fault.New("already_resolved")
	}
	if j.Phase == ledger.PhasePost && !until.After(g.now) {
		return fault.New("funds_hold_expired")
	}
	return nil
}

func recordedRow(j *sqlc.Journal) Recorded {
	return Recorded{ID: j.ID, Key: j.Key, Kind: j.Kind, Subject: j.Subject, Reason: j.Reason, Phase: ledger.Phase(j.Phase),
		Hold: orZero(j.Resolves), At: j.At, Effective: j.EffectiveAt, Expires: orZero(j.ExpiresAt)}
}
