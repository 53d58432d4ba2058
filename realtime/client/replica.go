package client

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"

	"github.com/waymeet/waymeet/realtime/wire"
)

// Doc is an entity as it is held. Its bytes are never changed, so they may be kept.
type Doc struct {
	Version uint64
	JSON    json.RawMessage // canonical
}

// Replica is what the server has said about a channel. It does no I/O and has no lock:
// a Subscription lends it where it is guarded.
type Replica struct {
	epoch string
	docs  map[string]Doc
	left  map[string]uint64   // the version at which an entity left, in this connection
	loose map[string]struct{} // held, but not known to the server: dropped if the set does not say them
	whole bool                // no part of the set is on its way
}

// Get is the entity as it is held.
func (r *Replica) Get(entity string) (Doc, bool) {
	d, ok := r.docs[entity]
	return d, ok
}

// Len is how many entities are held.
func (r *Replica) Len() int { return len(r.docs) }

// All walks what is held, in no order.
func (r *Replica) All() iter.Seq2[string, Doc] {
	return func(yield func(string, Doc) bool) {
		for e, d := range r.docs {
			if !yield(e, d) {
				return
			}
		}
	}
}

// Whole says that the set has come to its end.
func (r *Replica) Whole() bool { return r.whole }

// Canonical is the set as GET /v1/realtime/sets/CHANNEL answers it.
func (r *Replica) Canonical() []byte {
	raw := []byte(`{"set":{`)
	for e, d := range r.docs {
		if raw[len(raw)-1] != '{' {
			raw = append(raw, ',')
		}
		raw = wire.SetDocument(raw, e, d.Version, d.JSON)
	}
	out, err := wire.Canonical(nil, append(raw, '}', '}'))
	if err != nil {
		return nil // what is held was made canonical before: cannot be
	}
	return out
}

// have appends what is held as a request says it, as far as room goes, and tells what it
// named. What it does not name the server will send whole.
func (r *Replica) have(dst []byte, room int) ([]byte, map[string]struct{}) {
	named := make(map[string]struct{}, len(r.docs))
	dst = append(dst, '{')
	room += len(dst)
	for e, d := range r.docs {
		before := len(dst)
		if len(named) > 0 {
			dst = append(dst, ',')
		}
		dst = append(wire.AppendString(dst, e), ':')
		dst = strconv.AppendUint(dst, d.Version, 10)
		if len(dst) > room {
			dst = dst[:before]
			break
		}
		named[e] = struct{}{}
	}
	return append(dst, '}'), named
}

// outcome is what became of a step.
type outcome uint8

const (
	skipped  outcome = iota
	patched          // by a patch
	replaced         // by a document
	departed         // out of the set
	gap              // a patch of something else than is held
	breached         // the server must not say that
)

// join takes the answer to a subscription. named is what the request said is held; anew
// that it is the first answer of this connection. It returns how many patches did not fit.
func (r *Replica) join(epoch string, named map[string]struct{}, anew bool, j *joined, note func(string, step, outcome, string)) {
	if r.epoch != epoch || r.docs == nil {
		r.epoch, r.docs, r.left = epoch, map[string]Doc{}, map[string]uint64{}
	}
	if anew {
		clear(r.left)
	}
	r.loose = nil
	for e := range r.docs {
		if _, claimed := named[e]; !claimed {
			if r.loose == nil {
				r.loose = map[string]struct{}{}
			}
			r.loose[e] = struct{}{}
		}
	}
	for _, e := range j.Gone {
		if d, held := r.docs[e]; held {
			r.leave(e, d.Version)
			note(e, step{}, departed, "")
		}
	}
	r.take(j.Set, j.More, note)
}

// take applies a set or a part of it. What it repeats was pushed on this connection while
// the request was on its way, and is skipped.
func (r *Replica) take(set map[string]step, more bool, note func(string, step, outcome, string)) {
	for e, s := range set {
		delete(r.loose, e)
		if d, held := r.docs[e]; held && s.Version <= d.Version {
			continue
		}
		got, why := r.apply(e, s)
		note(e, s, got, why)
	}
	if r.whole = !more; r.whole {
		for e := range r.loose {
			r.leave(e, r.docs[e].Version)
			note(e, step{}, departed, "")
		}
		r.loose = nil
	}
}

// maxLeft bounds what is remembered of those that left; it only serves to find breaches.
const maxLeft = 4096

func (r *Replica) leave(entity string, at uint64) {
	delete(r.docs, entity)
	delete(r.loose, entity)
	if len(r.left) >= maxLeft {
		clear(r.left)
	}
	r.left[entity] = at
}

// apply is the heart: versions only grow, and a patch fits what is held.
func (r *Replica) apply(entity string, s step) (outcome, string) {
	held, has := r.docs[entity]
	switch {
	case has && s.Version <= held.Version:
		return breached, "a version that does not grow"
	case !has && s.Version <= r.left[entity]:
		return breached, "a version from before it left"
	case s.gone && !has:
		return breached, "what is not there left"
	case s.gone:
		r.leave(entity, s.Version)
		return departed, ""
	case s.Doc != nil:
		doc, err := wire.Document(nil, s.Doc)
		if err != nil {
			return breached, err.Error()
		}
		r.docs[entity] = Doc{s.Version, doc}
		return replaced, ""
	}
	from := s.Version - 1
	if s.From != nil {
		from = *s.From
	}
	if !has || held.Version != from {
		return gap, fmt.Sprintf("a patch from %d", from)
	}
	patch, err := wire.Canonical(nil, s.Patch)
	if err != nil || patch[0] != '{' {
		return breached, "a patch that is none"
	}
	r.docs[entity] = Doc{s.Version, slices.Clip(wire.Apply(nil, held.JSON, patch))}
	return patched, ""
}
