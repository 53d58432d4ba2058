package crowd

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/ident"
)

// What the board looks like depends on this: some trips full, some nearly empty, none alike, all of them
// fuller as they come near.
func TestAppetitesVary(t *testing.T) {
	t.Parallel()
	full, quiet, late := 0, 0, 0
	const trips = 2000
	for i := range trips {
		id := ident.Dated(servicedate.Of(2026, 11, 23), i*40_000)
		soon, far := Appetite(id, 5*time.Minute), Appetite(id, 20*time.Hour)
		if far > soon || soon <= 0 {
			t.Fatalf("trip %s wants %.2f, %.2f before", id, soon, far)
		}
		if soon >= 1 {
			full++
		}
		if soon < 0.3 {
			quiet++
		}
		if draw(id, "late") < 0.14 {
			late++
		}
	}
	if full < trips/20 || full > trips/5 || quiet < trips/20 || quiet > trips/4 || late < trips/10 || late > trips/5 {
		t.Errorf("of %d trips %d fill up, %d stay quiet, %d run late", trips, full, quiet, late)
	}
}

func TestRidesGoForwards(t *testing.T) {
	t.Parallel()
	for stops := 2; stops < 40; stops++ {
		for a := 0.0; a < 1; a += 0.09 {
			for b := 0.0; b < 1; b += 0.09 {
				if from, to := Ride(stops, a, b); from < 0 || from >= to || to >= stops {
					t.Fatalf("%d stops: from %d to %d", stops, from, to)
				}
			}
		}
	}
	if first, _ := Ride(2, 0.999, 0.999); first != 0 {
		t.Error("the last stop is nobody's first")
	}
}

// The dispatcher always has one trip that does not run, and never a second.
func TestOneTripIsCancelled(t *testing.T) {
	t.Parallel()
	now := time.Now()
	var board []notice
	for i := range 12 {
		board = append(board, notice{ID: uuid.New(), Status: "scheduled", DepartsAt: now.Add(time.Duration(12+4*i) * time.Minute)})
	}
	n, ok := victim(board, now)
	if left := n.leaves().Sub(now); !ok || left < 15*time.Minute || left > 50*time.Minute {
		t.Fatalf("%v, leaves in %v", ok, left)
	}
	board[11].Status = "cancelled"
	if _, ok := victim(board, now); ok {
		t.Error("a second one")
	}
}
