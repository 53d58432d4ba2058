package realtime

import (
	"testing"
	"time"
)

// A storm is let in as far as the burst goes; those behind are told when to come, and then find the door open.
func TestAcceptsArePaced(t *testing.T) {
	var a accepts
	now := time.Unix(1000, 0)
	in := 0
	var wait time.Duration
	for ; in <= 2*acceptBurst; in++ {
		var ok bool
		if wait, ok = a.take(now); !ok {
			break
		}
	}
	if in < acceptBurst || in > acceptBurst+1 {
		t.Fatalf("%d were let in at once", in)
	}
	if wait < time.Second {
		t.Errorf("come again in %v", wait)
	}
	if _, ok := a.take(now.Add(wait)); !ok {
		t.Error("whoever came when told was refused")
	}
}
