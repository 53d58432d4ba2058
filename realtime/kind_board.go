package realtime

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
)

type boardKey struct {
	date   servicedate.Date
	window store.Window
}

// board:DATE?from=06:00&to=10:00&line=ID,ID&state=scheduled,boarding shows the trips of a
// window to dispatchers. Times are those that people read on the line.
var _ = register(&Kind{
	Name: "board",
	Read: policy.BoardRead,
	Parse: func(rest string, _ policy.Actor) (Channel, bool) {
		day, query, _ := strings.Cut(rest, "?")
		date, err := servicedate.Parse(day)
		if err != nil || date.String() != day {
			return Channel{}, false
		}
		w, ok := parseWindow(query)
		c := Channel{Base: "board:" + day, Key: boardKey{date, w}}
		c.Match = func(_ string, doc []byte) bool { return inWindow(w, doc) }
		return c, ok
	},
	Load: func(ctx context.Context, r *store.Reader, c Channel) (Set, error) {
		key := c.Key.(boardKey)
		trips, err := r.LiveBoard(ctx, key.date, key.window, maxEntities+1)
		if err != nil {
			return Set{}, err
		}
		set := Set{Resource: policy.Resource{Kind: "board"}}
		if len(key.window.Lines) == 1 { // who runs one line may watch that line
			set.Resource.Line = key.window.Lines[0]
		}
		for i := range trips {
			set.Entities = append(set.Entities, tripEntity(&trips[i], event.OnBoard))
		}
		return set, nil
	},
})

var (
	clock  = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$`)
	states = []string{"scheduled", "boarding", "departed", "completed", "cancelled"}
)

func parseWindow(query string) (store.Window, bool) {
	w := store.Window{First: "00:00", Last: "24:00"}
	values, err := url.ParseQuery(query)
	if err != nil {
		return w, false
	}
	for key, all := range values {
		list := strings.Split(strings.Join(all, ","), ",")
		switch key {
		case "from":
			w.First = list[0]
		case "to":
			w.Last = list[0]
		case "line":
			for _, s := range list {
				id, ok := canonicalID(s)
				if !ok {
					return w, false
				}
				w.Lines = append(w.Lines, id)
			}
		case "state":
			for _, s := range list {
				if !slices.Contains(states, s) {
					return w, false
				}
			}
			w.States = list
		default:
			return w, false
		}
	}
	return w, clock.MatchString(w.First) && clock.MatchString(w.Last)
}

// inWindow decides by the document what store.LiveBoard decides by the row.
func inWindow(w store.Window, doc []byte) bool {
	var d struct {
		Dep    string    `json:"dep"`
		Line   uuid.UUID `json:"line"`
		Status string    `json:"status"`
	}
	if json.Unmarshal(doc, &d) != nil {
		return false
	}
	in := d.Dep >= w.First && d.Dep < w.Last
	if w.First > w.Last {
		in = d.Dep >= w.First || d.Dep < w.Last
	}
	return in && (len(w.Lines) == 0 || slices.Contains(w.Lines, d.Line)) &&
		(len(w.States) == 0 || slices.Contains(w.States, d.Status))
}
