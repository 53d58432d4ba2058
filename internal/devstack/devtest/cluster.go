package devtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waymeet/waymeet/internal/devstack"
)

// Cluster is a Redis Cluster of one test: masters with a third of the slots each, later
// perhaps replicas.
type Cluster struct {
	Nodes    []*devstack.Redis
	password string
}

const (
	slots       = 16384
	masters     = 3
	clusterWait = 30 * time.Second
)

// OwnCluster starts a cluster and returns when all its nodes say that it is whole.
func OwnCluster(t testing.TB) *Cluster {
	t.Helper()
	c := &Cluster{password: rand.Text()}
	ctx := t.Context()
	for range masters {
		c.add(t)
	}
	for i, n := range c.Nodes {
		from, to := i*slots/masters, (i+1)*slots/masters-1
		must(t, n, "CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(from), strconv.Itoa(to))
		must(t, n, "CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i+1)) // else they quarrel about it first
	}
	for _, n := range c.Nodes[1:] {
		c.meet(t, n)
	}
	if err := c.AwaitWhole(ctx); err != nil {
		t.Fatal(err)
	}
	return c
}

// add starts a node that knows of no other.
func (c *Cluster) add(t testing.TB) *devstack.Redis {
	t.Helper()
	bus, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	n := ownRedis(t, devstack.RedisConfig{Password: c.password, Settings: []string{
		"cluster-enabled yes", "cluster-config-file nodes.conf", "cluster-node-timeout 2000", "cluster-port " + bus,
		"masterauth " + c.password, "repl-diskless-sync-delay 0", "cluster-replica-validity-factor 0",
	}})
	c.Nodes = append(c.Nodes, n)
	return n
}

func (c *Cluster) meet(t testing.TB, n *devstack.Redis) {
	t.Helper()
	self := strings.Fields(must(t, n, "CLUSTER", "NODES"))[1] // host:port@busport
	at, bus, _ := strings.Cut(strings.Split(self, ",")[0], "@")
	_, port, err := net.SplitHostPort(at)
	if err != nil {
		t.Fatal(err)
	}
	must(t, c.Nodes[0], "CLUSTER", "MEET", "127.0.0.1", port, bus)
}

// AddReplica gives master i a replica, which takes over when it fails, and returns its number.
func (c *Cluster) AddReplica(t testing.TB, i int) int {
	t.Helper()
	n := c.add(t)
	c.meet(t, n)
	id := must(t, c.Nodes[i], "CLUSTER", "MYID")
	err := Eventually(t.Context(), "the replica has joined", func() error {
		_, err := n.Ask(t.Context(), "CLUSTER", "REPLICATE", id) // refused until it has heard of the master
		return err
	})
	if err == nil {
		err = Eventually(t.Context(), "the replica is in step", func() error {
			said, err := n.Ask(t.Context(), "INFO", "replication")
			return wants(said, err, "master_link_status:up")
		})
	}
	if err == nil {
		err = c.AwaitWhole(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return len(c.Nodes) - 1
}

// AwaitWhole returns when every node knows every other and says that the cluster works.
func (c *Cluster) AwaitWhole(ctx context.Context) error {
	return Eventually(ctx, "the cluster is whole", func() error {
		for _, n := range c.Nodes {
			said, err := n.Ask(ctx, "CLUSTER", "INFO")
			if err := wants(said, err, "cluster_state:ok", fmt.Sprintf("cluster_known_nodes:%d\r", len(c.Nodes))); err != nil {
				return err
			}
		}
		return nil
	})
}

// URL names all nodes.
func (c *Cluster) URL() string {
	var at []string
	for _, n := range c.Nodes {
		at = append(at, n.Addr())
	}
	return "redis+cluster://" + url.UserPassword("", c.password).String() + "@" + strings.Join(at, ",")
}

// Kill ends all nodes as a crash would.
func (c *Cluster) Kill() error {
	var errs []error
	for _, n := range c.Nodes {
		errs = append(errs, n.Kill())
	}
	return errors.Join(errs...)
}

// Restart kills all nodes and brings them back. They keep who holds which slot, and nothing else.
func (c *Cluster) Restart(ctx context.Context) error {
	if err := c.Kill(); err != nil {
		return err
	}
	errs := make([]error, len(c.Nodes))
	var wg sync.WaitGroup
	for i, n := range c.Nodes {
		wg.Go(func() { errs[i] = n.Restart(ctx) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return c.AwaitWhole(ctx)
}

// Ask asks every node that answers and returns all they say.
func (c *Cluster) Ask(ctx context.Context, words ...string) (string, error) {
	var all []string
	for _, n := range c.Nodes {
		said, err := n.Ask(ctx, words...)
		if err != nil {
			return "", err
		}
		all = append(all, said)
	}
	return strings.Join(all, "\n"), nil
}

// Move gives a slot that holds no keys to node i, as a resharding does.
func (c *Cluster) Move(t testing.TB, slot string, from, to int) {
	t.Helper()
	source, target := must(t, c.Nodes[from], "CLUSTER", "MYID"), must(t, c.Nodes[to], "CLUSTER", "MYID")
	must(t, c.Nodes[to], "CLUSTER", "SETSLOT", slot, "IMPORTING", source)
	must(t, c.Nodes[from], "CLUSTER", "SETSLOT", slot, "MIGRATING", target)
	for _, n := range []*devstack.Redis{c.Nodes[to], c.Nodes[from]} { // the rest hears it from them
		must(t, n, "CLUSTER", "SETSLOT", slot, "NODE", target)
	}
}

func must(t testing.TB, n *devstack.Redis, words ...string) string {
	t.Helper()
	said, err := n.Ask(t.Context(), words...)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

func wants(said string, err error, parts ...string) error {
	for _, p := range parts {
		if err == nil && !strings.Contains(said, p) {
			err = fmt.Errorf("no %q in %q", p, said)
		}
	}
	return err
}

// Eventually asks again until it holds. Redis tells nobody when a cluster has come together.
func Eventually(ctx context.Context, what string, holds func() error) error {
	ctx, cancel := context.WithTimeout(ctx, clusterWait)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := holds()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("devtest: does not come: %s: %w", what, err)
		case <-tick.C:
		}
	}
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
