package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/waymeet/waymeet/store"
)

func migrate(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("migrate", "\n\nBrings the schema of WAYMEET_MIGRATE_DATABASE_URL (role waymeet_migrator) up to this binary.\nSafe to repeat and to run beside serving nodes of the version before.\n")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	r := reader{environment: t.environment}
	location := r.location("WAYMEET_MIGRATE_DATABASE_URL", "postgres", "postgresql")
	if err := errors.Join(r.problems...); err != nil {
		return err
	}
	reached, err := store.Migrate(ctx, location.reveal())
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "schema is at version %d\n", reached)
	return nil
}
