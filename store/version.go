package store

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/waymeet/waymeet/migrations"
)

// SchemaWanted is the version of the schema that this binary was written for.
func SchemaWanted() int64 {
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		panic("store: migrations: " + err.Error()) // only for a bad pattern
	}
	var newest int64
	for _, name := range names {
		digits, _, _ := strings.Cut(name, "_")
		if v, err := strconv.ParseInt(digits, 10, 64); err == nil {
			newest = max(newest, v)
		}
	}
	return newest
}

// SchemaVersion is the version that the database has reached. A newer one than wanted
// is fine: the schema grows before the binaries do.
func (s *System) SchemaVersion(ctx context.Context) (int64, error) {
	var v int64
	if err := s.db.QueryRow(ctx, "select coalesce(max(version_id), 0) from goose_db_version where is_applied").Scan(&v); err != nil {
		return 0, fmt.Errorf("store: schema version: %w", err)
	}
	return v, nil
}
