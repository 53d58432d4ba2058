package meter

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// After is where a session can go from where it is.
var after = map[State][]State{
	Connecting:   {Live, Cancelled, NoShow, ConnectFailed, WrapUp},
	Live:         {Reconnecting, Interrupted, WrapUp},
	Reconnecting: {Live, Interrupted, WrapUp},
	Interrupted:  {Live, WrapUp},
	WrapUp:       {Completed},
}

// Whatever both sides, supervisors, gateways and clocks do: a session only goes where the diagram says, nothing is billed beyond the
// funded second nor outside of a conversation, the funds are watched in their order, and time alone ends all of it.
func TestASessionKeepsToItsDiagram(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y := DefaultPolicy
		y.Free, y.Minimum = rapid.Int64Range(0, 5).Draw(t, "free"), rapid.Int64Range(0, 30).Draw(t, "minimum")
		y.Pauses = rapid.IntRange(1, 20).Draw(t, "pauses")
		s := New(rapid.Int64Range(0, 200).Draw(t, "funded"), start)
		now, epochs := start, [2]int64{}
		for range rapid.IntRange(1, 60).Draw(t, "stretches") {
			var signs []Sign
			was := s
			step := func(more []Sign) {
				signs = append(signs, more...)
				if s.State != was.State && !slices.Contains(after[was.State], s.State) {
					t.Fatalf("from %s to %s", was.State, s.State)
				}
				if billed := s.Meter.Billed - was.Meter.Billed; billed < 0 || billed > 0 && was.State != Connecting && !was.State.Talking() {
					t.Fatalf("%s more is billed while %s", billed, was.State)
				}
				if n := s.Meter.Seconds(); n > s.Funded+y.Free {
					t.Fatalf("%d s billed, %d s funded and %d free", n, s.Funded, y.Free)
				}
				if c := s.Charged(&y); c > s.Funded || c > 0 && s.Meter.Seconds() <= y.Free || c > max(s.Meter.Seconds()-y.Free, y.Minimum) {
					t.Fatalf("%d s charged of %d s billed", c, s.Meter.Seconds())
				}
				was = s
			}
			switch rapid.IntRange(0, 11).Draw(t, "what") {
			case 0:
				p := Party(rapid.IntRange(0, 1).Draw(t, "party"))
				step(s.Leave(&y, p, epochs[p], now))
			case 1:
				step(s.Interrupt(&y, now))
			case 2:
				before := s.Funded
				step(s.Fund(&y, rapid.Int64Range(0, 400).Draw(t, "seconds"), now))
				if s.Funded < before {
					t.Fatal("less is funded than before")
				}
			case 3:
				if rapid.IntRange(0, 5).Draw(t, "sure") == 0 {
					step(s.End(&y, now))
				}
			case 4:
				step(s.Done(now))
			case 5:
				now = now.Add(time.Duration(rapid.IntRange(-7200, 7200).Draw(t, "jump")) * time.Second)
				step(s.Tick(&y, now))
			case 6:
				for range rapid.IntRange(1, 60).Draw(t, "seconds") {
					now = now.Add(time.Second)
					step(s.Tick(&y, now))
				}
			default:
				fresh, media := rapid.IntRange(0, 3).Draw(t, "fresh") == 0, rapid.IntRange(0, 8).Draw(t, "media") > 0
				for range rapid.IntRange(1, 90).Draw(t, "seconds") {
					now = now.Add(time.Second)
					for p := range epochs {
						if epochs[p] == 0 || fresh {
							epochs[p]++
						} else if !s.Meter.Sides[p].Here && s.Meter.Sides[p].Ever {
							epochs[p]++
						}
						more, _ := s.Beat(&y, Party(p), Beat{epochs[p], time.Second, media}, now)
						step(more)
					}
					fresh = false
				}
			}
			for _, pair := range [][2]Sign{{Extend, Warn}, {Warn, Ended}} {
				a, b := slices.Index(signs, pair[0]), slices.Index(signs, pair[1])
				if a >= 0 && b >= 0 && a > b && s.Reason == Funds {
					t.Fatalf("%v", signs)
				}
			}
			if s.Reason == Funds && s.Told != Warn {
				t.Fatal("the funds ended without a warning")
			}
		}
		for range 600 { // nobody says anything any more
			if s.State.Over() {
				return
			}
			now = now.Add(time.Second)
			s.Tick(&y, now)
		}
		t.Fatalf("it is still %s", s.State)
	})
}

// talk lets both talk for so long, and returns what the session said of itself, with the second in which it did.
func talk(s *Session, y *Policy, now *time.Time, seconds int) (signs []Sign) {
	for range seconds {
		*now = now.Add(time.Second)
		for p := range s.Meter.Sides {
			more, _ := s.Beat(y, Party(p), Beat{max(s.Meter.Sides[p].Epoch, 1), time.Second, true}, *now)
			signs = append(signs, more...)
		}
	}
	return signs
}

func silence(s *Session, y *Policy, now *time.Time, seconds int) (signs []Sign) {
	for range seconds {
		*now = now.Add(time.Second)
		signs = append(signs, s.Tick(y, *now)...)
	}
	return signs
}

func TestTheFundedSecondIsTheLast(t *testing.T) {
	y, now := DefaultPolicy, start
	y.Free = 10
	s := New(300, now)
	if signs := talk(&s, &y, &now, 129); !slices.Equal(signs, []Sign{Began}) {
		t.Fatalf("%v", signs)
	}
	if signs := talk(&s, &y, &now, 2); !slices.Equal(signs, []Sign{Extend}) || s.Left(&y) != 180 {
		t.Fatalf("%v with %d s left", signs, s.Left(&y))
	}
	if signs := s.Fund(&y, 360, now); signs != nil || s.Left(&y) != 240 {
		t.Fatalf("%v with %d s left", signs, s.Left(&y))
	}
	if signs := talk(&s, &y, &now, 180); !slices.Equal(signs, []Sign{Extend, Warn}) || s.Left(&y) != 60 {
		t.Fatalf("%v with %d s left", signs, s.Left(&y))
	}
	if signs := talk(&s, &y, &now, 100); !slices.Equal(signs, []Sign{Ended}) || s.Reason != Funds || s.Meter.Seconds() != 370 || s.Charged(&y) != 360 {
		t.Fatalf("%v: %s, %d s billed, %d s charged", signs, s.Reason, s.Meter.Seconds(), s.Charged(&y))
	}
	if signs := silence(&s, &y, &now, 61); !slices.Equal(signs, []Sign{Closed}) || s.State != Completed {
		t.Fatalf("%v: %s", signs, s.State)
	}
}

func TestPausesEnd(t *testing.T) {
	for name, c := range map[string]struct {
		interrupt bool
		silence   int
		state     State
		reason    Reason
	}{
		"back in time":         {false, 40, Live, ""},
		"not back":             {false, 50, WrapUp, Lost},
		"a phone call":         {true, 170, Live, ""},
		"a call without end":   {true, 185, WrapUp, Lost},
		"a blink is no pause":  {false, 2, Live, ""},
		"a call that was none": {true, 1, Live, ""},
	} {
		y, now := DefaultPolicy, start
		s := New(3600, now)
		talk(&s, &y, &now, 31)
		if c.interrupt {
			s.Interrupt(&y, now)
		}
		silence(&s, &y, &now, c.silence)
		if c.state == Live {
			for p := range s.Meter.Sides {
				s.Beat(&y, Party(p), Beat{2, 0, true}, now)
			}
			talk(&s, &y, &now, 30)
		}
		if s.State != c.state || s.Reason != c.reason {
			t.Errorf("%s: %s, %q", name, s.State, s.Reason)
		}
		if n := s.Meter.Seconds(); c.state == Live && (n < 59 || n > 61) || c.state == WrapUp && n != 30 {
			t.Errorf("%s: %d s billed", name, n)
		}
	}
}

func TestSessionsThatNeverBegin(t *testing.T) {
	y := DefaultPolicy
	for name, c := range map[string]struct {
		here   [2]bool
		state  State
		reason Reason
	}{
		"no client": {[2]bool{false, true}, NoShow, NoClient}, "no expert": {[2]bool{true, false}, NoShow, NoExpert},
		"nobody": {[2]bool{}, NoShow, NoClient}, "no media": {[2]bool{true, true}, ConnectFailed, NoMedia},
	} {
		now := start
		s := New(600, now)
		for range 62 {
			now = now.Add(time.Second)
			for p, here := range c.here {
				if here {
					s.Beat(&y, Party(p), Beat{1, time.Second, false}, now)
				}
			}
			s.Tick(&y, now)
		}
		if s.State != c.state || s.Reason != c.reason || s.Charged(&y) != 0 {
			t.Errorf("%s: %s, %s, %d s charged", name, s.State, s.Reason, s.Charged(&y))
		}
	}
	s := New(600, start)
	if signs := s.End(&y, start); !slices.Equal(signs, []Sign{Closed}) || s.State != Cancelled {
		t.Errorf("called off: %v, %s", signs, s.State)
	}
}

func TestWhatIsCharged(t *testing.T) {
	for _, c := range []struct{ billed, free, minimum, funded, want int64 }{
		{0, 10, 60, 600, 0}, {10, 10, 60, 600, 0}, {11, 10, 60, 600, 60}, {100, 10, 60, 600, 90}, {5, 0, 0, 600, 5}, {20, 0, 60, 30, 30},
	} {
		s := Session{Funded: c.funded, Meter: Meter{Billed: time.Duration(c.billed) * time.Second}}
		if got := s.Charged(&Policy{Free: c.free, Minimum: c.minimum}); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}
