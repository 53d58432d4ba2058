package devtest

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/internal/devstack"
)

// Watched is a master and its replica under the eyes of sentinels, for one test.
type Watched struct {
	Servers   [2]*devstack.Redis // at first the master and its replica
	Sentinels []*devstack.Redis

	password, sentinelPassword string
}

// MasterName is what the sentinels call the master.
const MasterName = "waymeet"

// OwnWatched starts n sentinels, and returns when each of them knows the replica and the others.
func OwnWatched(t testing.TB, n int) *Watched {
	t.Helper()
	w := &Watched{password: rand.Text(), sentinelPassword: rand.Text()}
	for i := range w.Servers {
		w.Servers[i] = ownRedis(t, devstack.RedisConfig{Password: w.password, Settings: []string{
			"masterauth " + w.password, "repl-diskless-sync-delay 0",
		}})
	}
	host, port, err := net.SplitHostPort(w.Servers[0].Addr())
	if err != nil {
		t.Fatal(err)
	}
	// Sentinels learn of replicas from a master once in ten seconds: let it be known at the first look.
	must(t, w.Servers[1], "REPLICAOF", host, port)
	err = Eventually(t.Context(), "the replica is in step", func() error {
		said, err := w.Servers[0].Ask(t.Context(), "INFO", "replication")
		return wants(said, err, "state=online")
	})
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		w.Sentinels = append(w.Sentinels, ownRedis(t, devstack.RedisConfig{Sentinel: true, Password: w.sentinelPassword, Settings: []string{
			fmt.Sprintf("sentinel monitor %s %s %s %d", MasterName, host, port, n/2+1),
			"sentinel auth-pass " + MasterName + " " + w.password, "sentinel sentinel-pass " + w.sentinelPassword,
			"sentinel down-after-milliseconds " + MasterName + " 1000", "sentinel failover-timeout " + MasterName + " 10000",
		}}))
	}
	err = Eventually(t.Context(), "the sentinels know all", func() error {
		for _, s := range w.Sentinels {
			said, err := s.Ask(t.Context(), "SENTINEL", "MASTERS")
			if err := wants(said, err, "num-slaves\n1\n", fmt.Sprintf("num-other-sentinels\n%d\n", n-1)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// URL is how a bus finds whoever is the master.
func (w *Watched) URL() string {
	var at []string
	for _, s := range w.Sentinels {
		at = append(at, s.Addr())
	}
	return "redis+sentinel://" + url.UserPassword("", w.password).String() + "@" + strings.Join(at, ",") + "/" + MasterName +
		"?sentinel_password=" + url.QueryEscape(w.sentinelPassword)
}
