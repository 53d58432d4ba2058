package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/programme"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

func nullable(l programme.Limit) *int64 {
	if !l.Set {
		return nil
	}
	return &l.Amount
}

func rides(l programme.Limit) *int32 {
	if !l.Set {
		return nil
	}
	n := int32(l.Amount)
	return &n
}

func day(d servicedate.Date) *time.Time {
	if d.IsZero() {
		return nil
	}
	m := d.Midnight()
	return &m
}

func uuids(texts []string) []uuid.UUID {
	out := make([]uuid.UUID, len(texts))
	for i, s := range texts {
		out[i] = uuid.MustParse(s) // they were checked, and looked up
	}
	return out
}

// AddProgramme adds one.
func (tx *Tx) AddProgramme(ctx context.Context, p Programme) error {
	t := &p.Terms
	err := tx.q.ProgrammeInsert(ctx, sqlc.ProgrammeInsertParams{TenantID: tx.tenant.UUID(), ID: p.ID, OrganisationID: p.Organisation, UnitID: p.Unit, Name: p.Name,
		Currency: t.Currency, Percent: int16(t.Percent), Fixed: t.Fixed, RideCap: nullable(t.RideCap), MonthCap: nullable(t.MonthCap), MonthRides: rides(t.MonthRides),
		Budget: nullable(t.Budget), Lines: uuids(t.Lines), Stops: uuids(t.Stops), Weekdays: int16(t.Days), HoursFrom: int32(t.Hours.From), HoursUntil: int32(t.Hours.Until),
		TimeZone: p.Zone, NoShow: NoShowName(t.NoShow), CostCentre: t.CostCentre, ValidFrom: t.From.Midnight(), ValidUntil: day(t.Until), Active: p.Active})
	if err != nil {
		return fmt.Errorf("store: add programme %s: %w", p.ID, err)
	}
	return nil
}

// ChangeProgramme writes all of it but whose it is.
func (tx *Tx) ChangeProgramme(ctx context.Context, p Programme) error {
	t := &p.Terms
	err := tx.q.ProgrammeUpdate(ctx, sqlc.ProgrammeUpdateParams{TenantID: tx.tenant.UUID(), ID: p.ID, Name: p.Name,
		Currency: t.Currency, Percent: int16(t.Percent), Fixed: t.Fixed, RideCap: nullable(t.RideCap), MonthCap: nullable(t.MonthCap), MonthRides: rides(t.MonthRides),
		Budget: nullable(t.Budget), Lines: uuids(t.Lines), Stops: uuids(t.Stops), Weekdays: int16(t.Days), HoursFrom: int32(t.Hours.From), HoursUntil: int32(t.Hours.Until),
		TimeZone: p.Zone, NoShow: NoShowName(t.NoShow), CostCentre: t.CostCentre, ValidFrom: t.From.Midnight(), ValidUntil: day(t.Until), Active: p.Active})
	if err != nil {
		return fmt.Errorf("store: change programme %s: %w", p.ID, err)
	}
	return nil
}

// LockProgramme reads one with the units that it is of, and holds the row.
func (tx *Tx) LockProgramme(ctx context.Context, id uuid.UUID) (Programme, []uuid.UUID, error) {
	row, err := tx.q.ProgrammeGet(ctx, tx.tenant.UUID(), id)
	if err != nil {
		return Programme{}, nil, fmt.Errorf("store: lock programme %s: %w", id, err)
	}
	p, err := programmeOf(&row.Programme)
	return p, row.Above, err
}

// ProgrammesOf is an organisation's programmes for some units and those under them.
func (r *Reader) ProgrammesOf(ctx context.Context, org uuid.UUID, within []uuid.UUID) ([]Programme, error) {
	rows, err := r.q.ProgrammesOf(ctx, r.tenant.UUID(), org, some(within))
	if err != nil {
		return nil, fmt.Errorf("store: programmes of %s: %w", org, err)
	}
	out := make([]Programme, len(rows))
	for i := range rows {
		if out[i], err = programmeOf(&rows[i].Programme); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// KnowsPlaces says whether all of these are lines and stops of the tenant.
func (r *Reader) KnowsPlaces(ctx context.Context, lines, stops []uuid.UUID) (bool, bool, error) {
	l, err := r.q.LinesKnown(ctx, r.tenant.UUID(), some(lines))
	if err != nil {
		return false, false, fmt.Errorf("store: look lines up: %w", err)
	}
	s, err := r.q.StopsKnown(ctx, r.tenant.UUID(), some(stops))
	if err != nil {
		return false, false, fmt.Errorf("store: look stops up: %w", err)
	}
	return len(l) == len(lines), len(s) == len(stops), nil
}
