package solver

import (
	"maps"
	"time"

	"github.com/google/uuid"
)

// Pool is the experts that one matcher knows of. It belongs to one goroutine.
type Pool struct {
	place   map[uuid.UUID]int
	vacant  []int // places of those who left
	experts []known

	free   set
	able   [][MaxLevel]set // able[s][l-1]: who has at least level l of skill s
	levels [][]uint8       // levels[s][i]: what expert i has of skill s
	speak  []set
	reach  [modalities]set

	found set // what the last question found; kept to be used again
	row   []Decision
}

// known is what a score needs of an expert, small and close together.
type known struct {
	id        uuid.UUID
	price     int64
	idleSince int64 // Unix milliseconds
	rating    int
	skills    int
	slots     int
	expert    Expert
}

// NewPool is a pool without experts.
func NewPool() *Pool { return &Pool{place: map[uuid.UUID]int{}} }

// Len is how many experts are known, free or not.
func (p *Pool) Len() int { return len(p.place) }

// Put makes an expert known, or known as they are now.
func (p *Pool) Put(e Expert) {
	i, ok := p.place[e.ID]
	if ok {
		p.index(i, false)
	} else if n := len(p.vacant); n > 0 {
		i, p.vacant = p.vacant[n-1], p.vacant[:n-1]
	} else {
		i = len(p.experts)
		p.experts = append(p.experts, known{})
	}
	p.place[e.ID] = i
	e.Levels = maps.Clone(e.Levels) // what is taken out of the bitmaps later is what was entered
	p.experts[i] = known{e.ID, max(e.Price, 0), e.IdleSince.UnixMilli(), min(max(e.Rating, 0), 500), 0, max(e.Slots, 0), e}
	p.index(i, true)
}

// Remove forgets an expert.
func (p *Pool) Remove(id uuid.UUID) {
	if i, ok := p.place[id]; ok {
		p.index(i, false)
		p.experts[i] = known{}
		p.vacant = append(p.vacant, i)
		delete(p.place, id)
	}
}

// Take uses one slot of an expert, if there is one.
func (p *Pool) Take(id uuid.UUID) bool {
	i, ok := p.place[id]
	if !ok || p.experts[i].slots == 0 {
		return false
	}
	p.experts[i].slots--
	p.free.put(i, p.experts[i].slots > 0)
	return true
}

// Give brings a slot back: the expert is idle from then on.
func (p *Pool) Give(id uuid.UUID, at time.Time) {
	if i, ok := p.place[id]; ok {
		p.experts[i].slots++
		p.experts[i].idleSince = at.UnixMilli()
		p.free.put(i, true)
	}
}

// index enters the expert at i into the bitmaps, or takes them out.
func (p *Pool) index(i int, in bool) {
	k := &p.experts[i]
	p.free.put(i, in && k.slots > 0)
	k.skills = 0
	for s, l := range k.expert.Levels {
		if l = min(l, MaxLevel); l == 0 {
			continue
		}
		k.skills++
		for int(s) >= len(p.able) {
			p.able, p.levels = append(p.able, [MaxLevel]set{}), append(p.levels, nil)
		}
		for n := range l {
			p.able[s][n].put(i, in)
		}
		for i >= len(p.levels[s]) {
			p.levels[s] = append(p.levels[s], 0)
		}
		p.levels[s][i] = 0
		if in {
			p.levels[s][i] = l
		}
	}
	for _, l := range k.expert.Speaks {
		for int(l) >= len(p.speak) {
			p.speak = append(p.speak, nil)
		}
		p.speak[l].put(i, in)
	}
	for _, m := range k.expert.Modalities {
		if m < modalities {
			p.reach[m].put(i, in)
		}
	}
}

// level is what the expert at i has of a skill.
func (p *Pool) level(s Skill, i int) uint8 {
	if int(s) >= len(p.levels) || i >= len(p.levels[s]) {
		return 0
	}
	return p.levels[s][i]
}

// with is who has at least so much of a skill.
func (p *Pool) with(s Skill, level uint8) set {
	if int(s) >= len(p.able) {
		return nil
	}
	return p.able[s][level-1]
}
