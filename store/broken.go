package store

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// brokenError is a connection that ended, or never began, under a transaction.
type brokenError struct {
	err     error
	unknown bool // it ended while the COMMIT was on its way
}

func (e *brokenError) Error() string { return e.err.Error() }
func (e *brokenError) Unwrap() error { return e.err }

// Away is what fault asks: the request may be right, and PostgreSQL was not there to say so.
func (e *brokenError) Away() bool { return true }

// slowError is a statement that PostgreSQL ended because its time was over. The request may be right, and come when less is in its way.
type slowError struct{ err error }

func (e *slowError) Error() string { return e.err.Error() }
func (e *slowError) Unwrap() error { return e.err }

// Away as for a connection that broke: PostgreSQL has not decided.
func (e *slowError) Away() bool { return true }

// Broken says whether the connection failed, not the request: trying again is of use.
func Broken(err error) bool {
	var b *brokenError
	return errors.As(err, &b)
}

// Unknown says whether nobody knows if the transaction was committed. Only one who repeats under the same idempotency key
// finds out.
func Unknown(err error) bool {
	var b *brokenError
	return errors.As(err, &b) && b.unknown
}

// broken marks err if it came from a connection that is of no more use.
func broken(err error, closed, committing bool) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		if pg.Code == "57014" { // query_canceled; nobody here cancels otherwise than by leaving the connection
			return &slowError{err}
		}
		// PostgreSQL itself said no, so nothing was committed; unless it said so while it went away.
		leaving := strings.HasPrefix(pg.Code, "57P") || pg.Severity == "FATAL" || pg.Severity == "PANIC"
		if !leaving {
			return err
		}
		return &brokenError{err, committing}
	}
	if closed {
		return &brokenError{err, committing}
	}
	return err
}

// unread marks a failed read: whatever PostgreSQL did not say itself, and nobody called off, is a connection that broke.
func unread(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	return broken(err, true, false)
}

// Duplicate says whether a row was there already that may be there once only: PostgreSQL undid everything.
func Duplicate(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505"
}

// unfit is what no waiting mends: what Open was given, or what it found there.
type unfit string

func (u unfit) Error() string { return string(u) }

// IsAway says that what Open could not do it may do later: PostgreSQL was not reached or did not answer, or it said itself that it is starting, ending or full.
// What it said of a password, a role or a database stays so.
func IsAway(err error) bool {
	var pg *pgconn.PgError
	switch {
	case err == nil, errors.As(err, new(unfit)):
		return false
	case errors.As(err, &pg):
		return slices.Contains([]string{"08", "53", "57"}, pg.Code[:2]) // connections, resources, intervention
	default:
		return true
	}
}
