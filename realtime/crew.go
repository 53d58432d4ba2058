package realtime

import "sync/atomic"

// crew lends goroutines whose stacks have grown already: growing one anew for each connection and each subscription was a
// tenth of what a connection costs. A few stay when there is nothing to do; the collector shrinks theirs.
type crew struct {
	jobs chan func() // unbuffered: what was handed over is being done
	idle atomic.Int32
}

const maxIdle = 32

func newCrew() *crew { return &crew{jobs: make(chan func())} }

// do has f done by somebody who waits, or by a new goroutine of spawn's, which stays until over is closed. It returns what
// spawn does.
func (c *crew) do(f func(), spawn func(func()) bool, over <-chan struct{}) bool {
	select {
	case c.jobs <- f:
		return true
	default:
	}
	return spawn(func() { c.work(f, over) })
}

func (c *crew) work(f func(), over <-chan struct{}) {
	for {
		f()
		if c.idle.Add(1) > maxIdle {
			c.idle.Add(-1)
			return
		}
		select {
		case f = <-c.jobs:
			c.idle.Add(-1)
		case <-over:
			c.idle.Add(-1)
			return
		}
	}
}
