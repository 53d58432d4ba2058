package matching

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/matching/solver"
	"github.com/waymeet/waymeet/store"
)

const (
	waitsEvery = 2 * time.Second
	waitsKnown = 60 // of a queue, when it is taken over
)

// Wait is what somebody who waits is shown. It is derived and never kept.
type Wait struct {
	Position int  `json:"position"`
	LowS     *int `json:"low_s,omitempty"` // of the range; none: too little is known
	HighS    *int `json:"high_s,omitempty"`
	Callback bool `json:"callback,omitempty"` // they may ask to be called when their turn comes
}

// waits is what an owner knows of its queue's waits: it decides nothing, and is lost with the owner.
type waits struct {
	estimator solver.Estimator
	after     time.Time                  // the newest wait that is known
	primed    bool                       // with those of before
	shown     map[uuid.UUID]solver.Range // the first range of each who waits: by it the estimator is judged
}

// learn takes the waits that ended since: each judges the range that was shown first.
func (w *waits) learn(served []store.ServedWait, count func(inside bool)) {
	slices.Reverse(served)
	for _, s := range served {
		if s.MatchedAt.After(w.after) {
			w.after = s.MatchedAt
		}
		if shown, ok := w.shown[s.Request]; ok && w.primed {
			w.estimator.Judge(shown, s.Waited)
			count(shown.Holds(s.Waited))
		}
		w.estimator.Served(solver.Seen{Needs: s.Needs, Ahead: s.Ahead, Waited: s.Waited})
	}
	w.primed = true
}

// tellWaits shows everybody who waits where they are and how long it may take. The range is of the whole wait, from the place that
// is left: what was waited already is not taken off by the client's clock but by who shows it.
func (f *floor) tellWaits(ctx context.Context, waiting []store.ToServe) {
	r := f.s.db.Read(f.tenant)
	for _, o := range f.queues {
		served, err := r.ServedWaits(ctx, o.Queue, o.waits.after, waitsKnown)
		if err != nil {
			f.s.log.Debug("matching: waits are not known", "queue", o.Queue, "error", err)
			continue
		}
		o.waits.learn(served, f.s.counts.waited)
		before := o.waits.shown
		o.waits.shown = map[uuid.UUID]solver.Range{}
		position := 0
		for i := range waiting {
			w := &waiting[i]
			if w.Queue != o.Queue {
				continue
			}
			position++
			said := Wait{Position: position, Callback: !w.Away && w.Out == 0 && o.waiting.Callback > 0 && w.Waited >= o.waiting.Callback}
			if span, ok := o.waits.estimator.Wait(w.Needs, position-1); ok {
				if first, told := before[w.ID]; told {
					o.waits.shown[w.ID] = first
				} else if w.Waited < 2*waitsEvery { // who was there before this owner was shown another's
					o.waits.shown[w.ID] = span
				}
				low, high := int(span.Low/time.Second), int((span.High+time.Second-1)/time.Second)
				said.LowS, said.HighS = &low, &high
			}
			f.s.tell(f.tenant, w.ID, said)
		}
	}
}
