// Package migrations holds the schema's history, in order. Each file says one step; the
// rules they keep (short locks, no rewriting ALTER, isolation of every tenant table) are
// checked by the linter's test beside them.
package migrations

import "embed"

// FS is every migration.
//
//go:embed *.sql
var FS embed.FS
