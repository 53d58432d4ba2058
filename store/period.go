package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// PeriodLock is a month in which no journal is written any more.
type PeriodLock struct {
	Month invoice.Month
	Until time.Time // where the next month begins
	By    uuid.UUID
	At    time.Time
}

// ErrPeriod says that PostgreSQL refused: the period is not over for an hour, or a later one is locked.
var ErrPeriod = errors.New("store: the period cannot be locked")

// LockPeriod closes a month. It waits for journals under way that happened earlier than they are recorded.
func (tx *Tx) LockPeriod(ctx context.Context, p PeriodLock) error {
	err := tx.q.PeriodLockAdd(ctx, tx.tenant.UUID(), p.Month.First().Midnight(), p.Until, p.By)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "23514" || pg.Code == "23505") {
		return fmt.Errorf("%w: %w", ErrPeriod, err)
	}
	if err != nil {
		return fmt.Errorf("store: lock %v: %w", p.Month, err)
	}
	return nil
}

// PeriodLocks is the last ones, the newest first.
func (r *Reader) PeriodLocks(ctx context.Context, limit int) ([]PeriodLock, error) {
	rows, err := r.q.PeriodLocks(ctx, r.tenant.UUID(), int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: locked periods: %w", err)
	}
	out := make([]PeriodLock, len(rows))
	for i, p := range rows {
		out[i] = PeriodLock{invoice.MonthOf(servicedate.On(p.Month, time.UTC)), p.Until, p.LockedBy, p.LockedAt}
	}
	return out, nil
}

// LockedUntil is the instant before which nothing is recorded any more; zero while nothing is locked.
func (r *Reader) LockedUntil(ctx context.Context) (time.Time, error) {
	locks, err := r.PeriodLocks(ctx, 1)
	if err != nil || len(locks) == 0 {
		return time.Time{}, err
	}
	return locks[0].Until, nil
}

// PeriodEntry is one posted entry with what its journal says.
type PeriodEntry struct {
	Key, Kind, Subject string
	Reason             string
	Effective, At      time.Time
	Account, Currency  string
	Debit, Credit      int64
}

// PeriodPlace is a journal's place in its period.
type PeriodPlace struct {
	Effective time.Time
	Journal   uuid.UUID
}

// PeriodEntries is a page of what was posted from one instant to another, by when it happened, then journal, then as written: all
// of so many journals behind a place, from the beginning for the zero one. last is where the next page begins; more, whether
// there is one.
func (r *Reader) PeriodEntries(ctx context.Context, since, until time.Time, after PeriodPlace, journals int) (page []PeriodEntry, last PeriodPlace, more bool, err error) {
	rows, err := r.q.PeriodEntries(ctx, sqlc.PeriodEntriesParams{TenantID: r.tenant.UUID(), Since: since, Until: until, AfterAt: after.Effective, AfterID: after.Journal,
		MaxJournals: int32(journals)})
	if err != nil {
		return nil, last, false, fmt.Errorf("store: entries of a period: %w", err)
	}
	n := 0
	for _, e := range rows {
		if e.JournalID != last.Journal {
			last = PeriodPlace{e.EffectiveAt, e.JournalID}
			n++
		}
		if e.Code != "" { // it posted something
			page = append(page, PeriodEntry{e.Key, e.Kind, e.Subject, e.Reason, e.EffectiveAt, e.At, e.Code, e.Currency, e.Dr, e.Cr})
		}
	}
	return page, last, n == journals, nil
}

// PeriodSum is how much was posted in a period.
type PeriodSum struct {
	Entries       int
	Debit, Credit int64
}

// PeriodSums is what was posted from one instant to another, by currency.
func (r *Reader) PeriodSums(ctx context.Context, since, until time.Time) (map[string]PeriodSum, error) {
	rows, err := r.q.PeriodSums(ctx, r.tenant.UUID(), since, until)
	if err != nil {
		return nil, fmt.Errorf("store: sums of a period: %w", err)
	}
	out := make(map[string]PeriodSum, len(rows))
	for _, s := range rows {
		out[s.Currency] = PeriodSum{int(s.Entries), s.Dr, s.Cr}
	}
	return out, nil
}

// OwnedAccount is an account that belongs to somebody: whose, and in what currency.
type OwnedAccount struct {
	Kind     string
	Owner    uuid.UUID
	Currency string
}

// Strangers says which of them (by index, in order) belong to nobody of this tenant, or to one who has no business in that currency.
func (r *Reader) Strangers(ctx context.Context, all []OwnedAccount) ([]int, error) {
	kinds, owners, currencies, numbers := make([]string, len(all)), make([]uuid.UUID, len(all)), make([]string, len(all)), make([]int64, len(all))
	for i, o := range all {
		kinds[i], owners[i], currencies[i], numbers[i] = o.Kind, o.Owner, o.Currency, int64(i)
	}
	rows, err := r.q.OpeningStrangers(ctx, sqlc.OpeningStrangersParams{TenantID: r.tenant.UUID(), Kinds: kinds, Owners: owners, Currencies: currencies, Numbers: numbers})
	if err != nil {
		return nil, fmt.Errorf("store: whose accounts these are: %w", err)
	}
	out := make([]int, len(rows))
	for i, n := range rows {
		out[i] = int(n)
	}
	return out, nil
}

// AddOpening says that a file of balances was taken over; once, however often it comes.
func (tx *Tx) AddOpening(ctx context.Context, hash [32]byte, rows int, by uuid.UUID) error {
	if err := tx.q.OpeningAdd(ctx, tx.tenant.UUID(), hash[:], int32(rows), by); err != nil {
		return fmt.Errorf("store: opening balances: %w", err)
	}
	return nil
}
