package bus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// cluster is a Redis Cluster. Where things are is asked here, and the answer is what
// subscriptions and go-redis' routing of publications both go by.
type cluster struct {
	address

	mu    sync.Mutex
	known []string // guarded by mu; whom to ask, the one who answered last first
}

func newCluster(a address) *cluster {
	return &cluster{address: a, known: slices.Clone(a.hosts)}
}

// connect's client asks for the slots when it is first used, and when it is told that one has moved.
func (c *cluster) connect() client {
	o := c.server
	return redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: slices.Clone(c.hosts), ClusterSlots: c.slots, MaxRedirects: 3, ClientName: o.ClientName,
		Protocol: o.Protocol, Username: o.Username, Password: o.Password, TLSConfig: o.TLSConfig,
		ContextTimeoutEnabled: true, MaxRetries: -1, DialerRetries: o.DialerRetries,
		DialTimeout: o.DialTimeout, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout,
		PoolSize: o.PoolSize, PoolTimeout: o.PoolTimeout, PipelinePoolSize: o.PipelinePoolSize,
		ConnMaxIdleTime: o.ConnMaxIdleTime, ConnMaxLifetime: o.ConnMaxLifetime,
		DisableIdentity: true, MaintNotificationsConfig: o.MaintNotificationsConfig,
	})
}

func (c *cluster) locate(ctx context.Context) (layout, error) {
	slots, err := c.slots(ctx)
	if err != nil {
		return layout{}, err
	}
	return layoutOf(slots)
}

func layoutOf(slots []redis.ClusterSlot) (l layout, err error) {
	for i, name := range tagNames() {
		slot := int(crc16(name)) % 16384
		at := slices.IndexFunc(slots, func(s redis.ClusterSlot) bool { return s.Start <= slot && slot <= s.End && len(s.Nodes) > 0 })
		if at < 0 {
			return l, fmt.Errorf("bus: nobody in the cluster holds slot %d", slot)
		}
		l[i] = slots[at].Nodes[0].Addr // the master comes first
	}
	return l, nil
}

var errParted = errors.New("bus: this node of the cluster says that the cluster has failed")

// slots asks one node after the other. Who was cut off from the majority may still
// answer, with yesterday's map: its word counts only when no node is better off.
func (c *cluster) slots(ctx context.Context) ([]redis.ClusterSlot, error) {
	ctx, cancel := context.WithTimeout(ctx, locateTimeout)
	defer cancel()
	c.mu.Lock()
	asked := slices.Clone(c.known)
	c.mu.Unlock()
	for _, h := range c.hosts {
		if !slices.Contains(asked, h) {
			asked = append(asked, h)
		}
	}
	var poor []redis.ClusterSlot
	var errs []error
	for _, addr := range asked {
		slots, err := c.ask(ctx, addr)
		if err == nil {
			c.remember(addr, slots)
			return slots, nil
		}
		if errors.Is(err, errParted) && poor == nil {
			poor = slots
		}
		errs = append(errs, fmt.Errorf("%s: %w", addr, err))
	}
	if poor != nil {
		return poor, nil
	}
	return nil, fmt.Errorf("bus: ask the cluster for its slots: %w", errors.Join(errs...))
}

func (c *cluster) ask(ctx context.Context, addr string) ([]redis.ClusterSlot, error) {
	one := redis.NewClient(c.brief(addr))
	defer bound(ctx, one)()
	pipe := one.Pipeline()
	info, answer := pipe.ClusterInfo(ctx), pipe.ClusterSlots(ctx)
	_, _ = pipe.Exec(ctx) // each answer has its own error
	slots, err := answer.Result()
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	for _, s := range slots {
		for i := range s.Nodes {
			s.Nodes[i].Addr = seenFrom(host, port, s.Nodes[i].Addr)
		}
	}
	if strings.Contains(info.Val(), "cluster_state:fail") { // a user who may not ask is taken at the map's word
		return slots, errParted
	}
	return slots, nil
}

// seenFrom fills in what a node does not say of itself, or says only for itself: it is
// where it was asked.
func seenFrom(host, port, said string) string {
	h, p, err := net.SplitHostPort(said)
	if err != nil {
		return said
	}
	if ip := net.ParseIP(h); h == "" || h == "?" || ip != nil && ip.IsLoopback() {
		h = host
	}
	if p == "0" {
		p = port
	}
	return net.JoinHostPort(h, p)
}

func (c *cluster) remember(answered string, slots []redis.ClusterSlot) {
	known := []string{answered}
	for _, s := range slots {
		for _, n := range s.Nodes {
			if !slices.Contains(known, n.Addr) {
				known = append(known, n.Addr)
			}
		}
	}
	c.mu.Lock()
	c.known = known
	c.mu.Unlock()
}
