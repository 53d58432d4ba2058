package devstack

import (
	"fmt"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// mini is miniredis with its clock driven: left alone its keys never expire.
type mini struct {
	server   *miniredis.Miniredis
	password string
	quit     chan struct{}
	once     sync.Once
	ended    sync.WaitGroup
}

func startMini(password string) (*mini, error) {
	m := &mini{server: miniredis.NewMiniRedis(), password: password, quit: make(chan struct{})}
	m.server.RequireAuth(password)
	if err := m.server.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("devstack: start miniredis: %w", err)
	}
	m.ended.Go(m.driveClock)
	return m, nil
}

// driveClock hands the server the time that passed, by the monotonic clock.
func (m *mini) driveClock() {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-m.quit:
			return
		case <-tick.C:
			now := time.Now()
			m.server.FastForward(now.Sub(last))
			last = now
		}
	}
}

func (m *mini) addr() string { return m.server.Addr() }

func (m *mini) pause() { m.server.Close() }

func (m *mini) restart() error {
	m.server.Close()
	m.server.FlushAll()
	if err := m.server.Restart(); err != nil {
		return fmt.Errorf("devstack: restart miniredis: %w", err)
	}
	return nil
}

func (m *mini) stop() {
	m.once.Do(func() {
		close(m.quit)
		m.ended.Wait()
		m.server.Close()
	})
}
