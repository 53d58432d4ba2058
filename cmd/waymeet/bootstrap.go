package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/waymeet/waymeet/store"
)

// bootstrap makes what migrate needs to find: roles and a database. What they are
// called and what their passwords are is said by the URLs that the other commands use,
// so that there is no second place to keep in step.
func bootstrap(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("bootstrap", `

Makes the roles and the database, once per PostgreSQL cluster, as the superuser of WAYMEET_SUPERUSER_DATABASE_URL.
The roles get the passwords that stand in WAYMEET_MIGRATE_DATABASE_URL, WAYMEET_DATABASE_URL, WAYMEET_SYSTEM_DATABASE_URL
and, if it is set, WAYMEET_BACKUP_DATABASE_URL. Safe to repeat: a changed password is set, nothing else is touched.
`)
	if err := parse(f, args, 0); err != nil {
		return err
	}
	r := reader{environment: t.environment}
	super := r.location("WAYMEET_SUPERUSER_DATABASE_URL", "postgres", "postgresql")
	var database string
	password := func(name, role string) string {
		u, err := url.Parse(r.location(name, "postgres", "postgresql").reveal())
		if err != nil || u.Scheme == "" {
			return "" // location has said so
		}
		if u.User.Username() != role {
			r.wrong(name, "must name the role "+role)
		}
		said, _ := u.User.Password()
		if said == "" {
			r.wrong(name, "must hold the password that "+role+" is to have")
		}
		switch db := strings.TrimPrefix(u.Path, "/"); {
		case db == "":
			r.wrong(name, "must name the database")
		case database == "":
			database = db
		case database != db:
			r.wrong(name, "must name the same database as the others")
		}
		return said
	}
	roles := store.Passwords{
		Migrator: password("WAYMEET_MIGRATE_DATABASE_URL", "waymeet_migrator"),
		App:      password("WAYMEET_DATABASE_URL", "waymeet_app"),
		System:   password("WAYMEET_SYSTEM_DATABASE_URL", "waymeet_system"),
	}
	if r.or("WAYMEET_BACKUP_DATABASE_URL", "") != "" {
		roles.Backup = password("WAYMEET_BACKUP_DATABASE_URL", "waymeet_backup")
	}
	if err := errors.Join(r.problems...); err != nil {
		return err
	}
	if err := store.Bootstrap(ctx, super.reveal(), database, roles); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "the roles are there, and the database %s; next: waymeet migrate\n", database)
	return nil
}
