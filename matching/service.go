package matching

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/session/file"
	"github.com/waymeet/waymeet/store"
)

// Funds says what was set aside for a client under what a request names as its funding: the most that a minute may cost, and
// whether anything was. Whoever composes the services knows who holds money.
type Funds interface {
	Funded(ctx context.Context, by By, reference string) (ceiling ledger.Money, funded bool, err error)
}

// Config is what the service is given.
type Config struct {
	DB     *store.DB
	Funds  Funds // nil: nothing is funded, and nobody waits
	Means  Means // nil: no time is booked
	Logger *slog.Logger
	Lease  time.Duration                                // of a queue (default 3 s): how long it stands still when its owner dies
	Tell   func(t tenant.ID, request uuid.UUID, w Wait) // shows somebody who waits where they are; nil: nobody is shown
	Beat   time.Duration                                // of an expert's connection (default 15 s): how long until it is gone

	Files   file.Store // what experts prove; nil: no documents are taken
	FileKey []byte     // signs links to them: the same as of sessions' files, which are fetched alike
}

// Service is the verbs of matching. It is safe for use by many goroutines.
type Service struct {
	db      *store.DB
	funds   Funds
	means   Means
	log     *slog.Logger
	node    uuid.UUID // this run of this node
	lease   time.Duration
	beat    time.Duration
	tell    func(t tenant.ID, request uuid.UUID, w Wait)
	matcher *matcher
	counts  *counts
	attend  *attendance
	files   file.Store
	fileKey []byte
	places  *desk[placing, placed]
	answers *desk[store.OfferDeed, store.Decision]
}

// New makes the service; Run keeps its clockwork going.
func New(c Config) *Service {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Lease <= 0 {
		c.Lease = 3 * time.Second
	}
	if c.Beat <= 0 {
		c.Beat = 13 * time.Second
	}
	if c.Tell == nil {
		c.Tell = func(tenant.ID, uuid.UUID, Wait) {}
	}
	s := &Service{db: c.DB, funds: c.Funds, means: c.Means, log: c.Logger, node: ident.New(), lease: c.Lease, beat: c.Beat, tell: c.Tell, counts: newCounts(), attend: newAttendance(), files: c.Files, fileKey: c.FileKey}
	s.matcher = newMatcher(s)
	s.answers = newDesk(s.log, s.answerAll) // every verb can be repeated
	s.places = newDesk(s.log, s.placeAll)
	s.places.apart = func(a, b placing) bool { return !a.claim.None() && a.claim.Same(b.claim) }
	s.places.twice = func(q placing) bool { return !q.claim.None() }
	return s
}

// By is on whose behalf something is done.
type By struct {
	Tenant tenant.ID
	User   uuid.UUID // the nil UUID: the system itself
}

// decided turns what PostgreSQL refused into what people are told, and has those looked at again whom it concerns.
func (s *Service) decided(t tenant.ID, d store.Decision, err error) (store.Decision, error) {
	if err != nil {
		return d, err
	}
	s.counts.answered(d)
	if len(d.Freed) > 0 || d.RequestState == store.RequestWaiting {
		s.matcher.stir(t, d.Freed...)
	}
	if d.Refused != "" {
		err = fault.New(d.Refused)
	}
	return d, err
}
