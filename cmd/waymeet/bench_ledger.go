package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/devstack"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
	stage "github.com/waymeet/waymeet/store/bench"
)

type ledgerReport struct {
	size           ledgerSize
	Clients        int     `json:"clients"`
	TPCBPerS       float64 `json:"tpcb_per_s"`      // pgbench -s 20 -b tpcb-like
	SpreadPerS     float64 `json:"spread_per_s"`    // transfers between wallets
	HotPerS        float64 `json:"hot_per_s"`       // transfers from wallets to one platform account
	PairsPerS      float64 `json:"pairs_per_s"`     // a hold and its post
	SpreadP99MS    float64 `json:"spread_p99_ms"`   // of one transfer
	HotP99MS       float64 `json:"hot_p99_ms"`      //
	TransfersRatio float64 `json:"transfers_ratio"` // spread to TPC-B
	HotRatio       float64 `json:"hot_ratio"`       // hot to spread
	PairsRatio     float64 `json:"pairs_ratio"`     // pairs to TPC-B
	Journals       int     `json:"journals"`
	Unbalanced     int     `json:"unbalanced"` // 1 as soon as anything differs from its entries: `waymeet ledger verify`
	Difference     string  `json:"difference,omitempty"`
}

func (r ledgerReport) table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "%d clients\tper s\tp99 ms\tratio\t\n", r.Clients)
	fmt.Fprintf(t, "pgbench -b tpcb-like -s %d\t%.0f\t\t1 \t\n", r.size.scale, r.TPCBPerS)
	fmt.Fprintf(t, "transfers, %d wallets\t%.0f\t%.1f\t%.2f of tpcb-like\t\n", r.size.wallets, r.SpreadPerS, r.SpreadP99MS, r.TransfersRatio)
	fmt.Fprintf(t, "transfers, one platform account\t%.0f\t%.1f\t%.2f of spread\t\n", r.HotPerS, r.HotP99MS, r.HotRatio)
	fmt.Fprintf(t, "hold and post\t%.0f\t\t%.2f of tpcb-like\t\n", r.PairsPerS, r.PairsRatio)
	fmt.Fprintf(t, "unbalanced, of %d journals\t%d\t\t%s\t\n", r.Journals, r.Unbalanced, r.Difference)
	return t.Flush()
}

// ledgerSize is how much is measured, and in how many turns.
type ledgerSize struct {
	clients, wallets, turns int
	scale                   int    // of pgbench
	home                    string // where its servers' programs are
}

const tpcbScale = 20

func benchLedger(ctx context.Context, o benchOptions) (measured, error) {
	return benchLedgerOf(ctx, o, ledgerSize{clients: 32, wallets: 5000, turns: 3, scale: tpcbScale, home: ".waymeet"})
}

func benchLedgerOf(ctx context.Context, o benchOptions, size ledgerSize) (m measured, err error) {
	err = besidePgbench(ctx, o, size.home, size.scale, func(s *stage.Stage, theirs *stage.TPCB, db *store.DB) error {
		b := &ledgerBench{ledgerSize: size, stage: s, desk: billing.New(billing.Config{DB: db, Logger: o.log}), accounts: make([]ledger.Account, size.wallets)}
		for i := range b.accounts {
			b.accounts[i] = ledger.Wallet(ident.New(), benchCurrency)
		}
		if err := s.Fund(ctx, db, b.accounts, ledger.Of(1_000_000_00, benchCurrency)); err != nil {
			return err
		}
		m, err = b.measure(ctx, db, theirs, o.length)
		return err
	})
	return m, err
}

// besidePgbench measures on a PostgreSQL that writes to disk as it must, beside pgbench in a database of its own. home is where the servers' programs are.
func besidePgbench(ctx context.Context, o benchOptions, home string, scale int, measure func(*stage.Stage, *stage.TPCB, *store.DB) error) (err error) {
	pg, err := devstack.StartPostgres(ctx, devstack.PostgresConfig{Home: home, Fsync: true, Logger: o.log, Settings: []string{"max_connections=200", "max_wal_size=4GB"}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pg.Stop()) }()
	s, err := stage.Open(ctx, pg.SuperURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close(context.WithoutCancel(ctx))) }()
	theirs, err := s.TPCB(ctx, pg.SuperURL, scale)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, s.Config())
	if err != nil {
		return err
	}
	defer db.Close()
	return measure(s, theirs, db)
}

const benchCurrency = ledger.Currency("KES")

type ledgerBench struct {
	ledgerSize
	stage    *stage.Stage
	desk     *billing.Service
	accounts []ledger.Account // the wallets
}

// measure takes all of them in turns, so that whatever else the machine does meets each alike.
func (b *ledgerBench) measure(ctx context.Context, db *store.DB, theirs *stage.TPCB, length time.Duration) (measured, error) {
	slice := max(length/time.Duration(4*b.turns), time.Second)
	var tpcb float64
	mine := []*ledgerLoad{{clients: b.clients, act: b.transfer}, {clients: b.clients, act: b.hot}, {clients: b.clients, act: b.pair}}
	for _, l := range mine { // warm up: connections, statements, accounts
		if err := l.run(ctx, slice/2); err != nil {
			return nil, err
		}
		l.took, l.time = nil, 0
	}
	if _, err := theirs.Run(ctx, b.clients, time.Second); err != nil {
		return nil, err
	}
	if err := b.stage.Settle(ctx); err != nil {
		return nil, err
	}
	for range b.turns {
		n, err := theirs.Run(ctx, b.clients, slice)
		if err != nil {
			return nil, err
		}
		tpcb += n / float64(b.turns)
		for _, l := range mine {
			if err := l.run(ctx, slice); err != nil {
				return nil, err
			}
		}
	}
	r := ledgerReport{size: b.ledgerSize, Clients: b.clients, TPCBPerS: round(tpcb), SpreadPerS: mine[0].perS(), HotPerS: mine[1].perS(), PairsPerS: mine[2].perS(),
		SpreadP99MS: p99(mine[0].took), HotP99MS: p99(mine[1].took)}
	r.TransfersRatio, r.HotRatio, r.PairsRatio = round(r.SpreadPerS/tpcb), round(r.HotPerS/r.SpreadPerS), round(r.PairsPerS/tpcb)
	found, err := db.VerifyLedger(ctx, b.stage.Tenant)
	r.Journals = found.Journals
	if d := new(store.LedgerDifference); errors.As(err, &d) {
		r.Unbalanced, r.Difference, err = 1, d.Error(), nil
	}
	return r, err
}

func (b *ledgerBench) some(dice *rand.Rand) ledger.Money {
	return ledger.Of(1+dice.Int64N(100), benchCurrency)
}

func (b *ledgerBench) record(ctx context.Context, j ledger.Journal) (store.Recorded, error) {
	return b.desk.Record(ctx, b.stage.Tenant, j)
}

func (b *ledgerBench) transfer(ctx context.Context, key string, dice *rand.Rand) error {
	from := dice.IntN(len(b.accounts))
	to := (from + 1 + dice.IntN(len(b.accounts)-1)) % len(b.accounts)
	m := b.some(dice)
	_, err := b.record(ctx, ledger.Post(key, "transfer", ledger.Debit(b.accounts[from], m), ledger.Credit(b.accounts[to], m)))
	return err
}

func (b *ledgerBench) hot(ctx context.Context, key string, dice *rand.Rand) error {
	m := b.some(dice)
	_, err := b.record(ctx, ledger.Post(key, "sale", ledger.Debit(b.accounts[dice.IntN(len(b.accounts))], m), ledger.Credit(ledger.Revenue("seats", benchCurrency), m)))
	return err
}

func (b *ledgerBench) pair(ctx context.Context, key string, dice *rand.Rand) error {
	m := b.some(dice)
	h, err := b.record(ctx, ledger.Hold(key, "hold", time.Hour, ledger.Debit(b.accounts[dice.IntN(len(b.accounts))], m), ledger.Credit(ledger.Deferred("sessions", benchCurrency), m)))
	if err != nil {
		return err
	}
	_, err = b.record(ctx, ledger.PostHold(key+":post", "post", h.ID))
	return err
}

// ledgerLoad is clients that do one thing after the other.
type ledgerLoad struct {
	clients int
	act     func(ctx context.Context, key string, dice *rand.Rand) error
	took    []time.Duration
	time    time.Duration
}

func (l *ledgerLoad) perS() float64 { return round(float64(len(l.took)) / l.time.Seconds()) }

func (l *ledgerLoad) run(ctx context.Context, length time.Duration) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	begun := time.Now()
	took := make([][]time.Duration, l.clients)
	var wg sync.WaitGroup
	for i := range took {
		wg.Go(func() {
			dice := rand.New(rand.NewPCG(uint64(i), uint64(begun.UnixNano())))
			run := ident.Token(9)
			for n := 0; time.Since(begun) < length && ctx.Err() == nil; n++ {
				asked := time.Now()
				if err := l.act(ctx, run+strconv.Itoa(n), dice); err != nil {
					cancel(err)
					return
				}
				took[i] = append(took[i], time.Since(asked))
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	l.time += time.Since(begun)
	for _, t := range took {
		l.took = append(l.took, t...)
	}
	return nil
}
