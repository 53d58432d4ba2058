package realtime

import (
	"bytes"
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
	Wide: true,
	Read: policy.BoardRead,
	Row:  boardRow,
	Parse: func(rest string, _ policy.Actor) (Channel, bool) {
		day, query, _ := strings.Cut(rest, "?")
		date, err := servicedate.Parse(day)
		if err != nil || date.String() != day {
			return Channel{}, false
		}
		w, ok := parseWindow(query)
		c := Channel{Base: "board:" + day, View: "board:" + day + spelled(w), Key: boardKey{date, w}}
		c.Match = func(row any) bool { return inWindow(&w, row.(onBoard)) }
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
		case "from", "to":
			if len(all) > 1 { // which of them was meant?
				return w, false
			}
			if key == "from" {
				w.First = all[0]
			} else {
				w.Last = all[0]
			}
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
	w.Lines = distinct(w.Lines, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	if w.States = distinct(w.States, strings.Compare); len(w.States) == len(states) {
		w.States = nil
	}
	return w, clock.MatchString(w.First) && clock.MatchString(w.Last)
}

func distinct[T comparable](list []T, compare func(a, b T) int) []T {
	slices.SortFunc(list, compare)
	return slices.Compact(list)
}

// spelled is a window as its one name says it: parameters in one order, each once, lists sorted, and nothing that goes without
// saying.
func spelled(w store.Window) string {
	var out []string
	if w.First != "00:00" {
		out = append(out, "from="+w.First)
	}
	if w.Last != "24:00" {
		out = append(out, "to="+w.Last)
	}
	if len(w.Lines) > 0 {
		ids := make([]string, len(w.Lines))
		for i, id := range w.Lines {
			ids[i] = id.String()
		}
		out = append(out, "line="+strings.Join(ids, ","))
	}
	if len(w.States) > 0 {
		out = append(out, "state="+strings.Join(w.States, ","))
	}
	if len(out) == 0 {
		return ""
	}
	return "?" + strings.Join(out, "&")
}

// onBoard is what a window looks at of a trip.
type onBoard struct {
	Dep    string    `json:"dep"`
	Line   uuid.UUID `json:"line"`
	Status string    `json:"status"`
}

func boardRow(_ string, doc []byte) any {
	var row onBoard
	if json.Unmarshal(doc, &row) != nil {
		return onBoard{} // in no window: nothing departs at no time
	}
	return row
}

// inWindow decides by the document what store.LiveBoard decides by the row.
func inWindow(w *store.Window, d onBoard) bool {
	in := d.Dep >= w.First && d.Dep < w.Last
	if w.First > w.Last {
		in = d.Dep >= w.First || d.Dep < w.Last
	}
	return in && d.Dep != "" && (len(w.Lines) == 0 || slices.Contains(w.Lines, d.Line)) &&
		(len(w.States) == 0 || slices.Contains(w.States, d.Status))
}
