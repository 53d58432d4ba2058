// Package shop takes second connections in each way that there is.
package shop

import "example.test/shop/store"

type Shop struct {
	db   *store.DB
	sys  *store.System
	look func() error
	door door
}

type door interface{ knock() error }

type wooden struct{ db *store.DB }

func (w *wooden) knock() error { return w.db.Read().Row() }

// New puts a function into a field.
func New(db *store.DB) *Shop {
	s := &Shop{db: db, sys: db.System(), door: &wooden{db}}
	s.look = func() error { return s.row() }
	return s
}

func (s *Shop) row() error { return s.db.Read().Row() }

func (s *Shop) deeper() error { return s.row() }

// Sell has them in its closure.
func (s *Shop) Sell() error {
	local := func() error { return s.deeper() }
	kept := s.db.Read()
	return s.db.InTx(func(tx *store.Tx) error {
		_ = s.db.Stat()
		_ = tx.Row()
		go func() { _ = s.row() }()
		_ = s.db.Read().Row()  // second: itself
		_ = s.row()            // second: whom it calls
		_ = s.deeper()         // second: whom that calls
		_ = s.sys.Rows()       // second: across tenants
		_ = s.look()           // second: what a field holds
		_ = local()            // second: what a variable holds
		_ = s.door.knock()     // second: behind an interface
		_ = kept.Row()         // second: a view from outside
		_ = twice(s.deeper)    // second: handed to somebody
		_ = each(s, (*Shop).x) // second: of whatever type
		_ = once(tx.Row)
		return s.within(tx)
	})
}

// within is called with a transaction, whoever calls it.
func (s *Shop) within(tx *store.Tx) error {
	_ = tx.Row()
	return s.row() // second: in a function that is given one
}

// Show has them in a snapshot.
func (s *Shop) Show() error {
	return s.db.Snapshot(func(r *store.Reader) error {
		_ = r.Row()
		return s.deeper() // second: in a snapshot
	})
}

// Fine asks before and after.
func (s *Shop) Fine() error {
	_ = s.row()
	err := s.db.InTx(func(tx *store.Tx) error { return tx.Row() })
	_ = s.deeper()
	return err
}

func (s *Shop) x() error { return s.row() }

func twice(f func() error) error { _ = f(); return f() }

func each[T any](v T, f func(T) error) error { return f(v) }

func once(f func() error) error { return f() }
