package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/waymeet/waymeet/internal/devstack"
	"github.com/waymeet/waymeet/realtime/bus"
	"github.com/waymeet/waymeet/store"
)

// finding is one line of doctor's.
type finding struct {
	verdict string // ok, warn, FAIL
	what    string
	fix     string
}

func doctor(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("doctor", "[flags]\n\nSays what this machine lacks for `waymeet dev` and, when WAYMEET_DATABASE_URL is set, what the configuration lacks for `waymeet serve`.\n")
	dir := f.String("dir", ".waymeet", "dev's directory")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	found := examineMachine(ctx, *dir)
	if t.environment("WAYMEET_DATABASE_URL") != "" {
		found = append(found, examineConfig(ctx, t.environment)...)
	}
	failed := 0
	for _, x := range found {
		if x.verdict == "FAIL" {
			failed++
		}
		tell(t.out, x)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d checks failed", failed, len(found))
	}
	return nil
}

func tell(w io.Writer, x finding) {
	fmt.Fprintf(w, "%-5s %s\n", x.verdict, x.what)
	if x.fix != "" {
		fmt.Fprintf(w, "      fix: %s\n", x.fix)
	}
}

func examineMachine(ctx context.Context, dir string) []finding {
	var out []finding
	if servers, err := devstack.FindPostgres(dir); err != nil {
		out = append(out, finding{"FAIL", err.Error(), "scripts/setup run"})
	} else {
		out = append(out, finding{"ok", "PostgreSQL: " + strings.Join(servers, ", "), ""})
	}
	if path, err := devstack.FindRedis(); err != nil {
		out = append(out, finding{"warn", err.Error() + "; dev uses an imitation", "install redis-server"})
	} else {
		out = append(out, finding{"ok", "Redis: " + path, ""})
	}
	if l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:8080"); err != nil {
		out = append(out, finding{"warn", "127.0.0.1:8080 is taken", "waymeet dev --listen 127.0.0.1:8081"})
	} else {
		_ = l.Close() // it was only a question
		out = append(out, finding{"ok", "127.0.0.1:8080 is free", ""})
	}
	return append(out, examineZones())
}

// examineZones asks for a rule that old zone data does not have: Casablanca leaves
// UTC+1 in Ramadan.
func examineZones() finding {
	fix := "install tzdata of 2025 or later"
	zone, err := time.LoadLocation("Africa/Casablanca")
	if err != nil {
		return finding{"FAIL", "no time zones: " + err.Error(), fix}
	}
	if _, offset := time.Date(2027, time.February, 20, 12, 0, 0, 0, time.UTC).In(zone).Zone(); offset != 0 {
		return finding{"FAIL", "the time zones are too old to know Ramadan 2027", fix}
	}
	return finding{"ok", "time zones know Ramadan 2027", ""}
}

func examineConfig(ctx context.Context, environment func(string) string) []finding {
	cfg, err := readConfig(environment)
	if err != nil {
		var out []finding
		for line := range strings.SplitSeq(err.Error(), "\n") {
			out = append(out, finding{"FAIL", line, "waymeet serve --help"})
		}
		return out
	}
	out := []finding{{"ok", "the environment is complete", ""}}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if db, err := store.Open(ctx, store.Config{AppURL: cfg.database.reveal(), SystemURL: cfg.systemDatabase.reveal()}); err != nil {
		out = append(out, finding{"FAIL", "PostgreSQL: " + err.Error(), "check both database URLs, and run waymeet migrate"})
	} else {
		out = append(out, finding{"ok", "PostgreSQL answers, and neither role bypasses row level security", ""}, examineSchema(ctx, db))
		db.Close()
	}
	if found, err := bus.Examine(ctx, cfg.redis.reveal()); err != nil {
		out = append(out, finding{"FAIL", "Redis: " + err.Error(), "check WAYMEET_REDIS_URL"})
	} else {
		out = append(out, finding{"ok", "Redis answers: " + found, ""})
	}
	return out
}

func examineSchema(ctx context.Context, db *store.DB) finding {
	reached, err := db.System().SchemaVersion(ctx)
	switch wanted := store.SchemaWanted(); {
	case err != nil:
		return finding{"FAIL", "the schema's version cannot be read", "waymeet migrate"}
	case reached < wanted:
		return finding{"FAIL", fmt.Sprintf("the schema is at version %d, this binary needs %d", reached, wanted), "waymeet migrate"}
	default:
		return finding{"ok", fmt.Sprintf("the schema is at version %d", reached), ""}
	}
}
