package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/gtfs"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// Import options.
const (
	// DefaultSource names a tenant's only feed.
	DefaultSource = "gtfs"
	// DefaultDays is for how many days trips are kept ready.
	DefaultDays = 7
	// MaxDays bounds that: a megacity's trips of a quarter are 10 million rows.
	MaxDays = 92
	// MaxCapacity is the largest vehicle.
	MaxCapacity = 500
)

// ImportOptions say how a feed is imported.
type ImportOptions struct {
	Source   string // "" is DefaultSource
	Days     int    // 0 is DefaultDays
	Capacity int    // 0 keeps what is known
	Shift    bool   // move expired calendars to now
	DryRun   bool   // read and report, change nothing
	By       uuid.UUID
}

// Counts of what a feed holds.
type Counts struct {
	Agencies int `json:"agencies"`
	Lines    int `json:"lines"`
	Stops    int `json:"stops"`
	Patterns int `json:"patterns"`
	Trips    int `json:"trips"` // of the feed: templates
	Fares    int `json:"fares"`
}

// Imported is what an import found and did.
type Imported struct {
	Report  *gtfs.Report
	Refused bool // the report has errors: nothing was changed
	Counts  Counts
	Shifted int // days by which calendars were moved
	Version string
	Ran     store.Ran
	Read    time.Duration
	Applied time.Duration
	Run     time.Duration
}

// Import reads a feed and makes a tenant's timetable and trips what it says. A feed with errors is Refused,
// which is an answer and no error.
func (d *Desk) Import(ctx context.Context, t tenant.ID, files fs.FS, opt ImportOptions) (*Imported, error) {
	if opt.Source == "" {
		opt.Source = DefaultSource
	}
	if opt.Days == 0 {
		opt.Days = DefaultDays
	}
	if opt.Days < 1 || opt.Days > MaxDays || opt.Capacity < 0 || opt.Capacity > MaxCapacity {
		return nil, fmt.Errorf("dispatch: import a feed: days must be 1 to %d and capacity 0 to %d", MaxDays, MaxCapacity)
	}
	out, feed := d.read(files, opt)
	if out.Refused || opt.DryRun {
		return out, nil
	}
	in, err := importRow(out, feed, opt)
	if err != nil {
		return nil, err
	}
	start := time.Now() // of a duration, not of the service day
	if err := d.db.InTx(ctx, t, func(tx *store.Tx) error {
		if err := tx.ApplyFeed(ctx, in, feed); err != nil {
			return err
		}
		return tx.Audit(store.Audit{Actor: opt.By, Action: "gtfs.import", Target: "source/" + opt.Source, Detail: out.Counts})
	}); err != nil {
		return nil, fmt.Errorf("dispatch: import a feed: %w", err)
	}
	out.Applied = time.Since(start)
	feed = nil // what follows reads the timetable from its rows
	start = time.Now()
	if out.Ran, err = d.Extend(ctx, t); err == nil {
		today := servicedate.On(d.about(), time.UTC)
		err = d.db.InTx(ctx, t, func(tx *store.Tx) error { return tx.RefreshStatistics(ctx, today.AddDays(-1), today.AddDays(opt.Days)) })
	}
	out.Run = time.Since(start)
	return out, err
}

// read turns files into a feed, which is nil when it is refused.
func (d *Desk) read(files fs.FS, opt ImportOptions) (*Imported, *gtfs.Feed) {
	start := time.Now()
	feed, report := gtfs.Read(files, gtfs.Options{Today: servicedate.On(d.about(), time.UTC), Shift: opt.Shift})
	out := &Imported{Report: report, Refused: report.Failed(), Read: time.Since(start)}
	if feed != nil {
		out.Counts = Counts{len(feed.Agencies), len(feed.Lines), len(feed.Stops), len(feed.Patterns), len(feed.Trips), len(feed.Fares)}
		out.Shifted, out.Version = feed.Shifted, feed.Version
	}
	return out, feed
}

// Check is a dry run: it reads and reports, and needs no database.
func Check(files fs.FS, opt ImportOptions) (*Imported, error) {
	out, _ := New(nil, nil, nil).read(files, opt)
	return out, nil
}

func importRow(out *Imported, feed *gtfs.Feed, opt ImportOptions) (in store.FeedImport, err error) {
	in = store.FeedImport{Source: opt.Source, Days: opt.Days, Capacity: opt.Capacity, By: opt.By, Hash: feed.Hash}
	if in.Notices, err = json.Marshal(out.Report.Notices()); err != nil {
		return in, fmt.Errorf("dispatch: import a feed: %w", err)
	}
	counts := struct {
		Counts
		Errors   int `json:"errors"`
		Warnings int `json:"warnings"`
		Infos    int `json:"infos"`
	}{out.Counts, 0, out.Report.Count(gtfs.Warning), out.Report.Count(gtfs.Info)}
	if in.Counts, err = json.Marshal(counts); err != nil {
		return in, fmt.Errorf("dispatch: import a feed: %w", err)
	}
	return in, nil
}
