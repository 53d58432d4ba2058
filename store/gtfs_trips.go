package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/waymeet/waymeet/dispatch/gtfs"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/ident"
)

// mondayFirst turns time.Weekday's order into the stored bits, of which the lowest is Monday.
func mondayFirst(days [7]bool) (bits int16) {
	for d, runs := range days {
		if runs {
			bits |= 1 << ((d + 6) % 7)
		}
	}
	return bits
}

func weekdays(bits int16) (days [7]bool) {
	for d := range days {
		days[d] = bits&(1<<((d+6)%7)) != 0
	}
	return days
}

func midnight(d servicedate.Date) *time.Time {
	if d.IsZero() {
		return nil
	}
	t := d.Midnight()
	return &t
}

func (tx *Tx) applyCalendars(ctx context.Context, in FeedImport, feed *gtfs.Feed) error {
	err := tx.stage(ctx, "stage_service", "id uuid, external_id text, weekdays smallint, first_date date, last_date date",
		len(feed.Services), func(i int) ([]any, error) {
			s := &feed.Services[i]
			return []any{ident.New(), s.ID, mondayFirst(s.Weekdays), midnight(s.From), midnight(s.To)}, nil
		})
	if err != nil {
		return err
	}
	type exception struct {
		service int
		date    servicedate.Date
		runs    bool
	}
	var exceptions []exception
	for i := range feed.Services {
		for _, d := range feed.Services[i].Added {
			exceptions = append(exceptions, exception{i, d, true})
		}
		for _, d := range feed.Services[i].Removed {
			exceptions = append(exceptions, exception{i, d, false})
		}
	}
	err = tx.stage(ctx, "stage_exception", "service text, date date, runs boolean", len(exceptions), func(i int) ([]any, error) {
		e := exceptions[i]
		return []any{feed.Services[e.service].ID, e.date.Midnight(), e.runs}, nil
	})
	if err != nil {
		return err
	}
	return tx.all(ctx, in.Source, `insert into service_calendar (tenant_id, id, source, external_id, weekdays, first_date, last_date)
			select $1, id, $2, external_id, weekdays, first_date, last_date from stage_service
			on conflict (tenant_id, source, external_id) do update
			set (weekdays, first_date, last_date) = (excluded.weekdays, excluded.first_date, excluded.last_date)`,
		// A calendar that the feed no longer has runs on no day; templates may still name it.
		`update service_calendar c set weekdays = 0 where tenant_id = $1 and source = $2
			and external_id not in (select external_id from stage_service)`,
		`delete from calendar_date d using service_calendar c where d.tenant_id = $1 and c.tenant_id = $1 and c.source = $2 and c.id = d.service_id`,
		`insert into calendar_date (tenant_id, service_id, date, runs)
			select $1, c.id, e.date, e.runs from stage_exception e
			join service_calendar c on c.tenant_id = $1 and c.source = $2 and c.external_id = e.service`)
}

// frequency is a window as the template's row keeps it.
type frequency struct {
	From    int  `json:"from_s"`
	Until   int  `json:"until_s"`
	Headway int  `json:"headway_s"`
	Exact   bool `json:"exact"`
}

func (tx *Tx) applyTemplates(ctx context.Context, in FeedImport, feed *gtfs.Feed) error {
	err := tx.stage(ctx, "stage_template", `id uuid, external_id text, pattern text, service text, start_s integer, frequencies jsonb, short_name text`,
		len(feed.Trips), func(i int) ([]any, error) {
			t := &feed.Trips[i]
			var windows json.RawMessage
			if len(t.Windows) > 0 {
				f := make([]frequency, len(t.Windows))
				for i, w := range t.Windows {
					f[i] = frequency{w.Start, w.End, w.Headway, w.Exact}
				}
				var err error
				if windows, err = json.Marshal(f); err != nil {
					return nil, err
				}
			}
			return []any{ident.New(), t.ID, feed.Patterns[t.Pattern].Key, feed.Services[t.Service].ID, int32(t.Start), windows, t.ShortName}, nil
		})
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `insert into trip_template as t
			(tenant_id, id, source, external_id, pattern_id, line_id, service_id, start_s, frequencies, short_name, capacity)
		select $1, s.id, $2, s.external_id, p.id, p.line_id, c.id, s.start_s, s.frequencies, nullif(s.short_name, ''),
			case when $3 > 0 then $3 else $4 end::smallint
		from stage_template s
		join pattern p on p.tenant_id = $1 and p.source = $2 and p.external_id = s.pattern
		join service_calendar c on c.tenant_id = $1 and c.source = $2 and c.external_id = s.service
		on conflict (tenant_id, source, external_id) do update
		set (pattern_id, line_id, service_id, start_s, frequencies, short_name, capacity, active) = (excluded.pattern_id, excluded.line_id,
			excluded.service_id, excluded.start_s, excluded.frequencies, excluded.short_name,
			case when $3 > 0 then $3 else t.capacity end, true)`, in.Source, int32(in.Capacity), int32(DefaultCapacity))
	if err != nil {
		return err
	}
	return tx.all(ctx, in.Source, `update trip_template t set active = false where tenant_id = $1 and source = $2 and active
		and external_id not in (select external_id from stage_template)`)
}

func (tx *Tx) applyFares(ctx context.Context, in FeedImport, feed *gtfs.Feed) error {
	err := tx.stage(ctx, "stage_fare", "id uuid, external_id text, amount bigint, currency text, transfers smallint, agency text",
		len(feed.Fares), func(i int) ([]any, error) {
			f := &feed.Fares[i]
			var transfers *int16
			if f.Transfers != gtfs.None {
				n := int16(f.Transfers)
				transfers = &n
			}
			var agency *string
			if f.Agency != gtfs.None {
				agency = &feed.Agencies[f.Agency].ID
			}
			return []any{ident.New(), f.ID, f.Amount, f.Currency, transfers, agency}, nil
		})
	if err != nil {
		return err
	}
	err = tx.stage(ctx, "stage_fare_rule", "fare text, n integer, line text, origin text, destination text, contains text",
		len(feed.FareRules), func(i int) ([]any, error) {
			r := &feed.FareRules[i]
			var line *string
			if r.Line != gtfs.None {
				line = &feed.Lines[r.Line].ID
			}
			return []any{feed.Fares[r.Fare].ID, int32(i), line, r.Origin, r.Destination, r.Contains}, nil
		})
	if err != nil {
		return err
	}
	// Prices are written into a booking when it is made: nothing refers to these rows, so they may go.
	return tx.all(ctx, in.Source, `delete from fare_rule r using fare f where r.tenant_id = $1 and f.tenant_id = $1 and f.source = $2 and f.id = r.fare_id`,
		`delete from fare f where tenant_id = $1 and source = $2 and external_id not in (select external_id from stage_fare)`,
		`insert into fare (tenant_id, id, source, external_id, amount, currency, transfers, agency_id)
			select $1, s.id, $2, s.external_id, s.amount, s.currency, s.transfers, a.id from stage_fare s
			left join agency a on a.tenant_id = $1 and a.source = $2 and a.external_id = s.agency
			on conflict (tenant_id, source, external_id) do update
			set (amount, currency, transfers, agency_id) = (excluded.amount, excluded.currency, excluded.transfers, excluded.agency_id)`,
		`insert into fare_rule (tenant_id, fare_id, n, line_id, origin_zone, destination_zone, contains_zone)
			select $1, f.id, s.n, l.id, nullif(s.origin, ''), nullif(s.destination, ''), nullif(s.contains, '') from stage_fare_rule s
			join fare f on f.tenant_id = $1 and f.source = $2 and f.external_id = s.fare
			left join line l on l.tenant_id = $1 and l.source = $2 and l.external_id = s.line`)
}
