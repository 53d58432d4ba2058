package realtime

import (
	"time"

	"github.com/waymeet/waymeet/realtime/wire"
)

// entity is what a subject knows of one entity. Guarded by the shard's mu.
type entity struct {
	name    string
	version uint64
	xid     uint64 // the transaction that told us; 0: a set that was read
	doc     []byte // canonical; nil while no view shows it
	row     any    // what views look at of doc
	steps   []step // patches that lead to doc, one behind the other
	at      time.Time

	// The last news for those who lag, made once for all who lag alike, in whichever view.
	newsFrom uint64
	news     []byte
}

// step is one patch of a document.
type step struct {
	from, to uint64
	patch    []byte
}

// Steps serve those who lag: few are enough, and more than a document's worth is useless.
const maxSteps = 16

// become replaces the document.
func (e *entity) become(version, xid uint64, doc []byte, row any, at time.Time) (from uint64, patch []byte) {
	from = e.version
	if e.doc != nil && doc != nil {
		patch = wire.Diff(nil, e.doc, doc)
		e.remember(step{from, version, patch}, len(doc))
	} else {
		e.steps = nil
	}
	e.version, e.xid, e.doc, e.row, e.at = version, xid, doc, row, at
	e.news = nil
	return from, patch
}

// hide forgets what nobody is shown.
func (e *entity) hide() { e.doc, e.row, e.steps, e.news = nil, nil, nil, nil }

// newsSince is what a push says to one who holds a version, and lacks something.
func (e *entity) newsSince(version uint64) []byte {
	if e.news != nil && e.newsFrom == version {
		return e.news
	}
	if patch, ok := e.since(version); ok {
		e.news = wire.PatchTail(nil, e.name, version, e.version, patch)
	} else {
		e.news = wire.DocumentTail(nil, e.name, e.version, e.doc)
	}
	e.newsFrom = version
	return e.news
}

func (e *entity) remember(s step, size int) {
	e.steps = append(e.steps, s)
	total := 0
	for i := len(e.steps) - 1; i >= 0; i-- {
		if total += len(e.steps[i].patch); total > size || len(e.steps)-i > maxSteps {
			e.steps = append([]step(nil), e.steps[i+1:]...)
			return
		}
	}
}

// since is the patch that leads from a version to the newest, where there is one that is
// worth sending instead of the document.
func (e *entity) since(version uint64) ([]byte, bool) {
	for i, s := range e.steps {
		if s.from != version {
			continue
		}
		patch := s.patch
		for _, next := range e.steps[i+1:] {
			composed, ok := wire.Compose(nil, patch, next.patch)
			if !ok {
				return nil, false
			}
			patch = composed
		}
		return patch, len(patch) < len(e.doc)
	}
	return nil, false
}
