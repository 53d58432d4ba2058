package billing

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Cash is money that people hand over. An agent or a driver who takes it holds it for the operator until they hand it in:
//
//	TakeCash ──▶ float:AGENT +, wallet:RIDER +      declared, and the rider's at once
//	UndoCash ──▶ both back                          minutes later, while the wallet still has it
//	CloseShift ─▶ float:AGENT to nothing            what was counted is on its way (transit:cash), the rest a difference
//	ConfirmShift ▶ bank:PLACE +                     by somebody else, who found it there
//
// A shift opens with the first cash. What a driver collects on board is in the same float (whoever records it there opens
// the shift with tx.OpenShift), and is closed with it.
type Cash struct {
	db *store.DB
}

// NewCash makes it.
func NewCash(db *store.DB) *Cash { return &Cash{db} }

// cashTerms is what a tenant decided about cash.
type cashTerms struct {
	now      time.Time
	currency ledger.Currency
	most     int64         // at once
	mostHeld int64         // by one person
	undo     time.Duration // after it was taken
	places   []string      // where cash is handed in
}

type cashSettings struct {
	Cash struct {
		Most     *int64   `json:"most"`
		MostHeld *int64   `json:"most_held"`
		UndoS    *int     `json:"undo_s"`
		Places   []string `json:"places"`
	} `json:"cash"`
}

const (
	longestUndo = time.Hour
	mostPlaces  = 20
)

var placeForm = regexp.MustCompile(`^[a-z0-9-]{1,40}$`) // as the table has it

// readCashTerms is what they are when a tenant never chose: 5,000 units at once, 20,000 in one hand, ten minutes, a safe.
func readCashTerms(t store.Terms) (cashTerms, error) {
	c := ledger.Currency(t.Currency)
	if !c.Known() {
		return cashTerms{}, fault.New("currency_unknown")
	}
	unit := int64(1)
	for range c.Exponent() {
		unit *= 10
	}
	out := cashTerms{now: t.Now, currency: c, most: 5_000 * unit, mostHeld: 20_000 * unit, undo: 10 * time.Minute, places: []string{"safe"}}
	var s cashSettings
	if len(t.Settings) > 2 {
		if err := json.Unmarshal(t.Settings, &s); err != nil {
			return out, fmt.Errorf("billing: read the tenant's settings: %w", err)
		}
	}
	if v := s.Cash.Most; v != nil {
		out.most = min(max(*v, 0), c.Max())
	}
	if v := s.Cash.MostHeld; v != nil {
		out.mostHeld = min(max(*v, 0), c.Max())
	}
	if v := s.Cash.UndoS; v != nil {
		out.undo = min(max(time.Duration(*v)*time.Second, 0), longestUndo)
	}
	places := slices.DeleteFunc(s.Cash.Places, func(p string) bool { return !placeForm.MatchString(p) })
	if len(places) > 0 {
		out.places = places[:min(len(places), mostPlaces)]
	}
	return out, nil
}

func (t cashTerms) has(place string) bool { return slices.Contains(t.places, place) }

// Standing is what somebody holds, and what they may do with it.
type Standing struct {
	Shift    store.Shift // the one that is open; the zero Shift where there is none
	Takings  []store.Taking
	Number   int64 // of takings that stand
	Taken    int64 // what they make
	Held     int64 // in the float, drivers' fares included
	Most     int64
	MostHeld int64
	Undo     time.Duration
	Places   []string
	Currency ledger.Currency
	Now      time.Time
}

// takingsShown bounds how many of an open shift's takings its holder sees at once.
const takingsShown = 50

// Standing is what somebody holds now.
func (c *Cash) Standing(ctx context.Context, t tenant.ID, holder uuid.UUID) (Standing, error) {
	r := c.db.Read(t)
	row, err := r.Terms(ctx)
	if err != nil {
		return Standing{}, err
	}
	terms, err := readCashTerms(row)
	if err != nil {
		return Standing{}, err
	}
	s := Standing{Most: terms.most, MostHeld: terms.mostHeld, Undo: terms.undo, Places: terms.places, Currency: terms.currency, Now: terms.now}
	held, err := r.Balance(ctx, ledger.Float(holder, terms.currency))
	if err != nil && !fault.Is(err, "account_not_found") {
		return s, err
	}
	s.Held = held.Posted
	if s.Shift, err = r.CurrentShift(ctx, holder); store.IsNotFound(err) {
		return s, nil
	} else if err != nil {
		return s, err
	}
	if s.Takings, err = r.Takings(ctx, s.Shift.ID, uuid.Nil, takingsShown); err != nil {
		return s, err
	}
	s.Number, s.Taken, err = r.Taken(ctx, s.Shift.ID)
	return s, err
}

// Riders finds whose wallet is meant: the first few of those whose address begins with q, or whose name or phone has it.
func (c *Cash) Riders(ctx context.Context, t tenant.ID, q string) ([]store.Rider, error) {
	return c.db.Read(t).FindRiders(ctx, q, ridersShown)
}

const ridersShown = 8
