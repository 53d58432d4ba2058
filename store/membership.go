package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/organisation"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Membership is a row of a page of members.
type Membership struct {
	organisation.Member
	Unit       uuid.UUID
	UnitName   string
	CostCentre string // today's
	Account    bool   // somebody with their address can sign in
}

// MemberAsk is which members a page has.
type MemberAsk struct {
	Organisation uuid.UUID
	Within       []uuid.UUID // of these units and those under them
	Today        servicedate.Date
	Q            string // part of the name, beginning of the address, or the number
	Gone         bool   // those who left too
	After        uuid.UUID
	Limit        int
}

// Members is a page of an organisation's members, by name.
func (r *Reader) Members(ctx context.Context, a MemberAsk) ([]Membership, error) {
	rows, err := r.q.MemberPage(ctx, sqlc.MemberPageParams{Today: a.Today.Midnight(), TenantID: r.tenant.UUID(), OrganisationID: a.Organisation, Within: some(a.Within),
		Gone: a.Gone, Q: a.Q, After: a.After, MaxRows: int32(a.Limit)})
	if err != nil {
		return nil, fmt.Errorf("store: members of %s: %w", a.Organisation, err)
	}
	out := make([]Membership, len(rows))
	for i := range rows {
		m := &rows[i].Membership
		out[i] = Membership{Member: memberOf(m.ID, m.Number, m.Name, m.Email, m.Phone, m.Joined, m.LeftOn), Unit: m.UnitID, UnitName: rows[i].UnitName,
			CostCentre: rows[i].CostCentre, Account: m.UserID != nil}
	}
	return out, nil
}

func memberOf(id uuid.UUID, number, name, email, phone string, joined time.Time, left *time.Time) organisation.Member {
	m := organisation.Member{ID: id.String(), Number: number, Name: name, Email: email, Phone: phone, Tenure: organisation.Tenure{Joined: dateOf(joined)}}
	if left != nil {
		m.Tenure.Left = dateOf(*left)
	}
	return m
}

// Present is those of a unit and under it who belong on a day or will, with all their cost centres: what a roster is compared with.
func (tx *Tx) Present(ctx context.Context, org, unit uuid.UUID, on servicedate.Date) ([]organisation.Member, error) {
	rows, err := tx.q.MembersPresent(ctx, tx.tenant.UUID(), org, unit, on.Midnight())
	if err != nil {
		return nil, fmt.Errorf("store: who belongs to %s: %w", unit, err)
	}
	out := make([]organisation.Member, len(rows))
	for i := range rows {
		m := &rows[i]
		out[i] = memberOf(m.ID, m.Number, m.Name, m.Email, m.Phone, m.Joined, m.LeftOn)
		if err := json.Unmarshal(m.Postings, &out[i].Tenure.Postings); err != nil {
			return nil, fmt.Errorf("store: postings of membership %s: %w", m.ID, err)
		}
	}
	return out, nil
}

// Member is one of an organisation, with all their cost centres and their unit's line to the root.
func (r *Reader) Member(ctx context.Context, org, id uuid.UUID) (m Membership, above []uuid.UUID, err error) {
	x, err := r.q.MemberGet(ctx, r.tenant.UUID(), org, id)
	if err != nil {
		return m, nil, fmt.Errorf("store: membership %s: %w", id, err)
	}
	row := &x.Membership
	m = Membership{Member: memberOf(row.ID, row.Number, row.Name, row.Email, row.Phone, row.Joined, row.LeftOn), Unit: row.UnitID, UnitName: x.UnitName, Account: row.UserID != nil}
	if err := json.Unmarshal(x.Postings, &m.Tenure.Postings); err != nil {
		return m, nil, fmt.Errorf("store: postings of membership %s: %w", id, err)
	}
	return m, x.Above, nil
}

// ApplyRoster writes what a preview says: the caller holds the organisation's row, and the preview was made of what it is
// now. Leavers come before joiners, who may have their number.
func (tx *Tx) ApplyRoster(ctx context.Context, org, unit uuid.UUID, p organisation.Preview) error {
	t, b := tx.tenant.UUID(), &pgx.Batch{}
	for i := range p.Leavers {
		b.Queue(sqlc.MemberLeave, p.On.Midnight(), t, p.Leavers[i].ID)
	}
	for i := range p.Changes {
		m := &p.Changes[i].After
		var left *time.Time
		if !m.Tenure.Left.IsZero() {
			at := m.Tenure.Left.Midnight()
			left = &at
		}
		b.Queue(sqlc.MemberChange, m.Number, m.Name, m.Phone, m.Tenure.Joined.Midnight(), left, m.Email, t, m.ID)
		tx.postings(b, m.ID, m.Tenure)
	}
	for i := range p.Joiners {
		j := &p.Joiners[i]
		id, tenure := ident.New().String(), organisation.Tenure{Joined: p.On}
		if j.CostCentre != "" {
			tenure = tenure.Move(j.CostCentre, p.On)
		}
		b.Queue(sqlc.MemberInsert, t, id, org, unit, j.Email, j.Number, j.Name, j.Phone, p.On.Midnight())
		tx.postings(b, id, tenure)
	}
	b.Queue(sqlc.OrganisationMembersChanged, t, org)
	if err := tx.conn.SendBatch(ctx, b).Close(); err != nil {
		switch constraint(err) {
		case "membership_number", "membership_email":
			return fmt.Errorf("store: apply a roster to %s: %w", unit, ErrTaken)
		}
		return fmt.Errorf("store: apply a roster to %s: %w", unit, err)
	}
	return nil
}

func (tx *Tx) postings(b *pgx.Batch, member string, t organisation.Tenure) {
	b.Queue(sqlc.PostingsClear, tx.tenant.UUID(), member)
	for _, p := range t.Postings {
		b.Queue(sqlc.PostingInsert, tx.tenant.UUID(), member, p.From.Midnight(), p.CostCentre)
	}
}

// WithRides is those of some members who have programme rides from a day on that are still to come.
func (tx *Tx) WithRides(ctx context.Context, members []uuid.UUID, from servicedate.Date) ([]uuid.UUID, error) {
	ids, err := tx.q.RidesOfLeavers(ctx, tx.tenant.UUID(), members, from.Midnight())
	if err != nil {
		return nil, fmt.Errorf("store: rides of %d members: %w", len(members), err)
	}
	return ids, nil
}

// Withdrawn is a booking that an employer no longer pays for: its rider has left by then.
type Withdrawn struct{ Booking, Rider uuid.UUID }

// ToWithdraw is the coming programme rides of somebody who left, on days on which they no longer belong.
func (r *Reader) ToWithdraw(ctx context.Context, member uuid.UUID) ([]Withdrawn, error) {
	rows, err := r.q.RidesToWithdraw(ctx, r.tenant.UUID(), member)
	if err != nil {
		return nil, fmt.Errorf("store: rides of member %s: %w", member, err)
	}
	out := make([]Withdrawn, len(rows))
	for i, x := range rows {
		out[i] = Withdrawn{x.BookingID, x.EmployeeID}
	}
	return out, nil
}

// RosterPreview is what a roster would change, as it was shown.
type RosterPreview struct {
	ID, Organisation, Unit uuid.UUID
	Roster                 int64 // of the organisation, when it was made
	FileName               string
	Preview                organisation.Preview
	By                     uuid.UUID
	At                     time.Time
	Applied                bool
}

// KeepPreview stores one and forgets old ones that nobody applied.
func (tx *Tx) KeepPreview(ctx context.Context, p RosterPreview) error {
	body, err := json.Marshal(p.Preview)
	if err != nil {
		return fmt.Errorf("store: keep a preview: %w", err)
	}
	err = tx.q.RosterPreviewInsert(ctx, sqlc.RosterPreviewInsertParams{TenantID: tx.tenant.UUID(), ID: p.ID, OrganisationID: p.Organisation, UnitID: p.Unit, Roster: p.Roster,
		OnDate: p.Preview.On.Midnight(), FileName: p.FileName, Preview: body, MadeBy: p.By})
	if err == nil {
		err = tx.q.RosterPreviewForget(ctx, tx.tenant.UUID(), p.Organisation)
	}
	if err != nil {
		return fmt.Errorf("store: keep preview %s: %w", p.ID, err)
	}
	return nil
}

// Preview is one that was kept.
func (r *Reader) Preview(ctx context.Context, id uuid.UUID) (RosterPreview, error) {
	x, err := r.q.RosterPreviewGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return RosterPreview{}, fmt.Errorf("store: read preview %s: %w", id, err)
	}
	p := RosterPreview{ID: x.ID, Organisation: x.OrganisationID, Unit: x.UnitID, Roster: x.Roster, FileName: x.FileName, By: x.MadeBy, At: x.MadeAt, Applied: x.AppliedAt != nil}
	if err := json.Unmarshal(x.Preview, &p.Preview); err != nil {
		return p, fmt.Errorf("store: read preview %s: %w", id, err)
	}
	return p, nil
}

// PreviewApplied notes who applied a preview.
func (tx *Tx) PreviewApplied(ctx context.Context, id, by uuid.UUID) error {
	if err := tx.q.RosterPreviewApplied(ctx, tx.tenant.UUID(), id, &by); err != nil {
		return fmt.Errorf("store: preview %s was applied: %w", id, err)
	}
	return nil
}
