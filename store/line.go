package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/gtfs"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Stop is a place where people get on and off.
type Stop struct {
	ID       uuid.UUID
	Name     string
	Lat, Lon float64
}

// StopSearch asks for stops. Without words it lists; Near sorts by the distance from there.
type StopSearch struct {
	Typed    string
	Near     bool
	Lat, Lon float64
	Limit    int
}

// Stops finds stops that some line serves.
func (r *Reader) Stops(ctx context.Context, q StopSearch) ([]Stop, error) {
	typed := gtfs.Fold(q.Typed)
	rows, err := r.q.StopSearch(ctx, sqlc.StopSearchParams{TenantID: r.tenant.UUID(), Words: strings.Fields(typed), Typed: typed,
		Near: q.Near, Lat: q.Lat, Lon: q.Lon, MaxRows: int32(q.Limit)})
	if err != nil {
		return nil, fmt.Errorf("store: search stops: %w", err)
	}
	out := make([]Stop, len(rows))
	for i, s := range rows {
		out[i] = Stop(s)
	}
	return out, nil
}

// Stop is one stop, also one that no line serves any more: tickets name it.
func (r *Reader) Stop(ctx context.Context, id uuid.UUID) (Stop, error) {
	s, err := r.q.StopGet(ctx, r.tenant.UUID(), id)
	return Stop(s), err
}

// Line is a line as people know it.
type Line struct {
	ID              uuid.UUID
	Name, ShortName string
	Color           string // six hex digits, or empty
	Agency          string
	Patterns        []LinePattern
}

// LinePattern is one way in which a line runs.
type LinePattern struct {
	ID        uuid.UUID
	Headsign  string
	Direction int16
	Stops     int16
}

// Lines is all lines that run, with their patterns.
func (r *Reader) Lines(ctx context.Context) ([]Line, error) {
	rows, err := r.q.LineList(ctx, r.tenant.UUID())
	if err != nil {
		return nil, fmt.Errorf("store: list lines: %w", err)
	}
	out, ids := make([]Line, len(rows)), make([]uuid.UUID, len(rows))
	for i, l := range rows {
		ids[i] = l.ID
		out[i] = Line{ID: l.ID, Name: lineName(l.ShortName, l.LongName), ShortName: l.ShortName, Color: l.Color, Agency: l.Agency}
	}
	of, err := r.patterns(ctx, ids...)
	for i := range out {
		out[i].Patterns = of[out[i].ID]
	}
	return out, err
}

// patterns is the ways in which lines run, by line.
func (r *Reader) patterns(ctx context.Context, lines ...uuid.UUID) (map[uuid.UUID][]LinePattern, error) {
	rows, err := r.q.LinePatterns(ctx, r.tenant.UUID(), lines)
	if err != nil {
		return nil, fmt.Errorf("store: patterns of lines: %w", err)
	}
	out := make(map[uuid.UUID][]LinePattern, len(lines))
	for _, p := range rows {
		out[p.LineID] = append(out[p.LineID], LinePattern{p.ID, p.Headsign, p.Direction, p.Stops})
	}
	return out, nil
}

// Line is one line with its patterns.
func (r *Reader) Line(ctx context.Context, id uuid.UUID) (Line, error) {
	l, err := r.q.LineGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return Line{}, err
	}
	out := Line{ID: l.ID, Name: lineName(l.ShortName, l.LongName), ShortName: l.ShortName, Color: l.Color, Agency: l.Agency}
	of, err := r.patterns(ctx, id)
	out.Patterns = of[id]
	return out, err
}

// Pattern is the stops of a pattern and its way on the map.
func (r *Reader) Pattern(ctx context.Context, id uuid.UUID) (Timetable, string, error) {
	t, err := r.Timetable(ctx, id)
	if err != nil {
		return t, "", err
	}
	shape, err := r.q.PatternShape(ctx, r.tenant.UUID(), id)
	return t, shape.Polyline, err
}

// TripNames is what people call a trip's line.
type TripNames struct{ Line, Color, Headsign, TimeZone string }

// TripNames reads the names that belong to a pattern.
func (r *Reader) TripNames(ctx context.Context, pattern uuid.UUID) (TripNames, error) {
	n, err := r.q.TripNames(ctx, r.tenant.UUID(), pattern)
	return TripNames{Line: lineName(n.ShortName, n.LongName), Color: n.Color, Headsign: n.Headsign, TimeZone: n.TimeZone}, err
}

// PastImport is an import that was applied.
type PastImport struct {
	ID              uuid.UUID
	Source, Version string
	Counts, Notices json.RawMessage
	Days, Capacity  int16
	ShiftDays       int32
	By              uuid.UUID // nil: the system itself
	At              time.Time
}

// Imports is the newest imports.
func (r *Reader) Imports(ctx context.Context, limit int) ([]PastImport, error) {
	rows, err := r.q.ImportList(ctx, r.tenant.UUID(), int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: list imports: %w", err)
	}
	out := make([]PastImport, len(rows))
	for i, p := range rows {
		out[i] = PastImport{ID: p.ID, Source: p.Source, Version: p.Version, Counts: p.Counts, Notices: p.Notices, Days: p.Days,
			Capacity: p.Capacity, ShiftDays: p.ShiftDays, By: orZero(p.CreatedBy), At: p.CreatedAt}
	}
	return out, nil
}

// Operate queues what a dispatcher changed of a locked trip: its seats and status, its delay and its incident.
func (tx *Tx) Operate(t event.Trip) {
	tx.Put(SeatsResult{Trips: []event.Trip{t}})
	tx.tail.Queue(sqlc.TripOperate, tx.tenant.UUID(), t.Date.Midnight(), t.ID, t.DelayS, t.Incident)
}
