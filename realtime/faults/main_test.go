package faults

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/waymeet/waymeet/internal/devstack"
	"github.com/waymeet/waymeet/internal/devstack/devtest"
)

var (
	seeds   = flag.Int("seeds", 0, "how many seeds to run; 0: none, for it takes both processors (make test-faults)")
	oneOf   = flag.Uint64("seed", 0, "run this seed alone")
	program = flag.String("binary", "", "the waymeet to run; empty: it is built")
)

// roleVar says that the test binary is to be something else than the test.
const roleVar = "WAYMEET_FAULTS_ROLE"

// database is this run's own PostgreSQL: nobody else minds when it dies.
var database *devstack.Postgres

func TestMain(m *testing.M) {
	if os.Getenv(roleVar) == "crowd" {
		os.Exit(beCrowd())
	}
	flag.Parse()
	if *seeds == 0 && *oneOf == 0 {
		os.Exit(m.Run()) // everything that needs the servers is skipped
	}
	os.Exit(withServers(m))
}

func withServers(m *testing.M) int {
	var err error
	// What PostgreSQL has confirmed survives its own death, not the machine's: that is all that is tried here.
	database, err = devstack.StartPostgres(context.Background(), devstack.PostgresConfig{Home: devtest.Home(), Settings: []string{"synchronous_commit=on"}})
	if err == nil {
		defer func() { _ = database.Stop() }()
		err = os.Setenv(devtest.PostgresVar, database.SuperURL("postgres"))
	}
	if err == nil && *program == "" {
		*program = filepath.Join(devtest.Home(), "tools", "waymeet-faults")
		out, failed := exec.Command("go", "build", "-trimpath", "-o", *program, "github.com/waymeet/waymeet/cmd/waymeet").CombinedOutput()
		if err = failed; err != nil {
			err = fmt.Errorf("%w: %s", failed, out)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return devtest.Run(m)
}

func needServers(t *testing.T) {
	t.Helper()
	if database == nil {
		t.Skip("it takes both processors for a while: make test-faults")
	}
}
