// Package devtest gives tests the PostgreSQL and the Redis of this test run: the
// ones that `make test` started for all packages when it says so in the
// environment, else a private pair for this test binary, without fsync, that the
// kernel ends together with the binary.
//
// Both are real and shared by tests that run in parallel. So a test makes a
// database of its own (storetest does), uses channels named by its own tenant,
// and starts a server of its own with devstack to break it.
package devtest

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/waymeet/waymeet/internal/devstack"
)

// The environment that internal/devstack/cmd/testenv hands to the tests.
const (
	PostgresVar = "WAYMEET_TEST_PG_URL"    // superuser, database postgres
	RedisVar    = "WAYMEET_TEST_REDIS_URL" // database 0
)

// SuperURL is a superuser's URL for one database of the run's PostgreSQL.
func SuperURL(t testing.TB, db string) string {
	t.Helper()
	if shared := os.Getenv(PostgresVar); shared != "" {
		u, err := url.Parse(shared)
		if err != nil {
			t.Fatalf("%s is not a URL", PostgresVar)
		}
		u.Path = "/" + db
		return u.String()
	}
	pg, err := postgres()
	if err != nil {
		t.Fatal(err)
	}
	return pg.SuperURL(db)
}

// RedisURL is the URL of the run's Redis.
func RedisURL(t testing.TB) string {
	t.Helper()
	if shared := os.Getenv(RedisVar); shared != "" {
		return shared
	}
	rd, err := redis()
	if err != nil {
		t.Fatal(err)
	}
	return rd.URL()
}

// OwnRedis is a Redis for one test alone, to be killed and restarted.
func OwnRedis(t testing.TB) *devstack.Redis { return ownRedis(t, devstack.RedisConfig{}) }

func ownRedis(t testing.TB, cfg devstack.RedisConfig) *devstack.Redis {
	t.Helper()
	rd, err := devstack.StartRedis(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := rd.Stop(); err != nil {
			t.Error(err)
		}
	})
	return rd
}

// OwnPostgres is a PostgreSQL for one test alone, to be killed and restarted.
// Only a durable one keeps its data through a crash.
func OwnPostgres(t testing.TB, durable bool) *devstack.Postgres {
	t.Helper()
	pg, err := devstack.StartPostgres(t.Context(), devstack.PostgresConfig{Home: Home(), Fsync: durable})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pg.Stop(); err != nil {
			t.Error(err)
		}
	})
	return pg
}

// Run is what a package's TestMain may call in place of m.Run, so that the
// private pair's directories are removed at once and not by the next run.
func Run(m *testing.M) int {
	code := m.Run()
	stopsMu.Lock()
	defer stopsMu.Unlock()
	for _, stop := range stops {
		_ = stop() // the tests have spoken; the kernel and the next run clear the rest
	}
	return code
}

var (
	stopsMu sync.Mutex
	stops   []func() error // guarded by stopsMu
)

var postgres = sync.OnceValues(func() (*devstack.Postgres, error) {
	pg, err := devstack.StartPostgres(context.Background(), devstack.PostgresConfig{Home: Home()})
	if err == nil {
		keep(pg.Stop)
	}
	return pg, err
})

var redis = sync.OnceValues(func() (*devstack.Redis, error) {
	rd, err := devstack.StartRedis(context.Background(), devstack.RedisConfig{})
	if err == nil {
		keep(rd.Stop)
	}
	return rd, err
})

func keep(stop func() error) {
	stopsMu.Lock()
	defer stopsMu.Unlock()
	stops = append(stops, stop)
}

// Home is the checkout's .waymeet directory: where go.mod is, tests run below.
func Home() string {
	dir, err := os.Getwd()
	for err == nil {
		if _, e := os.Stat(filepath.Join(dir, "go.mod")); e == nil {
			return filepath.Join(dir, ".waymeet")
		}
		up := filepath.Dir(dir)
		if up == dir {
			break
		}
		dir = up
	}
	return ""
}
