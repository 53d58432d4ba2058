package bench

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/store"
)

// Fund opens wallets with an amount in each, as journals against the opening balance.
func (s *Stage) Fund(ctx context.Context, db *store.DB, wallets []ledger.Account, each ledger.Money) error {
	const bite = 200 // wallets a transaction
	for first := 0; first < len(wallets); first += bite {
		some := wallets[first:min(first+bite, len(wallets))]
		journals := make([]ledger.Journal, len(some))
		for i, w := range some {
			journals[i] = ledger.Post("opening:"+w.Code(), "opening_balance", ledger.Debit(ledger.Opening(each.Currency), each), ledger.Credit(w, each))
		}
		if err := db.InTx(ctx, s.Tenant, func(tx *store.Tx) error {
			if err := tx.OpenAccounts(ctx, some...); err != nil {
				return err
			}
			out, err := tx.Record(ctx, journals...)
			for _, r := range out {
				if err == nil {
					err = r.Err
				}
			}
			return err
		}); err != nil {
			return fmt.Errorf("bench: fund %d wallets: %w", len(some), err)
		}
	}
	return nil
}

// TPCB is pgbench's built-in TPC-B-like script on the same server, in a database of its own.
type TPCB struct {
	program, superURL string
}

// ErrNoPgbench says that there is nothing to measure against.
type ErrNoPgbench struct{ Looked []string }

func (e ErrNoPgbench) Error() string {
	return fmt.Sprintf("pgbench is missing, so there is nothing to measure against (looked in %v): install postgresql-contrib or postgresql", e.Looked)
}

// TPCB finds pgbench beside the server's binaries, makes a database and fills it at a scale.
func (s *Stage) TPCB(ctx context.Context, superURL func(database string) string, scale int) (*TPCB, error) {
	t := &TPCB{superURL: superURL("tpcb")}
	if err := t.find(ctx, s.super); err != nil {
		return nil, err
	}
	if err := s.exec(ctx, "create database tpcb"); err != nil {
		return nil, err
	}
	_, err := t.run(ctx, "-i", "-q", "-s", strconv.Itoa(scale))
	return t, err
}

// find asks the server where its programs are: the version must be the server's own.
func (t *TPCB) find(ctx context.Context, c *pgx.Conn) error {
	var dir string
	if err := c.QueryRow(ctx, "select setting from pg_config where name = 'BINDIR'").Scan(&dir); err != nil {
		return fmt.Errorf("bench: ask for the server's programs: %w", err)
	}
	beside := filepath.Join(dir, "pgbench")
	if _, err := os.Stat(beside); err == nil {
		t.program = beside
		return nil
	}
	var err error
	if t.program, err = exec.LookPath("pgbench"); err != nil {
		return ErrNoPgbench{[]string{dir, "PATH"}}
	}
	return nil
}

var tps = regexp.MustCompile(`(?m)^tps = ([0-9.]+) \(without initial connection time\)`)

// Run measures transactions per second of the script.
func (t *TPCB) Run(ctx context.Context, clients int, length time.Duration) (float64, error) {
	return t.Script(ctx, "tpcb-like", clients, length)
}

// Script measures those of another of pgbench's own scripts, on the same rows.
func (t *TPCB) Script(ctx context.Context, builtin string, clients int, length time.Duration) (float64, error) {
	out, err := t.run(ctx, "-n", "-b", builtin, "-M", "prepared", "-c", strconv.Itoa(clients), "-j", "2", "-T", strconv.Itoa(max(1, int(length/time.Second))))
	if err != nil {
		return 0, err
	}
	m := tps.FindStringSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("bench: pgbench says no rate: %s", out)
	}
	return strconv.ParseFloat(m[1], 64)
}

func (t *TPCB) run(ctx context.Context, args ...string) (string, error) {
	u, err := url.Parse(t.superURL)
	if err != nil {
		return "", fmt.Errorf("bench: the URL cannot be read")
	}
	password, _ := u.User.Password()
	cmd := exec.CommandContext(ctx, t.program, args...)
	cmd.Env = []string{"PGHOST=" + u.Hostname(), "PGPORT=" + u.Port(), "PGUSER=" + u.User.Username(), "PGPASSWORD=" + password,
		"PGDATABASE=tpcb", "PGSSLMODE=disable", "LC_ALL=C"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("bench: pgbench %v: %w: %s", args, err, out)
	}
	return string(out), nil
}
