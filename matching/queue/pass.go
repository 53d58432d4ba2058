package queue

import "time"

// Step is what time alone brings.
type Step string

// Steps.
const (
	Enters   Step = "enters"   // a scheduled request's time has come
	Widens   Step = "widens"   // a ring opened
	Overflow Step = "overflow" // the overflow queue serves it too
	Asks     Step = "asks"     // the client is offered to be called back
	Drops    Step = "drops"    // the client was away for too long, or did not come when called
)

// Pass is the request as time has left it, what happened, and when something happens next (zero: nothing will). Rings and
// overflow never go back, whatever the clock does.
func (d Definition) Pass(r Request, now time.Time) (_ Request, steps []Step, next time.Time) {
	if r.State == Scheduled {
		if now.Before(r.Due) {
			return r, nil, r.Due
		}
		r.State, steps = Callback, append(steps, Enters) // whoever booked it is called when their turn comes
	}
	if !r.State.Queued() {
		return r, steps, time.Time{}
	}
	later := func(at time.Time) {
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	if !r.Away.IsZero() && r.State != Callback {
		end := r.Away.Add(d.keep())
		if r.State == Waiting && !now.Before(end) {
			r.State = Cancelled
			return r, append(steps, Drops), time.Time{}
		}
		if r.State == Waiting {
			later(end)
		}
	}
	if r.State == Callback && d.Calls > 0 && r.Calls >= d.Calls {
		end := r.Called.Add(d.Call)
		if !now.Before(end) {
			r.State = Cancelled
			return r, append(steps, Drops), time.Time{}
		}
		later(end)
	}
	waited := now.Sub(r.Placed)
	ring, opens := d.Rings.At(waited)
	if ring > r.Ring {
		r.Ring, steps = ring, append(steps, Widens)
	}
	if opens > 0 {
		later(r.Placed.Add(opens))
	}
	for _, c := range []struct {
		after time.Duration
		had   *bool
		step  Step
	}{{d.Overflow, &r.Overflow, Overflow}, {d.Callback, &r.Asked, Asks}} {
		switch {
		case c.after == 0 || *c.had:
		case waited >= c.after:
			*c.had, steps = true, append(steps, c.step)
		default:
			later(r.Placed.Add(c.after))
		}
	}
	return r, steps, next
}

// Late says whether the wait is longer than was promised.
func (d Definition) Late(r Request, now time.Time) bool {
	return d.SLA > 0 && r.State.Queued() && now.Sub(r.Placed) > d.SLA
}
