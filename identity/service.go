package identity

import (
	"log/slog"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/pace"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/store"
)

// Config is what the service is given.
type Config struct {
	DB     *store.DB
	Box    *seal.Box
	Issuer string           // of access tokens; empty: "waymeet"
	Now    func() time.Time // nil: time.Now
	Logger *slog.Logger

	// How often one address, one account, and one address for one account may try a password. Zero: see defaults.
	PerAddress, PerAccount, PerPair pace.Rate
	Hashers                         int // passwords hashed at once; zero: one for each processor
}

const (
	accessTTL    = 10 * time.Minute
	sessionTTL   = 30 * 24 * time.Hour // since the last refresh
	repeatTTL    = 30 * time.Second    // how long the answer to a refresh may be asked for again
	ticketTTL    = 30 * time.Second
	audience     = "waymeet"
	keySigns     = 30 * 24 * time.Hour
	keyVerifies  = keySigns + 24*time.Hour
	maxPassword  = 128
	minPassword  = 10
	lookEvery    = 500 * time.Millisecond
	trustFor     = 2 * time.Second
	rememberFor  = time.Minute // even where nothing was revoked: a bound on what nobody thought of
	rememberMost = 20_000
)

// Service is identity on one node.
type Service struct {
	db     *store.DB
	box    *seal.Box
	issuer string
	now    func() time.Time
	log    *slog.Logger

	unread sync.Map // tenants whose live settings cannot all be read, and it was said

	hasher  *hasher
	address *pace.Limiter
	account *pace.Limiter
	pair    *pace.Limiter

	made       func() []byte  // the key of what the installation makes
	validator  *jwt.Validator // of claims whose signature was checked
	keys       keyring
	signatures signatures
	memory     memory
	asking     asking
	zones      sync.Map // of what was read of tenants' zones

	watchMu  sync.Mutex
	watchers []func(Revocation) // guarded by watchMu
}

// New makes the service; Run keeps it fresh.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Issuer == "" {
		c.Issuer = "waymeet"
	}
	// An office or a carrier may stand behind one address; an account is one person's.
	rate := func(given, otherwise pace.Rate) *pace.Limiter {
		if given == (pace.Rate{}) {
			given = otherwise
		}
		return pace.New(given, 50_000)
	}
	s := &Service{
		db: c.DB, box: c.Box, issuer: c.Issuer, now: c.Now, log: c.Logger, hasher: newHasher(c.Hashers),
		address: rate(c.PerAddress, pace.Rate{Burst: 60, Every: time.Second}),
		account: rate(c.PerAccount, pace.Rate{Burst: 30, Every: 10 * time.Second}),
		pair:    rate(c.PerPair, pace.Rate{Burst: 8, Every: 15 * time.Second}),
		made:    sync.OnceValue(func() []byte { return c.Box.Key("credentials that were made here") }),
		keys:    keyring{turn: make(chan struct{}, 1)},
		memory:  memory{now: map[remembered]standing{}},
		asking:  asking{waits: map[tenant.ID]map[store.Sitting]*told{}},
	}
	s.validator = jwt.NewValidator(s.wants()...)
	return s
}
