package turn

import (
	"net"
	"sync"
	"time"
)

const (
	firstWord = 10 * time.Second // for a connection that has said nothing yet
	silence   = 6 * time.Minute  // clients renew a permission every four
	stuck     = 10 * time.Second // for a write to somebody who does not read
)

// connections is the TCP listener: so many at once, and none that is silent.
type connections struct {
	net.Listener
	most int

	mu   sync.Mutex
	open map[*connection]bool // guarded by mu; nil once closed
}

func (l *connections) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		wrapped := &connection{Conn: c, of: l, wait: firstWord}
		l.mu.Lock()
		fits := l.open != nil && len(l.open) < l.most
		if fits {
			l.open[wrapped] = true
		}
		l.mu.Unlock()
		if fits {
			return wrapped, nil
		}
		_ = c.Close() // who was not let in hears nothing
	}
}

// Close ends those who are connected too.
func (l *connections) Close() error {
	l.mu.Lock()
	open := l.open
	l.open = nil
	l.mu.Unlock()
	for c := range open {
		_ = c.Conn.Close() // its reader tells pion
	}
	return l.Listener.Close()
}

func (l *connections) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}

type connection struct {
	net.Conn
	of   *connections
	wait time.Duration // owned by the reader
}

func (c *connection) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.wait)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(p)
	c.wait = silence
	return n, err
}

func (c *connection) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(stuck)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(p)
	if err != nil {
		_ = c.Close() // half a frame makes the rest nonsense
	}
	return n, err
}

func (c *connection) Close() error {
	c.of.mu.Lock()
	delete(c.of.open, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}
