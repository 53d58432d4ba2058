package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Organisation is a tenant's business customer, with what an invoice to it says.
type Organisation struct {
	ID        uuid.UUID `json:"id"`
	Name      string    `json:"name"`
	LegalName string    `json:"legal_name"`
	Address   []string  `json:"address"`
	Country   string    `json:"country"`
	TaxIDs    []TaxID   `json:"tax_ids"`
	Email     string    `json:"email"`
	Currency  string    `json:"currency"`
	TimeZone  string    `json:"time_zone"`
	Locale    string    `json:"locale"`
	Terms     string    `json:"terms"` // of payment: net_30, eom_30, net_30_eom
	PONumber  string    `json:"po_number"`
	Active    bool      `json:"active"`
	Roster    int64     `json:"-"` // grows with every change of who belongs
	Members   int64     `json:"members"`
}

// TaxID is a tax or trade identifier: ICE, IF and RC in Morocco, TRN in the UAE.
type TaxID struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Unit is a part of an organisation. The root has the organisation's id.
type Unit struct {
	ID           uuid.UUID   `json:"id"`
	Organisation uuid.UUID   `json:"-"`
	Above        []uuid.UUID `json:"above"` // from the root to itself
	Name         string      `json:"name"`
	Active       bool        `json:"active"`
}

// Manager is somebody who manages a unit and those under it.
type Manager struct {
	User     uuid.UUID `json:"user"`
	Name     string    `json:"name"`
	Email    string    `json:"email"`
	Unit     uuid.UUID `json:"unit"`
	UnitName string    `json:"unit_name"`
	Roles    []string  `json:"roles,omitempty"` // held within the unit, and since when: told by ManagersAfter
	Since    time.Time `json:"since,omitzero"`
}

func organisationOf(o *sqlc.Organisation) (Organisation, error) {
	out := Organisation{ID: o.ID, Name: o.Name, LegalName: o.LegalName, Address: o.Address, Country: o.Country, Email: o.Email, Currency: o.Currency,
		TimeZone: o.TimeZone, Locale: o.Locale, Terms: o.Terms, PONumber: o.PoNumber, Active: o.Active, Roster: o.Roster}
	if err := json.Unmarshal(o.TaxIds, &out.TaxIDs); err != nil {
		return out, fmt.Errorf("store: tax ids of organisation %s: %w", o.ID, err)
	}
	return out, nil
}

func unitOf(u *sqlc.Unit) Unit { return Unit{u.ID, u.OrganisationID, u.Above, u.Name, u.Active} }

// Organisation is one of them.
func (r *Reader) Organisation(ctx context.Context, id uuid.UUID) (Organisation, error) {
	o, err := r.q.OrganisationGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return Organisation{}, fmt.Errorf("store: read organisation %s: %w", id, err)
	}
	return organisationOf(&o)
}

// LockOrganisation reads it and holds the row: who belongs to it changes under this lock.
func (tx *Tx) LockOrganisation(ctx context.Context, id uuid.UUID) (Organisation, error) {
	o, err := tx.q.OrganisationLock(ctx, tx.tenant.UUID(), id)
	if err != nil {
		return Organisation{}, fmt.Errorf("store: lock organisation %s: %w", id, err)
	}
	return organisationOf(&o)
}

// Organisations is a page by name after an id, of all (within is nil) or of those that the units are of.
func (r *Reader) Organisations(ctx context.Context, within []uuid.UUID, after uuid.UUID, limit int) ([]Organisation, error) {
	rows, err := r.q.OrganisationPage(ctx, sqlc.OrganisationPageParams{TenantID: r.tenant.UUID(), Everywhere: within == nil, Within: some(within), After: after, MaxRows: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("store: list organisations: %w", err)
	}
	out := make([]Organisation, len(rows))
	for i := range rows {
		if out[i], err = organisationOf(&rows[i].Organisation); err != nil {
			return nil, err
		}
		out[i].Members = rows[i].Members
	}
	return out, nil
}

// some is a list that PostgreSQL reads as one, also when it is empty.
func some[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

// AddOrganisation makes one with its root unit; ErrTaken when another has the name.
func (tx *Tx) AddOrganisation(ctx context.Context, o Organisation) error {
	ids, err := json.Marshal(o.TaxIDs)
	if err != nil {
		return fmt.Errorf("store: tax ids: %w", err)
	}
	err = tx.q.OrganisationInsert(ctx, sqlc.OrganisationInsertParams{TenantID: tx.tenant.UUID(), ID: o.ID, Name: o.Name, LegalName: o.LegalName, Address: o.Address,
		Country: o.Country, TaxIds: ids, Email: o.Email, Currency: o.Currency, TimeZone: o.TimeZone, Locale: o.Locale, Terms: o.Terms, PoNumber: o.PONumber})
	if constraint(err) == "organisation_tenant_id_name_key" {
		return fmt.Errorf("store: add organisation: %w", ErrTaken)
	}
	if err == nil {
		err = tx.q.UnitInsert(ctx, sqlc.UnitInsertParams{TenantID: tx.tenant.UUID(), ID: o.ID, OrganisationID: o.ID, Above: []uuid.UUID{o.ID}, Name: o.Name})
	}
	if err != nil {
		return fmt.Errorf("store: add organisation %s: %w", o.ID, err)
	}
	return nil
}

// OrganisationsNamed is those of whose name something is a part, by name.
func (r *Reader) OrganisationsNamed(ctx context.Context, part string, limit int) ([]uuid.UUID, error) {
	ids, err := r.q.OrganisationsNamed(ctx, r.tenant.UUID(), part, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: organisations by name: %w", err)
	}
	return ids, nil
}

// CurrencySold is whether the operator keeps its books or asks fares in a currency.
func (r *Reader) CurrencySold(ctx context.Context, currency string) (bool, error) {
	sold, err := r.q.CurrencySold(ctx, r.tenant.UUID(), currency)
	if err != nil {
		return false, fmt.Errorf("store: what is sold in %s: %w", currency, err)
	}
	return sold, nil
}

// OrganisationWaits is whether something of an organisation is in another currency than this one and not billed. Whoever asks holds its row.
func (tx *Tx) OrganisationWaits(ctx context.Context, id uuid.UUID, currency string) (bool, error) {
	waits, err := tx.q.OrganisationWaitsIn(ctx, tx.tenant.UUID(), id, currency)
	if err != nil {
		return false, fmt.Errorf("store: what waits for organisation %s: %w", id, err)
	}
	return waits, nil
}

// ChangeOrganisation writes all of it; ErrTaken when another has the name.
func (tx *Tx) ChangeOrganisation(ctx context.Context, o Organisation) error {
	ids, err := json.Marshal(o.TaxIDs)
	if err != nil {
		return fmt.Errorf("store: tax ids: %w", err)
	}
	err = tx.q.OrganisationUpdate(ctx, sqlc.OrganisationUpdateParams{TenantID: tx.tenant.UUID(), ID: o.ID, Name: o.Name, LegalName: o.LegalName, Address: o.Address,
		Country: o.Country, TaxIds: ids, Email: o.Email, Currency: o.Currency, TimeZone: o.TimeZone, Locale: o.Locale, Terms: o.Terms, PoNumber: o.PONumber, Active: o.Active})
	if constraint(err) == "organisation_tenant_id_name_key" {
		return fmt.Errorf("store: change organisation: %w", ErrTaken)
	}
	if err != nil {
		return fmt.Errorf("store: change organisation %s: %w", o.ID, err)
	}
	return nil
}

// Unit is one of them.
func (r *Reader) Unit(ctx context.Context, id uuid.UUID) (Unit, error) {
	u, err := r.q.UnitGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return Unit{}, fmt.Errorf("store: read unit %s: %w", id, err)
	}
	return unitOf(&u), nil
}

// Units is an organisation's tree, those above before those under them.
func (r *Reader) Units(ctx context.Context, organisation uuid.UUID) ([]Unit, error) {
	rows, err := r.q.UnitsOf(ctx, r.tenant.UUID(), organisation)
	if err != nil {
		return nil, fmt.Errorf("store: units of %s: %w", organisation, err)
	}
	out := make([]Unit, len(rows))
	for i := range rows {
		out[i] = unitOf(&rows[i])
	}
	return out, nil
}

// AddUnit makes a unit under another; ErrTaken when one beside it has the name.
func (tx *Tx) AddUnit(ctx context.Context, u Unit) error {
	parent := u.Above[len(u.Above)-2]
	err := tx.q.UnitInsert(ctx, sqlc.UnitInsertParams{TenantID: tx.tenant.UUID(), ID: u.ID, OrganisationID: u.Organisation, ParentID: &parent, Above: u.Above, Name: u.Name})
	if constraint(err) == "unit_tenant_id_organisation_id_parent_id_name_key" {
		return fmt.Errorf("store: add unit: %w", ErrTaken)
	}
	if err != nil {
		return fmt.Errorf("store: add unit %s: %w", u.ID, err)
	}
	return nil
}

// Managers is who manages an organisation or a part of it.
func (r *Reader) Managers(ctx context.Context, organisation uuid.UUID) ([]Manager, error) {
	rows, err := r.q.ManagersOf(ctx, r.tenant.UUID(), organisation)
	if err != nil {
		return nil, fmt.Errorf("store: managers of %s: %w", organisation, err)
	}
	out := make([]Manager, len(rows))
	for i, m := range rows {
		out[i] = Manager{User: m.ID, Name: m.Name, Email: m.Email, Unit: m.UnitID, UnitName: m.UnitName}
	}
	return out, nil
}

// ManagersAfter is a page, by name, of what is held within an organisation and its parts, after what a user holds within a unit.
func (r *Reader) ManagersAfter(ctx context.Context, organisation, user, unit uuid.UUID, limit int) ([]Manager, error) {
	rows, err := r.q.ManagerPage(ctx, sqlc.ManagerPageParams{TenantID: r.tenant.UUID(), OrganisationID: organisation, AfterUser: user, AfterUnit: unit, MaxRows: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("store: list managers of %s: %w", organisation, err)
	}
	out := make([]Manager, len(rows))
	for i, m := range rows {
		out[i] = Manager{m.ID, m.Name, m.Email, m.UnitID, m.UnitName, m.Roles, m.Since}
	}
	return out, nil
}

// GiveUnitRole lets a user hold a role within a unit; again changes nothing.
func (tx *Tx) GiveUnitRole(ctx context.Context, user, unit uuid.UUID, role string) error {
	if err := tx.q.UnitRoleGive(ctx, user, unit, tx.tenant.UUID(), role); err != nil {
		return fmt.Errorf("store: give user %s the role %s in unit %s: %w", user, role, unit, err)
	}
	return nil
}

// TakeUnitRoles ends what a user holds within a unit of an organisation, or within all of it when no unit is said, and tells where
// that was.
func (tx *Tx) TakeUnitRoles(ctx context.Context, user, organisation uuid.UUID, unit *uuid.UUID) ([]uuid.UUID, error) {
	units, err := tx.q.UnitRoleTake(ctx, tx.tenant.UUID(), user, organisation, unit)
	if err != nil {
		return nil, fmt.Errorf("store: take what user %s holds in %s: %w", user, organisation, err)
	}
	return units, nil
}

// Clock is PostgreSQL's.
func (tx *Tx) Clock(ctx context.Context) (now time.Time, err error) {
	err = tx.conn.QueryRow(ctx, "select statement_timestamp()").Scan(&now)
	return now, err
}
