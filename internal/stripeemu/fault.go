package stripeemu

import (
	"net/http"
	"strings"
)

// What goes wrong.
type What string

// The faults.
const (
	FailBefore What = "fail_before" // 500, nothing was done; kept under the key
	FailAfter  What = "fail_after"  // 500, the work was done; kept under the key
	HangAfter  What = "hang_after"  // the work was done, no answer ever comes
	DropAfter  What = "drop_after"  // the work was done, the connection breaks
	TooMany    What = "too_many"    // 429, nothing was done
	Refuse     What = "refuse"      // 400, nothing was done, and nothing will be
)

// Fault makes calls fail.
type Fault struct {
	Method string `json:"method"` // empty: POST
	Path   string `json:"path"`   // a prefix
	What   What   `json:"what"`
	Times  int    `json:"times"` // 0: once
	Code   string `json:"code"`  // of a refusal
}

// Inject makes the next calls that match fail.
func (e *Emulator) Inject(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	if f.Method == "" {
		f.Method = http.MethodPost
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = append(e.faults, f)
}

// fault is what goes wrong with this call, under mu.
func (e *Emulator) fault(r *http.Request) Fault {
	for i := range e.faults {
		f := &e.faults[i]
		if f.Times > 0 && f.Method == r.Method && strings.HasPrefix(r.URL.Path, f.Path) {
			f.Times--
			return *f
		}
	}
	return Fault{}
}
