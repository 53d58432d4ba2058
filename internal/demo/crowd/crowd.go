package crowd

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
)

// Config says where the server is and who the people are.
type Config struct {
	Nodes   []string // base addresses of one installation's nodes; people spread over them
	Tenants []Tenant
	Bureaus []Bureau
	Dial    func(url string, token func(context.Context) (string, error)) Socket // for bureaus
	Logger  *slog.Logger
}

// Tenant is one operator's people. All of them have the same password.
type Tenant struct {
	Slug, Password string
	Riders         []string // e-mail addresses
	Drivers        []string
	Dispatcher     string
	Every          time.Duration // between two journeys, on average
	Vehicles       int           // driven at once, at most
	Reasons        []string      // why a trip does not run, in the people's language
}

// Run plays until ctx ends. It returns an error only when it was told nonsense: whatever the server does,
// the crowd waits and goes on.
func Run(ctx context.Context, c Config) error {
	if len(c.Nodes) == 0 {
		return fmt.Errorf("crowd: no server was named")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 16
	transport.Proxy = nil // the server is on this machine, or named on purpose
	defer transport.CloseIdleConnections()
	g, ctx := errgroup.WithContext(ctx)
	for _, t := range c.Tenants {
		if len(t.Riders) == 0 || len(t.Drivers) == 0 || t.Dispatcher == "" || t.Every <= 0 || len(t.Reasons) == 0 {
			return fmt.Errorf("crowd: tenant %s lacks people", t.Slug)
		}
		g.Go(func() error {
			newCity(t, c.Nodes, &http.Client{Transport: transport, Timeout: 20 * time.Second}, c.Logger.With("crowd", t.Slug)).run(ctx)
			return nil
		})
	}
	for _, b := range c.Bureaus {
		if len(b.Experts) == 0 || len(b.Clients) == 0 || len(b.Counters) == 0 || len(b.Lines.Asks) == 0 || len(b.Lines.Answers) == 0 || len(b.Lines.Thanks) == 0 || c.Dial == nil {
			return fmt.Errorf("crowd: bureau %s lacks people", b.Slug)
		}
		g.Go(func() error {
			newBureau(b, c, &http.Client{Transport: transport, Timeout: 20 * time.Second}, c.Logger.With("crowd", b.Slug)).run(ctx)
			return nil
		})
	}
	return g.Wait()
}
