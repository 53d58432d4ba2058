package store

import (
	"context"

	"github.com/waymeet/waymeet/dispatch/gtfs"
	"github.com/waymeet/waymeet/internal/ident"
)

// applyPatterns adds the ways, patterns and stop times that are new. A pattern is named by its content, so
// one that is there already is right; one that the feed no longer has stays for the trips that still run by
// it.
func (tx *Tx) applyPatterns(ctx context.Context, in FeedImport, feed *gtfs.Feed) error {
	shapes := make([]gtfs.Shape, 0, len(feed.Shapes))
	for _, s := range feed.Shapes {
		if s.Polyline != "" { // unused ways are not kept
			shapes = append(shapes, s)
		}
	}
	err := tx.stage(ctx, "stage_shape", "id uuid, external_id text, polyline text, points integer", len(shapes), func(i int) ([]any, error) {
		return []any{ident.New(), shapes[i].ID, shapes[i].Polyline, int32(shapes[i].Points)}, nil
	})
	if err != nil {
		return err
	}
	err = tx.stage(ctx, "stage_pattern", "id uuid, external_id text, line text, direction smallint, headsign text, shape text, stops smallint",
		len(feed.Patterns), func(i int) ([]any, error) {
			p := &feed.Patterns[i]
			var shape *string
			if p.Shape != gtfs.None {
				shape = &feed.Shapes[p.Shape].ID
			}
			return []any{ident.New(), p.Key, feed.Lines[p.Line].ID, int16(max(0, p.Direction)), p.Headsign, shape, int16(len(p.Stops))}, nil
		})
	if err != nil {
		return err
	}
	err = tx.stage(ctx, "stage_pattern_stop", "pattern text, idx smallint, stop text, arrive_s integer, depart_s integer, pickup smallint, drop_off smallint", 0, nil)
	if err != nil {
		return err
	}
	// One COPY for all patterns: the rows are those of each pattern one after the other.
	starts := make([]int, 1, len(feed.Patterns)+1)
	for i := range feed.Patterns {
		starts = append(starts, starts[i]+len(feed.Patterns[i].Stops))
	}
	at := 0
	err = tx.refill(ctx, "stage_pattern_stop", starts[len(starts)-1], func(i int) ([]any, error) {
		for i >= starts[at+1] {
			at++
		}
		p, idx := &feed.Patterns[at], i-starts[at]
		s := &p.Stops[idx]
		return []any{p.Key, int16(idx), feed.Stops[s.Stop].ID, s.Arrive, s.Depart, notAvailable(s.Pickup), notAvailable(s.DropOff)}, nil
	})
	if err != nil {
		return err
	}
	return tx.all(ctx, in.Source, `insert into shape as t (tenant_id, id, source, external_id, polyline, points)
			select $1, id, $2, external_id, polyline, points from stage_shape
			on conflict (tenant_id, source, external_id) do update set (polyline, points) = (excluded.polyline, excluded.points)
			where t.polyline <> excluded.polyline`,
		`insert into pattern (tenant_id, id, source, external_id, line_id, direction, headsign, shape_id, stops)
			select $1, s.id, $2, s.external_id, l.id, s.direction, s.headsign, g.id, s.stops from stage_pattern s
			join line l on l.tenant_id = $1 and l.source = $2 and l.external_id = s.line
			left join shape g on g.tenant_id = $1 and g.source = $2 and g.external_id = s.shape
			on conflict (tenant_id, source, external_id) do nothing`,
		// Of the new ones only: theirs is the id that was staged.
		`insert into pattern_stop (tenant_id, pattern_id, idx, stop_id, arrive_s, depart_s, pickup, drop_off)
			select $1, p.id, s.idx, t.id, s.arrive_s, s.depart_s, s.pickup, s.drop_off from stage_pattern n
			join pattern p on p.tenant_id = $1 and p.id = n.id
			join stage_pattern_stop s on s.pattern = n.external_id
			join stop t on t.tenant_id = $1 and t.source = $2 and t.external_id = s.stop`)
}

// notAvailable is GTFS's pickup_type and drop_off_type.
func notAvailable(available bool) int16 {
	if available {
		return 0
	}
	return 1
}
