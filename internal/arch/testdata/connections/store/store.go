// Package store is as much of the house's as its test must see.
package store

type (
	DB     struct{}
	Tx     struct{ Reader }
	Reader struct{}
	System struct{}
)

func (db *DB) InTx(fn func(*Tx) error) error         { return fn(&Tx{}) }
func (db *DB) Snapshot(fn func(*Reader) error) error { return fn(&Reader{}) }
func (db *DB) Read() *Reader                         { return &Reader{} }
func (db *DB) System() *System                       { return &System{} }
func (db *DB) Stat() int                             { return 0 }

func (r *Reader) Row() error  { return nil }
func (s *System) Rows() error { return nil }
