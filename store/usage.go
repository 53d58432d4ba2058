package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Usage is one ride, session or adjustment that an organisation pays for, as it was when it was over.
type Usage struct {
	ID           uuid.UUID // given when it is written
	Source       string    // ride/BOOKING, session/ID, case/ID: written once
	Organisation uuid.UUID
	Unit         uuid.UUID // nil: the organisation itself
	Programme    uuid.UUID // whose account holds the amount; nil: nothing of it is in the ledger yet
	Person       uuid.UUID
	PersonName   string
	CostCentre   string // as of the date
	Date         servicedate.Date
	At           time.Time
	Supply       invoice.Supply
	Country      string // the place of supply; with kind and date it makes the tax
	Says         string // "L12 Sidi Maarouf – Casa Port, 07:10"
	Quantity     int64
	UnitOf       string // "ride", "minute"
	Amount       int64
	Currency     string
	Invoice      uuid.UUID // that billed it; nil: none yet
}

// AddUsage writes a usage record in the transaction that completes what it is about. The same source again is harmless: the
// first record stands. Another amount under a source is idempotency_conflict, because what was said stays: an adjustment has a
// source of its own.
func (tx *Tx) AddUsage(ctx context.Context, u Usage) error {
	n, err := tx.q.UsageAdd(ctx, sqlc.UsageAddParams{TenantID: tx.tenant.UUID(), ID: ident.New(), Source: u.Source, OrganisationID: u.Organisation,
		UnitID: idOrNull(u.Unit), ProgrammeID: idOrNull(u.Programme), PersonID: idOrNull(u.Person), Person: u.PersonName, CostCentre: u.CostCentre,
		Date: u.Date.Midnight(), At: u.At, Supply: string(u.Supply), Country: u.Country, Says: u.Says, Quantity: u.Quantity, Unit: u.UnitOf,
		Amount: u.Amount, Currency: u.Currency})
	if err != nil {
		return fmt.Errorf("store: add usage of %s: %w", u.Source, err)
	}
	if n == 1 {
		return nil
	}
	was, err := tx.UsageOf(ctx, u.Source)
	if err != nil {
		return err
	}
	if was.Organisation != u.Organisation || was.Amount != u.Amount || was.Currency != u.Currency || was.Date != u.Date {
		return fault.New("idempotency_conflict")
	}
	return nil
}

// UsageOf is the record of a source.
func (r *Reader) UsageOf(ctx context.Context, source string) (Usage, error) {
	row, err := r.q.UsageBySource(ctx, r.tenant.UUID(), source)
	if err != nil {
		return Usage{}, fmt.Errorf("store: read usage of %s: %w", source, err)
	}
	return usageOf(&row), nil
}

// Unbilled is what an organisation was not billed yet, up to a day; the oldest first.
func (r *Reader) Unbilled(ctx context.Context, organisation uuid.UUID, until servicedate.Date, limit int) ([]Usage, error) {
	rows, err := r.q.UsageUnbilled(ctx, r.tenant.UUID(), organisation, until.Midnight(), int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: unbilled usage of %s: %w", organisation, err)
	}
	out := make([]Usage, len(rows))
	for i := range rows {
		out[i] = usageOf(&rows[i])
	}
	return out, nil
}

func usageOf(u *sqlc.UsageRecord) Usage {
	return Usage{ID: u.ID, Source: u.Source, Organisation: u.OrganisationID, Unit: idOrNil(u.UnitID), Programme: idOrNil(u.ProgrammeID), Person: idOrNil(u.PersonID),
		PersonName: u.Person, CostCentre: u.CostCentre, Date: servicedate.On(u.Date, time.UTC), At: u.At, Supply: invoice.Supply(u.Supply), Country: u.Country,
		Says: u.Says, Quantity: u.Quantity, UnitOf: u.Unit, Amount: u.Amount, Currency: u.Currency, Invoice: idOrNil(u.InvoiceID)}
}

func idOrNil(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}
