package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/internal/telemetry"
	"github.com/waymeet/waymeet/store"
)

// fixture is what a load generator needs of a running server: channels, and people who may read and signal on them.
type fixture struct {
	URL        string   `json:"url"`
	Channels   []string `json:"channels"`
	Readers    []string `json:"readers"`    // access tokens of riders
	Publishers []string `json:"publishers"` // access tokens of dispatchers

	stops []string // of the trips' pattern: between any two, seats can be held
}

const (
	fixturePublishers = 8
	mostFixture       = 20_000
	perFixtureLine    = 1000 // departures of a line and a day
)

// benchFixture makes an operator of its own for a load test, beside those that are there; its connections have no limit that a
// load test would meet.
func benchFixture(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("bench fixture", `[flags]

Makes an operator with trips, riders and dispatchers on the installation of WAYMEET_DATABASE_URL, WAYMEET_SYSTEM_DATABASE_URL and
WAYMEET_SECRET, for a load generator to use against its running nodes. Tokens are good for ten minutes.
`)
	channels := f.Int("channels", 100, "how many trip channels")
	users := f.Int("users", 100, "how many riders")
	asJSON := f.Bool("json", false, "one JSON object instead of a summary")
	url := f.String("url", "", "where the server is (WAYMEET_PUBLIC_URL)")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	if *channels < 1 || *channels > mostFixture || *users < 1 || *users > mostFixture {
		return fmt.Errorf("--channels and --users must be 1 to %d", mostFixture)
	}
	r := reader{environment: t.environment}
	app := r.location("WAYMEET_DATABASE_URL", "postgres", "postgresql")
	system := r.location("WAYMEET_SYSTEM_DATABASE_URL", "postgres", "postgresql")
	secret := r.secret("WAYMEET_SECRET")
	if *url == "" {
		*url = r.or("WAYMEET_PUBLIC_URL", "http://127.0.0.1:8080")
	}
	if err := errors.Join(r.problems...); err != nil {
		return err
	}
	box, err := seal.Parse(secret.reveal())
	if err != nil {
		return err
	}
	log := telemetry.NewLogger(t.err, telemetry.LogConfig{Text: true})
	db, err := store.Open(ctx, store.Config{AppURL: app.reveal(), SystemURL: system.reveal(), Logger: log})
	if err != nil {
		return err
	}
	defer db.Close()
	made, err := makeFixture(ctx, identity.New(identity.Config{DB: db, Box: box, Logger: log}), dispatch.New(db, log, nil), db, *channels, *users)
	if err != nil {
		return err
	}
	made.URL = *url
	if *asJSON {
		return json.NewEncoder(t.out).Encode(made)
	}
	_, err = fmt.Fprintf(t.out, "%d channels, %d riders, %d dispatchers on %s; --json prints them\n", len(made.Channels), len(made.Readers), len(made.Publishers), made.URL)
	return err
}

func makeFixture(ctx context.Context, people *identity.Service, desk *dispatch.Desk, db *store.DB, channels, users int) (*fixture, error) {
	slug := "bench-" + ident.New().String()[24:]
	x, err := people.CreateTenant(ctx, tenant.Tenant{Slug: slug, Name: "Load test", TimeZone: "UTC", Currency: "EUR", DefaultLocale: "en",
		Live: tenant.Live{RequestsPerS: 100_000, Burst: 200_000, Connections: 20_000,
			AllConnections: 100_000, AllSubscriptions: 1_000_000, AllRequestsPerS: 1_000_000, AllBytesPerS: 8 << 30}})
	if err != nil {
		return nil, err
	}
	feed, err := fixtureFeed((channels + perFixtureLine - 1) / perFixtureLine)
	if err != nil {
		return nil, err
	}
	got, err := desk.Import(ctx, x.ID, feed, dispatch.ImportOptions{Days: 2, Capacity: 14})
	if err != nil {
		return nil, err
	}
	if got.Refused {
		return nil, errors.New("the made-up feed is refused")
	}
	tomorrow := servicedate.On(time.Now(), time.UTC).AddDays(1)
	trips, err := db.Read(x.ID).LiveBoard(ctx, tomorrow, store.Window{First: "00:00", Last: "24:00"}, channels)
	if err != nil {
		return nil, err
	}
	made := &fixture{Readers: make([]string, users), Publishers: make([]string, fixturePublishers)}
	for i := range min(channels, len(trips)) {
		made.Channels = append(made.Channels, "trip:"+trips[i].ID.String())
	}
	if len(made.Channels) < channels {
		return nil, fmt.Errorf("%d trips where %d are wanted", len(made.Channels), channels)
	}
	pattern, err := db.Read(x.ID).Timetable(ctx, trips[0].Pattern)
	if err != nil {
		return nil, err
	}
	for _, s := range pattern.Stops {
		made.stops = append(made.stops, s.Stop.String())
	}
	var g errgroup.Group
	g.SetLimit(8)
	for role, tokens := range map[string][]string{"rider": made.Readers, "dispatcher": made.Publishers} {
		for i := range tokens {
			g.Go(func() error {
				u, err := people.CreateUser(ctx, x.ID, identity.NewUser{Email: fmt.Sprintf("%s%d@%s.example", role, i, slug), Name: role, Roles: []string{role}}, idem.Claim{})
				if err != nil {
					return err
				}
				tokens[i], err = people.OpenSession(ctx, x.ID, u.ID)
				return err
			})
		}
	}
	return made, g.Wait()
}

// fixtureFeed is lines that each leave a thousand times a day.
func fixtureFeed(lines int) (fs.FS, error) {
	files := map[string]string{
		"agency.txt":   "agency_id,agency_name,agency_url,agency_timezone\nb,Load test,https://example.org,UTC\n",
		"calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nd,1,1,1,1,1,1,1,20200101,20991231\n",
		"stops.txt":    "stop_id,stop_name,stop_lat,stop_lon\n", "routes.txt": "route_id,agency_id,route_short_name,route_long_name,route_type\n",
		"trips.txt": "route_id,service_id,trip_id\n", "frequencies.txt": "trip_id,start_time,end_time,headway_secs\n",
		"stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n",
	}
	for s := range 6 {
		files["stops.txt"] += fmt.Sprintf("s%d,Stop %d,%.3f,-7.5\n", s, s, 33+float64(s)*0.01)
	}
	for l := range lines {
		files["routes.txt"] += fmt.Sprintf("r%d,b,B%d,Line %d,3\n", l, l, l)
		files["trips.txt"] += fmt.Sprintf("r%d,d,t%d\n", l, l)
		files["frequencies.txt"] += fmt.Sprintf("t%d,00:00:00,24:00:00,86\n", l)
		for s := range 6 {
			files["stop_times.txt"] += fmt.Sprintf("t%d,00:%02d:00,00:%02d:00,s%d,%d\n", l, s*5, s*5, s, s+1)
		}
	}
	return zipped(files)
}
