package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Licence is what proves that an expert may practise a skill.
type Licence struct {
	ID, Expert, Skill uuid.UUID
	Number            string
	Until             servicedate.Date // the last day on which it counts, where the operator is
	Hash              string           // of its file
	Name, Kind        string           // of its file
	Size              int64
	State             string // submitted, accepted, refused
	Why               string // it was refused
	Expired           bool   // by PostgreSQL's clock
	Days              int    // until the last of them
	CreatedAt         time.Time
}

// AddLicence keeps one; false: there is no such expert.
func (tx *Tx) AddLicence(ctx context.Context, d Licence) (bool, error) {
	n, err := tx.q.DocumentAdd(ctx, sqlc.DocumentAddParams{TenantID: tx.tenant.UUID(), ID: d.ID, ExpertID: d.Expert, SkillID: d.Skill, Number: d.Number, Until: d.Until.Midnight(),
		File: d.Hash, Name: d.Name, MediaType: d.Kind, Size: d.Size})
	if err != nil {
		return false, fmt.Errorf("store: add licence of %s: %w", d.Expert, err)
	}
	return n == 1, nil
}

// Over says whether a day is over where the operator is.
func (r *Reader) Over(ctx context.Context, day servicedate.Date) (bool, error) {
	over, err := r.q.DocumentUntilPasses(ctx, day.Midnight(), r.tenant.UUID())
	if err != nil {
		return false, fmt.Errorf("store: ask whether %s is over: %w", day, err)
	}
	return over, nil
}

// Licences are an expert's, what nobody has decided on first; at most limit.
func (r *Reader) Licences(ctx context.Context, expert uuid.UUID, limit int) ([]Licence, error) {
	return r.licences(ctx, &expert, nil, limit)
}

// Licence is one.
func (r *Reader) Licence(ctx context.Context, id uuid.UUID) (Licence, error) {
	all, err := r.licences(ctx, nil, &id, 1)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("store: read licence %s: %w", id, pgx.ErrNoRows)
	}
	if err != nil {
		return Licence{}, err
	}
	return all[0], nil
}

func (r *Reader) licences(ctx context.Context, expert, id *uuid.UUID, limit int) ([]Licence, error) {
	rows, err := r.q.Documents(ctx, r.tenant.UUID(), expert, id, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: read licences: %w", err)
	}
	out := make([]Licence, len(rows))
	for i, d := range rows {
		out[i] = Licence{ID: d.ID, Expert: d.ExpertID, Skill: d.SkillID, Number: d.Number, Until: servicedate.On(d.Until, time.UTC), Hash: d.File, Name: d.Name, Kind: d.MediaType, Size: d.Size,
			State: d.State, Why: d.Why, Expired: d.Expired, Days: int(d.Days), CreatedAt: d.CreatedAt}
	}
	return out, nil
}

// LicencesKept is how many of an expert's count, or may yet. Who adds one holds the expert until the commit.
func (tx *Tx) LicencesKept(ctx context.Context, expert uuid.UUID) (int, error) {
	n, err := tx.q.DocumentsOf(ctx, tx.tenant.UUID(), expert)
	if err != nil {
		return 0, fmt.Errorf("store: count licences of %s: %w", expert, err)
	}
	return int(n), nil
}

// DecideLicence says whether one counts, and why not.
func (tx *Tx) DecideLicence(ctx context.Context, id uuid.UUID, state, why string, by uuid.UUID) error {
	n, err := tx.q.DocumentDecide(ctx, sqlc.DocumentDecideParams{State: state, Why: why, ByUser: by, TenantID: tx.tenant.UUID(), ID: id})
	if err == nil && n != 1 {
		err = pgx.ErrNoRows
	}
	if err != nil {
		return fmt.Errorf("store: decide on licence %s: %w", id, err)
	}
	return nil
}

// Day is a stretch of one day that is not as usual to an expert, or a queue.
type Day struct {
	Date  servicedate.Date `json:"date"`
	Away  bool             `json:"away"` // then there are no minutes
	From  int              `json:"from"` // from its midnight
	Until int              `json:"until"`
}

// ExpertDays are an expert's, in their order.
func (r *Reader) ExpertDays(ctx context.Context, expert uuid.UUID) ([]Day, error) {
	rows, err := r.q.ExpertDays(ctx, r.tenant.UUID(), expert)
	if err != nil {
		return nil, fmt.Errorf("store: read days of %s: %w", expert, err)
	}
	out := make([]Day, len(rows))
	for i, d := range rows {
		out[i] = Day{Date: servicedate.On(d.OnDate, time.UTC), Away: d.FromMinute < 0, From: max(0, int(d.FromMinute)), Until: max(0, int(d.UntilMinute))}
	}
	return out, nil
}

// WriteExpertDays is which days are not as usual, from now on. They come in their order.
func (tx *Tx) WriteExpertDays(ctx context.Context, expert uuid.UUID, days []Day) error {
	t, p := tx.tenant.UUID(), splitDays(days)
	p.TenantID, p.ExpertID = t, expert
	err := tx.q.ExpertDaysClear(ctx, t, expert)
	if err == nil && len(days) > 0 {
		err = tx.q.ExpertDaysAdd(ctx, p)
	}
	if err != nil {
		return fmt.Errorf("store: write days of %s: %w", expert, err)
	}
	return nil
}

// splitDays is days as columns; each is numbered among those of its date.
func splitDays(days []Day) (p sqlc.ExpertDaysAddParams) {
	for i, d := range days {
		n := int16(1)
		if i > 0 && days[i-1].Date == d.Date {
			n = p.Numbers[i-1] + 1
		}
		from, until := int16(d.From), int16(d.Until)
		if d.Away {
			from, until = -1, -1
		}
		p.Dates, p.Numbers, p.Froms, p.Untils = append(p.Dates, d.Date.Midnight()), append(p.Numbers, n), append(p.Froms, from), append(p.Untils, until)
	}
	return p
}
