package store

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Place is where a page of a statement ended.
type Place struct {
	At      time.Time
	Journal uuid.UUID
	Seq     int16
}

// StatementAsk asks for what was posted to an account after one instant and up to another.
type StatementAsk struct {
	Account  ledger.Account
	From, To time.Time // zero: from the beginning, to the end
	After    Place     // zero: the first page
	Limit    int
}

// Statement is one page, oldest first.
type Statement struct {
	Opening int64 // what the account held before the first line: debits less credits
	Lines   []StatementLine
}

// StatementLine is one posting with what the account held after it.
type StatementLine struct {
	Place
	Effective             time.Time
	Kind, Subject, Reason string
	Debit, Credit         int64
	Balance               int64 // debits less credits
}

// lastID is behind every journal of one instant.
var lastID = uuid.Max

// Statement is a page of an account's statement. Opening and lines are of one snapshot.
func (r *Reader) Statement(ctx context.Context, ask StatementAsk) (Statement, error) {
	row, err := r.q.AccountGet(ctx, r.tenant.UUID(), ask.Account.Code(), string(ask.Account.Currency()))
	switch {
	case IsNotFound(err) && ask.Account.Standing():
		return Statement{}, nil
	case IsNotFound(err):
		return Statement{}, fault.New("account_not_found")
	case err != nil:
		return Statement{}, fmt.Errorf("store: statement of %s: %w", ask.Account, err)
	}
	after, upto := ask.After, ask.To
	if after == (Place{}) {
		after = Place{ask.From, lastID, math.MaxInt16}
	}
	if upto.IsZero() {
		upto = always
	}
	rows, err := r.q.AccountStatement(ctx, sqlc.AccountStatementParams{TenantID: r.tenant.UUID(), AccountID: row.ID,
		AfterAt: after.At, AfterJournal: after.Journal, AfterSeq: after.Seq, Upto: upto, MaxRows: int32(ask.Limit)})
	if err != nil {
		return Statement{}, fmt.Errorf("store: statement of %s: %w", ask.Account, err)
	}
	var s Statement
	for _, x := range rows {
		s.Opening = x.Opening
		if x.JournalID == uuid.Nil {
			break // nothing on this page
		}
		s.Lines = append(s.Lines, StatementLine{Place: Place{x.At, x.JournalID, x.Seq}, Effective: x.EffectiveAt, Kind: x.Kind,
			Subject: x.Subject, Reason: x.Reason, Debit: x.Dr, Credit: x.Cr})
	}
	balance := s.Opening
	for i := range s.Lines {
		balance += s.Lines[i].Debit - s.Lines[i].Credit
		s.Lines[i].Balance = balance
	}
	return s, nil
}
