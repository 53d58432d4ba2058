package crowd

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	awakeMost = 40 // riders signed in at once
	busyMost  = 20 // journeys under way at once
	wakeEvery = 4 * time.Second
)

// walkRiders starts journeys. Riders wake up one by one, because each sign-in is work, and stay.
func (c *city) walkRiders(ctx context.Context) {
	awake, free := 0, make(chan *person, awakeMost)
	busy := make(chan struct{}, busyMost)
	order := rand.Perm(len(c.riders))
	var woke time.Time
	for pause(ctx, c.mood.stretch(next(c.tenant.Every))) {
		if awake < min(awakeMost, len(order)) && time.Since(woke) > c.mood.stretch(wakeEvery) {
			free <- c.riders[order[awake]]
			awake, woke = awake+1, time.Now()
		}
		select {
		case busy <- struct{}{}:
		default:
			continue
		}
		select {
		case rider := <-free:
			c.people.Go(func() {
				c.try(ctx, "journey", c.journey(ctx, rider))
				free <- rider // has room for all who are awake
				<-busy
			})
		default:
			<-busy
		}
	}
}
