package meter

import "time"

// Party is one of the two who talk.
type Party int8

// Parties.
const (
	Client Party = iota
	Expert
)

func (p Party) other() Party { return 1 - p }

// Times of the meter.
const (
	Reach     = 3 * time.Second        // a heartbeat covers at most this, and whoever is quiet for longer is not there
	Step      = 5 * time.Second        // time passes by at most this from one word to the next
	tolerance = 300 * time.Millisecond // between the clocks, before one of them is said to have jumped
	forget    = 6 * Step               // who said nothing for so long will not cover it any more: longer than Reach, also when clocks jumped in it
	maxSlices = 128
)

// Meter counts what both sides covered.
type Meter struct {
	At     time.Time     `json:"at"`    // of the last word, by the clock of who writes it down
	Clock  time.Duration `json:"clock"` // time that was seen to pass
	Billed time.Duration `json:"billed"`
	Sides  [2]Side       `json:"sides"`
	Slices []Slice       `json:"slices"` // not judged by both sides yet
}

// Side is what is known of one party.
type Side struct {
	Epoch int64         `json:"epoch"` // of the newest connection: older ones are fenced
	Here  bool          `json:"here"`
	Ever  bool          `json:"ever"`
	Media bool          `json:"media"` // came in, by the last heartbeat, which covered the time before it
	Last  time.Duration `json:"last"`  // the last word, on Clock
}

// Slice is the time from one word, of whoever, to the next.
type Slice struct {
	Length time.Duration `json:"length"`
	Judged [2]verdict    `json:"judged"`
	Odd    bool          `json:"odd"` // the clock went back, or by more than Step
}

type verdict int8

const (
	open verdict = iota
	covered
	bare
)

// Beat is a heartbeat.
type Beat struct {
	Epoch int64
	Since time.Duration // the same connection's word before, by a clock that cannot be set; the first of a connection covers nothing
	Media bool          // came in since then
}

// Hear counts a heartbeat; false: its connection is fenced by a newer one.
func (m *Meter) Hear(p Party, b Beat, at time.Time) bool {
	s := &m.Sides[p]
	if b.Epoch < s.Epoch || b.Epoch == s.Epoch && s.Ever && !s.Here {
		return false
	}
	m.Pass(at)
	judged := bare
	if b.Epoch == s.Epoch && s.Here {
		m.mend(p, b.Since)
		if b.Media && b.Since > 0 && b.Since <= Reach {
			judged = covered
		}
	}
	m.judge(p, judged)
	*s = Side{b.Epoch, true, true, judged == covered, m.Clock} // a word that covers nothing keeps nobody there: no connection talks for free by being new
	return true
}

// Leave is a connection that closed: what it did not cover stays bare.
func (m *Meter) Leave(p Party, epoch int64, at time.Time) bool {
	s := &m.Sides[p]
	if epoch != s.Epoch || !s.Here {
		return false
	}
	m.Pass(at)
	m.judge(p, bare)
	s.Here, s.Media = false, false
	return true
}

// Pass lets time go by: never back, and never by more than Step.
func (m *Meter) Pass(at time.Time) {
	slice := Slice{}
	if !m.At.IsZero() {
		went := at.Sub(m.At)
		slice.Length = min(max(went, 0), Step)
		slice.Odd = slice.Length != went
	}
	m.At = at
	m.Clock += slice.Length
	for p, s := range m.Sides {
		if !s.Here {
			slice.Judged[p] = bare
		}
	}
	m.Slices = append(m.Slices, slice)
	m.settle()
}

// There says whether a party was heard lately, and hears the other.
func (m *Meter) There(p Party) bool { return m.Heard(p) && m.Sides[p].Media }

// Heard says whether a party was heard lately.
func (m *Meter) Heard(p Party) bool {
	s := m.Sides[p]
	return s.Here && m.Clock-s.Last <= Reach
}

// mend makes the slices since a party's last word as long together as they were: the one in which the clock jumped is put
// right. What the other side has measured too is right already, and is touched only if nothing else is left: nobody's
// heartbeat covers more than the time it was for.
func (m *Meter) mend(p Party, since time.Duration) {
	off := -since
	for _, s := range m.Slices {
		if s.Judged[p] == open {
			off += s.Length
		}
	}
	for off.Abs() > tolerance {
		i := m.jumped(p, off > 0, false)
		if i < 0 && off > 0 {
			i = m.jumped(p, true, true)
		}
		if i < 0 {
			return
		}
		change := min(off, m.Slices[i].Length)
		m.Slices[i].Length -= change
		m.Clock -= change
		off -= change
	}
}

// jumped is the slice in which the clock most likely did: one that cannot have been as it says, else the longest if it was set
// forward, the shortest if back.
func (m *Meter) jumped(p Party, forward, measured bool) int {
	at := -1
	for i, s := range m.Slices {
		if s.Judged[p] != open || s.Judged[p.other()] == covered && !measured || forward && s.Length == 0 {
			continue
		}
		if at < 0 || s.Odd && !m.Slices[at].Odd || s.Odd == m.Slices[at].Odd && (forward && s.Length > m.Slices[at].Length || !forward && s.Length < m.Slices[at].Length) {
			at = i
		}
	}
	return at
}

// judge says of everything since a party's last word whether it covered it.
func (m *Meter) judge(p Party, v verdict) {
	for i := range m.Slices {
		if m.Slices[i].Judged[p] == open {
			m.Slices[i].Judged[p] = v
		}
	}
	m.settle()
}

// settle bills what both have covered, and forgets what both have judged. Who said nothing for long has not covered
// what was before.
func (m *Meter) settle() {
	age := time.Duration(0)
	for i := len(m.Slices) - 1; i >= 0; i-- {
		s := &m.Slices[i]
		for p := range s.Judged {
			if s.Judged[p] == open && s.Judged[1-p] != open && (age > forget || len(m.Slices)-i > maxSlices) {
				s.Judged[p] = bare
			}
		}
		age += s.Length
	}
	left := m.Slices[:0]
	for _, s := range m.Slices {
		switch {
		case s.Judged[Client] == open || s.Judged[Expert] == open:
			left = append(left, s)
		case s.Judged[Client] == covered && s.Judged[Expert] == covered:
			m.Billed += s.Length
		}
	}
	m.Slices = left
	if n := len(m.Slices) - 4*maxSlices; n > 0 {
		m.Slices = m.Slices[n:]
	}
}

// Seconds is what is billed.
func (m *Meter) Seconds() int64 { return int64(m.Billed / time.Second) }
