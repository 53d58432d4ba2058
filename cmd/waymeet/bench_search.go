package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/devstack"
	"github.com/waymeet/waymeet/store"
	stage "github.com/waymeet/waymeet/store/bench"
)

type searchReport struct {
	Feed     string  `json:"feed"`
	Days     int     `json:"days"`
	Trips    int     `json:"trips"`
	Bookings int     `json:"bookings"`
	Searches int     `json:"searches"`
	Found    float64 `json:"found_avg"` // trips a search
	PerS     float64 `json:"per_s"`
	P50MS    float64 `json:"p50_ms"`
	P99MS    float64 `json:"p99_ms"`
	MaxMS    float64 `json:"max_ms"`
}

func (r searchReport) table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "feed\tdays\ttrips\tbookings\tsearches\ttrips found\tper s\tp50 ms\tp99 ms\tmax ms\t")
	fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%.1f\t%.0f\t%.1f\t%.1f\t%.1f\t\n", r.Feed, r.Days, r.Trips, r.Bookings, r.Searches, r.Found, r.PerS, r.P50MS, r.P99MS, r.MaxMS)
	return t.Flush()
}

const (
	searchDays     = 7
	searchBookings = 1_000_000
	searchClients  = 2
	longestSearch  = 10 * time.Second // setting up takes most of a minute; more searches say no more
)

// benchFeeds are where the feed of Nairobi may lie; without it one of the same size is made up.
var benchFeeds = []string{"../shared/data/gtfs/nairobi-2019.zip"}

func benchSearch(ctx context.Context, o benchOptions) (_ measured, err error) {
	files, name, end, err := searchFeed()
	if err != nil {
		return nil, err
	}
	defer end()
	pg, err := devstack.StartPostgres(ctx, devstack.PostgresConfig{Home: ".waymeet", Fsync: true, Logger: o.log, Settings: []string{"max_wal_size=4GB"}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, pg.Stop()) }()
	s, err := stage.Open(ctx, pg.SuperURL)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close(context.WithoutCancel(ctx))) }()
	db, err := store.Open(ctx, s.Config())
	if err != nil {
		return nil, err
	}
	defer db.Close()
	got, err := dispatch.New(db, o.log, nil).Import(ctx, s.Tenant, files, dispatch.ImportOptions{Days: searchDays, Capacity: 14, Shift: true})
	if err != nil {
		return nil, err
	}
	if got.Refused {
		return nil, fmt.Errorf("the feed %s is refused", name)
	}
	riders, err := s.Riders(ctx, 20_000)
	if err != nil {
		return nil, err
	}
	r := searchReport{Feed: name, Days: searchDays}
	if r.Trips, r.Bookings, err = s.Book(ctx, searchBookings, riders); err != nil {
		return nil, err
	}
	rides, err := s.Rides(ctx, 5000)
	if err != nil {
		return nil, err
	}
	dates, err := s.Dates(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.Settle(ctx); err != nil {
		return nil, err
	}
	desk := booking.New(booking.Config{DB: db, Logger: o.log})
	if _, err := searches(ctx, desk, s, rides, dates, time.Second); err != nil { // warm up: connections, statements, timetables
		return nil, err
	}
	length := min(o.length, longestSearch)
	took, err := searches(ctx, desk, s, rides, dates, length)
	if err != nil {
		return nil, err
	}
	r.Searches, r.PerS = len(took.each), round(float64(len(took.each))/length.Seconds())
	r.Found = round(float64(took.found) / float64(max(1, len(took.each))))
	r.P50MS, r.P99MS, r.MaxMS = percentile(took.each, 0.5), p99(took.each), percentile(took.each, 1)
	return r, nil
}

type searched struct {
	each  []time.Duration
	found int
}

// searches asks as riders do: any two stops of a line, any of the days, from any hour on, mostly alone.
func searches(ctx context.Context, desk *booking.Service, s *stage.Stage, rides []stage.Ride, dates []servicedate.Date, length time.Duration) (searched, error) {
	var mu sync.Mutex
	var all searched
	var errs []error
	end := time.Now().Add(length)
	var wg sync.WaitGroup
	for i := range searchClients {
		wg.Go(func() {
			dice := rand.New(rand.NewPCG(1, uint64(i)))
			var mine searched
			var failed error
			for time.Now().Before(end) && failed == nil {
				ride := rides[dice.IntN(len(rides))]
				q := booking.Search{From: ride.From, To: ride.To, Date: dates[dice.IntN(len(dates))], AfterS: dice.IntN(24) * 3600, Party: 1 + dice.IntN(2), Limit: 20}
				asked := time.Now()
				found, err := desk.Search(ctx, s.Tenant, q)
				mine.each = append(mine.each, time.Since(asked))
				mine.found += len(found.Offers)
				failed = err
			}
			mu.Lock()
			defer mu.Unlock()
			all.each = append(all.each, mine.each...)
			all.found += mine.found
			if failed != nil {
				errs = append(errs, failed)
			}
		})
	}
	wg.Wait()
	return all, errors.Join(errs...)
}

// searchFeed is Nairobi's feed, or one like it.
func searchFeed() (files fs.FS, name string, end func(), err error) {
	for _, path := range benchFeeds {
		if files, end, err := openFeed(path); err == nil {
			return files, strings.TrimSuffix(filepath.Base(path), ".zip"), end, nil
		}
	}
	files, err = madeUpFeed()
	return files, "made up, of the size of Nairobi's", func() {}, err
}
