package pace

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestBurstThenPace(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	l := New(Rate{Burst: 3, Every: time.Second}, 10)
	for range 3 {
		if _, ok := l.Take("a", at); !ok {
			t.Fatal("the burst was refused")
		}
	}
	wait, ok := l.Take("a", at)
	if ok || wait != time.Second {
		t.Fatalf("the fourth: %v %v", wait, ok)
	}
	if _, ok := l.Take("b", at); !ok {
		t.Fatal("another key paid")
	}
	if _, ok := l.Take("a", at.Add(wait)); !ok {
		t.Fatal("the wait was not enough")
	}
}

// In any window no key gets more than the burst and what came back meanwhile, and memory stays bounded.
func TestNeverMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := New(Rate{Burst: 4, Every: 100 * time.Millisecond}, 100)
		start := time.Unix(1_700_000_000, 0)
		at, taken := start, 0
		for _, ms := range rapid.SliceOf(rapid.IntRange(0, 300)).Draw(t, "gaps") {
			at = at.Add(time.Duration(ms) * time.Millisecond)
			if _, ok := l.Take("k", at); ok {
				taken++
			}
		}
		if most := 4 + int(at.Sub(start)/(100*time.Millisecond)); taken > most {
			t.Fatalf("%d taken, %d allowed", taken, most)
		}
	})
	l := New(Rate{Burst: 1, Every: time.Hour}, 50)
	for i := range 10_000 {
		l.Take(fmt.Sprint(i), time.Unix(1, 0))
	}
	if n := len(l.now) + len(l.old); n > 100 {
		t.Fatalf("%d keys are kept", n)
	}
}

// What is given back is there again, and never makes more of a bucket than it was.
func TestGivenBack(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	l := New(Rate{Burst: 2, Every: time.Second}, 10)
	for range 5 {
		l.GiveBack("a")
		l.Take("a", at)
		l.GiveBack("a")
		l.GiveBack("a")
	}
	for i, want := range []bool{true, true, false} {
		if _, ok := l.Take("a", at); ok != want {
			t.Errorf("%d: %v", i, ok)
		}
	}
}
