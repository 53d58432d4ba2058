package queue

import "time"

// Ringing says whether a client is being called now.
func (d Definition) Ringing(r Request, now time.Time) bool {
	return r.State == Callback && r.Calls > 0 && now.Before(r.Called.Add(d.Call))
}

// MayCall says whether a client may be called now: not while they are, nor just after they did not come, nor more often than said.
func (d Definition) MayCall(r Request, now time.Time) bool {
	return r.State == Callback && r.Calls < d.Calls && (r.Calls == 0 || !now.Before(r.Called.Add(d.Call+CallPause)))
}

// Ring is the request once its client is called. Done says whether they may be.
func (d Definition) Ring(r Request, now time.Time) (_ Request, done bool) {
	if !d.MayCall(r, now) {
		return r, false
	}
	r.Calls, r.Called = r.Calls+1, now
	return r, true
}
