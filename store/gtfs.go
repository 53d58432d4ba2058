package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/gtfs"
	"github.com/waymeet/waymeet/internal/ident"
)

// FeedImport says what is imported, by whom and how.
type FeedImport struct {
	Source   string // names the feed among a tenant's; ids of different sources never meet
	Hash     []byte
	Days     int // trips are kept ready for so many days
	Capacity int // of vehicles; 0 keeps what is known, DefaultCapacity for what is new
	Notices  json.RawMessage
	Counts   json.RawMessage
	By       uuid.UUID
}

// DefaultCapacity is what a minibus seats.
const DefaultCapacity = 14

// ApplyFeed makes a source's timetable what the feed says, all or nothing: rows are found again by the
// feed's own ids, so ids stay; what the feed no longer has is deactivated, because riders' bookings and
// links still name it. Trips are another matter, see RunDepartures.
func (tx *Tx) ApplyFeed(ctx context.Context, in FeedImport, feed *gtfs.Feed) error {
	// Statements here touch a whole timetable; the pool's limit is meant for a rider's.
	if _, err := tx.conn.Exec(ctx, "set local statement_timeout = '120s'; set local idle_in_transaction_session_timeout = '120s'; set local work_mem = '64MB'"); err != nil {
		return fmt.Errorf("store: apply feed: %w", err)
	}
	if err := tx.LockTimetable(ctx); err != nil {
		return err
	}
	for _, step := range []struct {
		what string
		do   func(context.Context, FeedImport, *gtfs.Feed) error
	}{
		{"agencies", tx.applyAgencies}, {"stops", tx.applyStops}, {"lines", tx.applyLines}, {"patterns", tx.applyPatterns},
		{"calendars", tx.applyCalendars}, {"trips", tx.applyTemplates}, {"fares", tx.applyFares},
	} {
		if err := step.do(ctx, in, feed); err != nil {
			return fmt.Errorf("store: apply the feed's %s: %w", step.what, err)
		}
	}
	var by *uuid.UUID
	if in.By != uuid.Nil {
		by = &in.By
	}
	capacity := in.Capacity
	if capacity == 0 {
		capacity = DefaultCapacity
	}
	_, err := tx.exec(ctx, `insert into gtfs_import (tenant_id, id, source, feed_hash, feed_version, counts, notices, days, shift_days, capacity, created_by)
		values ($1, $2, $3, $4, nullif($5, ''), $6, $7, $8, $9, $10, $11)`,
		ident.New(), in.Source, in.Hash, feed.Version, in.Counts, in.Notices, in.Days, feed.Shifted, capacity, by)
	if err != nil {
		return fmt.Errorf("store: record the import: %w", err)
	}
	if err := tx.q.HorizonWant(ctx, tx.tenant.UUID()); err != nil {
		return fmt.Errorf("store: record the import: %w", err)
	}
	return nil
}

// LockTimetable makes imports and extensions of one tenant wait for each other until the transaction ends.
func (tx *Tx) LockTimetable(ctx context.Context) error {
	if _, err := tx.exec(ctx, "select pg_advisory_xact_lock(hashtext('timetable'), hashtext($1::uuid::text))"); err != nil {
		return fmt.Errorf("store: lock the timetable: %w", err)
	}
	return nil
}

// all runs statements in order; each has the tenant as $1 and the source as $2.
func (tx *Tx) all(ctx context.Context, source string, statements ...string) error {
	for _, sql := range statements {
		if _, err := tx.exec(ctx, sql, source); err != nil {
			return fmt.Errorf("%s: %w", strings.Join(strings.Fields(sql)[:3], " "), err)
		}
	}
	return nil
}

func (tx *Tx) applyAgencies(ctx context.Context, in FeedImport, feed *gtfs.Feed) error {
	err := tx.stage(ctx, "stage_agency", "id uuid, external_id text, name text, url text, time_zone text, lang text, phone text",
		len(feed.Agencies), func(i int) ([]any, error) {
			a := &feed.Agencies[i]
			return []any{ident.New(), a.ID, a.Name, a.URL, feed.Zone, a.Lang, a.Phone}, nil
		})
	if err != nil {
		return err
	}
	return tx.all(ctx, in.Source, `insert into agency as a (tenant_id, id, source, external_id, name, url, time_zone, lang, phone)
			select $1, id, $2, external_id, name, nullif(url, ''), time_zone, nullif(lang, ''), nullif(phone, '') from stage_agency
			on conflict (tenant_id, source, external_id) do update
			set (name, url, time_zone, lang, phone, active) = (excluded.name, excluded.url, excluded.time_zone, excluded.lang, excluded.phone, true)
			where (a.name, a.url, a.time_zone, a.lang, a.phone, a.active) is distinct from
				(excluded.name, excluded.url, excluded.time_zone, excluded.lang, excluded.phone, true)`,
		`update agency a set active = false where tenant_id = $1 and source = $2 and active
			and external_id not in (select external_id from stage_agency)`)
}

func (tx *Tx) applyStops(ctx context.Context, in FeedImport, feed *gtfs.Feed) error {
	err := tx.stage(ctx, "stage_stop", `id uuid, external_id text, code text, name text, folded text, lat float8, lon float8, kind smallint,
			parent text, served boolean, zone text`,
		len(feed.Stops), func(i int) ([]any, error) {
			s := &feed.Stops[i]
			var parent, zone *string
			if s.Parent != gtfs.None {
				parent = &feed.Stops[s.Parent].ID
			}
			if s.FareZone != "" {
				zone = &s.FareZone
			}
			return []any{ident.New(), s.ID, s.Code, s.Name, gtfs.Fold(s.Name + " " + s.Code), s.Lat, s.Lon, int16(s.Kind), parent, s.Served, zone}, nil
		})
	if err != nil {
		return err
	}
	return tx.all(ctx, in.Source, `insert into stop as t (tenant_id, id, source, external_id, code, name, folded, lat, lon, kind, served)
			select $1, id, $2, external_id, nullif(code, ''), name, folded, lat, lon, kind, served from stage_stop
			on conflict (tenant_id, source, external_id) do update
			set (code, name, folded, lat, lon, kind, served, active) =
				(excluded.code, excluded.name, excluded.folded, excluded.lat, excluded.lon, excluded.kind, excluded.served, true)
			where (t.code, t.name, t.folded, t.lat, t.lon, t.kind, t.served, t.active) is distinct from
				(excluded.code, excluded.name, excluded.folded, excluded.lat, excluded.lon, excluded.kind, excluded.served, true)`,
		`update stop t set parent_id = p.id from stage_stop s
			left join stop p on p.tenant_id = $1 and p.source = $2 and p.external_id = s.parent
			where t.tenant_id = $1 and t.source = $2 and t.external_id = s.external_id and t.parent_id is distinct from p.id`,
		`update stop t set active = false, served = false where tenant_id = $1 and source = $2 and active
			and external_id not in (select external_id from stage_stop)`,
		`delete from stop_zone z using stop t left join stage_stop s on s.external_id = t.external_id
			where z.tenant_id = $1 and t.tenant_id = $1 and t.source = $2 and t.id = z.stop_id and s.zone is distinct from z.zone`,
		`insert into stop_zone (tenant_id, stop_id, zone)
			select $1, t.id, s.zone from stage_stop s join stop t on t.tenant_id = $1 and t.source = $2 and t.external_id = s.external_id
			where s.zone is not null on conflict do nothing`)
}

func (tx *Tx) applyLines(ctx context.Context, in FeedImport, feed *gtfs.Feed) error {
	err := tx.stage(ctx, "stage_line", `id uuid, external_id text, agency text, short_name text, long_name text, kind smallint,
			color text, text_color text, time_zone text, sort_order integer`,
		len(feed.Lines), func(i int) ([]any, error) {
			l := &feed.Lines[i]
			return []any{ident.New(), l.ID, feed.Agencies[l.Agency].ID, l.ShortName, l.LongName, int16(l.Type), l.Color, l.TextColor, feed.Zone, int32(l.Order)}, nil
		})
	if err != nil {
		return err
	}
	return tx.all(ctx, in.Source, `insert into line as l (tenant_id, id, source, external_id, agency_id, short_name, long_name, kind, color, text_color, time_zone, sort_order)
			select $1, s.id, $2, s.external_id, a.id, s.short_name, s.long_name, s.kind, nullif(s.color, ''), nullif(s.text_color, ''), s.time_zone, s.sort_order
			from stage_line s join agency a on a.tenant_id = $1 and a.source = $2 and a.external_id = s.agency
			on conflict (tenant_id, source, external_id) do update
			set (agency_id, short_name, long_name, kind, color, text_color, time_zone, sort_order, active) = (excluded.agency_id, excluded.short_name,
				excluded.long_name, excluded.kind, excluded.color, excluded.text_color, excluded.time_zone, excluded.sort_order, true)
			where (l.agency_id, l.short_name, l.long_name, l.kind, l.color, l.text_color, l.time_zone, l.sort_order, l.active) is distinct from
				(excluded.agency_id, excluded.short_name, excluded.long_name, excluded.kind, excluded.color, excluded.text_color,
				excluded.time_zone, excluded.sort_order, true)`,
		`update line l set active = false where tenant_id = $1 and source = $2 and active
			and external_id not in (select external_id from stage_line)`)
}
