package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strconv"

	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/dispatch/gtfs"
	"github.com/waymeet/waymeet/store"
)

const gtfsSynopsis = `import --tenant T FEED.zip|DIR [flags]

Makes a tenant's lines, stops, patterns and calendars what the feed says, and derives the trips of the coming
days. Problems are listed by the canonical GTFS validator's names with file, row and field: errors stop the
import and nothing is changed, warnings do not. Importing again updates in place: ids stay, trips that riders
have booked and the feed no longer has are kept and flagged.
`

var errRefused = errors.New("the feed has errors; nothing was changed")

// importOptions are the flags of gtfs import.
type importOptions struct {
	dispatch.ImportOptions
	tenant string
	json   bool
}

func timetables(ctx context.Context, t *terminal, args []string) error {
	var o importOptions
	f := t.flags("gtfs", gtfsSynopsis)
	f.StringVar(&o.tenant, "tenant", "", "the tenant's short name (required, but for --dry-run)")
	f.StringVar(&o.Source, "source", dispatch.DefaultSource, "names this feed among the tenant's, if there are several")
	f.IntVar(&o.Days, "days", dispatch.DefaultDays, "for how many days trips are kept ready")
	f.IntVar(&o.Capacity, "capacity", 0, fmt.Sprintf("seats of a vehicle; 0 keeps what is known, %d for what is new", store.DefaultCapacity))
	f.BoolVar(&o.Shift, "shift-dates", false, "move calendars that have expired, by whole weeks, to now")
	f.BoolVar(&o.DryRun, "dry-run", false, "read and report; change nothing, need no database")
	f.BoolVar(&o.json, "json", false, "answer in JSON")
	if len(args) > 0 && args[0] == "import" {
		args = args[1:]
	} else if len(args) == 0 || (args[0] != "-h" && args[0] != "--help" && args[0] != "-help") {
		f.Usage()
		return errUsage
	}
	path, err := flagsAround(f, args)
	if err != nil {
		return err
	}
	if o.tenant == "" && !o.DryRun {
		return errors.New("gtfs import: --tenant is missing")
	}
	if o.Days < 1 || o.Days > dispatch.MaxDays {
		return fmt.Errorf("gtfs import: --days must be 1 to %d", dispatch.MaxDays)
	}
	if o.Capacity < 0 || o.Capacity > dispatch.MaxCapacity {
		return fmt.Errorf("gtfs import: --capacity must be 0 to %d", dispatch.MaxCapacity)
	}
	files, end, err := openFeed(path)
	if err != nil {
		return err
	}
	defer end()
	got, err := importFeed(ctx, t, o, files)
	if err != nil {
		return err
	}
	if o.json {
		err = printImportJSON(t.out, got)
	} else {
		printImport(t.out, o, got)
	}
	if got.Refused {
		return errors.Join(errRefused, err)
	}
	return err
}

// flagsAround parses flags before and after the one argument that is none.
func flagsAround(f *flag.FlagSet, args []string) (string, error) {
	if err := parse(f, args, -1); err != nil {
		return "", err
	}
	if f.NArg() == 0 {
		f.Usage()
		return "", errUsage
	}
	path := f.Arg(0)
	return path, parse(f, f.Args()[1:], 0)
}

// openFeed opens a zip file or a directory; nothing outside of either can be read through it.
func openFeed(path string) (files fs.FS, end func(), err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("open the feed: %w", err)
	}
	end = func() { _ = f.Close() } // read only
	about, err := f.Stat()
	if err != nil {
		end()
		return nil, nil, fmt.Errorf("open the feed: %w", err)
	}
	if !about.IsDir() {
		if files, err = gtfs.OpenZip(f, about.Size()); err != nil {
			end()
			return nil, nil, err
		}
		return files, end, nil
	}
	end()
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, nil, fmt.Errorf("open the feed: %w", err)
	}
	return root.FS(), func() { _ = root.Close() }, nil
}

func importFeed(ctx context.Context, t *terminal, o importOptions, files fs.FS) (*dispatch.Imported, error) {
	log := slog.New(slog.NewTextHandler(t.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if o.DryRun {
		return dispatch.Check(files, o.ImportOptions)
	}
	r := reader{environment: t.environment}
	db, err := openByHand(ctx, &r, log)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	who, err := called(ctx, db, o.tenant)
	if err != nil {
		return nil, err
	}
	return dispatch.New(db, log, nil).Import(ctx, who.ID, files, o.ImportOptions)
}

// shownOfName is how many notices of one name a terminal gets.
const shownOfName = 5

func printImport(w io.Writer, o importOptions, got *dispatch.Imported) {
	shown := map[string]int{}
	for _, n := range got.Report.Notices() {
		if shown[n.Name]++; shown[n.Name] <= shownOfName {
			fmt.Fprintln(w, n)
		}
	}
	names := make([]string, 0, len(shown))
	for name := range shown {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if more := got.Report.Counts()[name] - shownOfName; more > 0 {
			fmt.Fprintf(w, "        %s: %d more\n", name, more)
		}
	}
	fmt.Fprintf(w, "%s, %s, %s\n", some(got.Report.Count(gtfs.Error), "error", "errors"), some(got.Report.Count(gtfs.Warning), "warning", "warnings"), some(got.Report.Count(gtfs.Info), "info", "infos"))
	if got.Refused {
		return
	}
	c := got.Counts
	fmt.Fprintf(w, "%s, %s, %s, %s, %s, %s\n", some(c.Agencies, "agency", "agencies"), some(c.Lines, "line", "lines"), some(c.Stops, "stop", "stops"), some(c.Patterns, "pattern", "patterns"), some(c.Trips, "trip", "trips"), some(c.Fares, "fare", "fares"))
	if got.Shifted != 0 {
		fmt.Fprintf(w, "calendars moved by %d days\n", got.Shifted)
	}
	if got.Report.Counts()["trip_coverage_not_active_for_next7_days"] > 0 && !o.Shift {
		fmt.Fprintln(w, "the feed has no service now; --shift-dates moves its calendars")
	}
	if o.DryRun {
		fmt.Fprintln(w, "dry run: nothing was changed")
		return
	}
	fmt.Fprintf(w, "departures: %d added, %d moved, %d removed, %d kept for their riders though the feed has them no more\n",
		got.Ran.Added, got.Ran.Moved, got.Ran.Removed, got.Ran.Vanished)
	fmt.Fprintf(w, "read in %.2f s, applied in %.2f s, departures in %.2f s\n", got.Read.Seconds(), got.Applied.Seconds(), got.Run.Seconds())
}

func printImportJSON(w io.Writer, got *dispatch.Imported) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(map[string]any{
		"refused": got.Refused, "errors": got.Report.Count(gtfs.Error), "warnings": got.Report.Count(gtfs.Warning),
		"notices": got.Report.Notices(), "notice_counts": got.Report.Counts(), "counts": got.Counts, "shifted_days": got.Shifted,
		"departures": map[string]int{"added": got.Ran.Added, "moved": got.Ran.Moved, "removed": got.Ran.Removed, "vanished": got.Ran.Vanished},
		"seconds":    map[string]float64{"read": got.Read.Seconds(), "applied": got.Applied.Seconds(), "departures": got.Run.Seconds()},
	})
}

// some says how many there are of something.
func some(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
