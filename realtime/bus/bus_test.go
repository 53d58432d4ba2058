package bus_test

import (
	"os"
	"testing"

	"github.com/waymeet/waymeet/internal/devstack"
	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/realtime/bus/bustest"
)

func TestMain(m *testing.M) { os.Exit(devtest.Run(m)) }

func TestOnRedis(t *testing.T) {
	t.Parallel()
	bustest.Suite(t, bustest.Redis, func(t testing.TB) bustest.Server { return devtest.OwnRedis(t) })
}

func TestOnCluster(t *testing.T) {
	t.Parallel()
	bustest.Suite(t, bustest.Cluster, func(t testing.TB) bustest.Server { return devtest.OwnCluster(t) })
}

// TestOnMiniredis runs the suite on the imitation that `waymeet dev` falls back to.
func TestOnMiniredis(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // where no redis-server is
	bustest.Suite(t, bustest.Imitation, func(t testing.TB) bustest.Server {
		rd, err := devstack.StartRedis(t.Context(), devstack.RedisConfig{AllowMini: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := rd.Stop(); err != nil {
				t.Error(err)
			}
		})
		if !rd.Mini() {
			t.Fatal("this is a real redis")
		}
		return rd
	})
}
