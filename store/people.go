package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// BlockPerson lets two never be matched again, whoever of them is the expert, and answers the offers that ring between them: they are to be rescinded in the same transaction.
func (tx *Tx) BlockPerson(ctx context.Context, by, other uuid.UUID) (ringing []uuid.UUID, err error) {
	ringing, err = tx.q.PersonBlock(ctx, tx.tenant.UUID(), by, other)
	if err != nil {
		return nil, fmt.Errorf("store: block %s: %w", other, err)
	}
	return ringing, nil
}

// UnblockPerson takes one's own block back; the other's stands.
func (tx *Tx) UnblockPerson(ctx context.Context, by, other uuid.UUID) error {
	if err := tx.q.PersonUnblock(ctx, tx.tenant.UUID(), by, other); err != nil {
		return fmt.Errorf("store: unblock %s: %w", other, err)
	}
	return nil
}

// Blocked is somebody whom a person does not want to meet again.
type Blocked struct {
	User uuid.UUID
	Name string
	At   time.Time
}

// BlockedBy are those whom a person blocked, the latest first.
func (r *Reader) BlockedBy(ctx context.Context, user uuid.UUID) ([]Blocked, error) {
	rows, err := r.q.PeopleBlocked(ctx, r.tenant.UUID(), user)
	if err != nil {
		return nil, fmt.Errorf("store: list whom %s blocked: %w", user, err)
	}
	out := make([]Blocked, len(rows))
	for i, b := range rows {
		out[i] = Blocked{b.OtherID, b.Name, b.At}
	}
	return out, nil
}

// BlocksOf is how many a person blocked.
func (r *Reader) BlocksOf(ctx context.Context, user uuid.UUID) (int, error) {
	n, err := r.q.PeopleBlockedCount(ctx, r.tenant.UUID(), user)
	if err != nil {
		return 0, fmt.Errorf("store: count whom %s blocked: %w", user, err)
	}
	return int(n), nil
}

// Favourite is an expert whom a client would talk to again.
type Favourite struct {
	Expert uuid.UUID
	Name   string
	Minute ledger.Money
	Rating int // hundredths of a star
	Rated  int
	There  bool // could be rung now, but for their slots
	At     time.Time
}

// Favourites are a client's, the latest first.
func (r *Reader) Favourites(ctx context.Context, client uuid.UUID) ([]Favourite, error) {
	rows, err := r.q.Favourites(ctx, r.tenant.UUID(), client)
	if err != nil {
		return nil, fmt.Errorf("store: list favourites of %s: %w", client, err)
	}
	out := make([]Favourite, len(rows))
	for i, f := range rows {
		out[i] = Favourite{f.ExpertID, f.Name, ledger.Of(f.Price, ledger.Currency(f.Currency)), int(f.Rating), int(f.Rated), f.There, f.At}
	}
	return out, nil
}

// FavouritesOf is how many a client has, and whether either blocked the other.
func (r *Reader) FavouritesOf(ctx context.Context, client, expert uuid.UUID) (n int, blocked bool, err error) {
	count, err := r.q.FavouritesCount(ctx, r.tenant.UUID(), client)
	if err == nil {
		blocked, err = r.q.FavouriteBlocked(ctx, r.tenant.UUID(), client, expert)
	}
	if err != nil {
		return 0, false, fmt.Errorf("store: count favourites of %s: %w", client, err)
	}
	return int(count), blocked, nil
}

// AddFavourite keeps one; twice is once.
func (tx *Tx) AddFavourite(ctx context.Context, client, expert uuid.UUID) error {
	if err := tx.q.FavouriteAdd(ctx, tx.tenant.UUID(), client, expert); err != nil {
		return fmt.Errorf("store: add favourite of %s: %w", client, err)
	}
	return nil
}

// RemoveFavourite forgets one.
func (tx *Tx) RemoveFavourite(ctx context.Context, client, expert uuid.UUID) error {
	if err := tx.q.FavouriteRemove(ctx, tx.tenant.UUID(), client, expert); err != nil {
		return fmt.Errorf("store: remove favourite of %s: %w", client, err)
	}
	return nil
}

// Report is what somebody says of another with whom they talked.
type Report struct {
	ID, Session uuid.UUID
	By, About   uuid.UUID
	ByName      string
	AboutName   string
	AboutExpert bool
	OfThem      int // reports about the same person, this one among them
	Reason      string
	Words       string
	At          time.Time
	Outcome     string // dismissed, warned, suspended; "": nobody has decided
	Note        string
	DecidedAt   time.Time
}

// AddReport keeps one; false: they have reported this conversation.
func (tx *Tx) AddReport(ctx context.Context, x Report) (bool, error) {
	n, err := tx.q.ReportAdd(ctx, sqlc.ReportAddParams{TenantID: tx.tenant.UUID(), ID: x.ID, SessionID: x.Session, ByUser: x.By, AboutUser: x.About, Reason: x.Reason, Words: x.Words})
	if err != nil {
		return false, fmt.Errorf("store: add report of %s: %w", x.Session, err)
	}
	return n == 1, nil
}

// Reports are those that nobody has decided on, or all, before one (nil: all), the newest first; at most limit.
func (r *Reader) Reports(ctx context.Context, undecided bool, before uuid.UUID, limit int) ([]Report, error) {
	return r.reports(ctx, sqlc.ReportsParams{TenantID: r.tenant.UUID(), Undecided: undecided, Before: idOrNull(before), MaxRows: int32(limit)})
}

// Report is one.
func (r *Reader) Report(ctx context.Context, id uuid.UUID) (Report, error) {
	all, err := r.reports(ctx, sqlc.ReportsParams{TenantID: r.tenant.UUID(), ID: &id, MaxRows: 1})
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("store: read report %s: %w", id, pgx.ErrNoRows)
	}
	if err != nil {
		return Report{}, err
	}
	return all[0], nil
}

func (r *Reader) reports(ctx context.Context, p sqlc.ReportsParams) ([]Report, error) {
	rows, err := r.q.Reports(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("store: list reports: %w", err)
	}
	out := make([]Report, len(rows))
	for i, x := range rows {
		out[i] = Report{ID: x.ID, Session: x.SessionID, By: x.ByUser, ByName: x.ByName, About: x.AboutUser, AboutName: x.AboutName, AboutExpert: x.AboutExpert, OfThem: int(x.OfThem),
			Reason: x.Reason, Words: x.Words, At: x.At, Outcome: x.Outcome, Note: x.Note, DecidedAt: instant(x.DecidedAt)}
	}
	return out, nil
}

// DecideReport says what came of one; false: somebody has.
func (tx *Tx) DecideReport(ctx context.Context, id uuid.UUID, outcome, note string, by uuid.UUID) (bool, error) {
	n, err := tx.q.ReportDecide(ctx, sqlc.ReportDecideParams{TenantID: tx.tenant.UUID(), ID: id, Outcome: &outcome, Note: note, ByUser: by})
	if err != nil {
		return false, fmt.Errorf("store: decide on report %s: %w", id, err)
	}
	return n == 1, nil
}
