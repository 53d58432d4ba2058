package employer

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/organisation"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// Upload is a roster as a manager sends it.
type Upload struct {
	Organisation, Unit uuid.UUID // the nil unit: the one that the caller manages
	FileName, CSV      string
	On                 servicedate.Date // from when it holds; zero: today
}

// Preview is what an upload would change, or what is wrong with the file: then it was not kept and cannot be applied.
type Preview struct {
	store.RosterPreview
	Report organisation.Report
}

const (
	longestBack  = 31  // days: what was billed is not to be told anew
	longestAhead = 366 // days
)

// callingCodes are those of the countries that operators run in: what a phone number with a leading 0 belongs to.
var callingCodes = map[string]string{"MA": "+212", "AE": "+971", "KE": "+254", "EG": "+20", "TN": "+216", "DZ": "+213", "SN": "+221", "CI": "+225", "FR": "+33", "SA": "+966", "NG": "+234", "RW": "+250"}

// PreviewRoster reads a file, compares it with who belongs to the unit, and keeps what it would change. Nothing changes yet.
func (s *Service) PreviewRoster(ctx context.Context, claim idem.Claim, up Upload) (Preview, error) {
	a, err := caller(ctx)
	if err != nil {
		return Preview{}, err
	}
	r := s.db.Read(a.Tenant)
	o, units, within, err := reach(ctx, r, a, policy.CompanyWrite, up.Organisation)
	if err != nil {
		return Preview{}, err
	}
	if up.Unit == uuid.Nil {
		up.Unit = within[0]
	}
	if !slices.ContainsFunc(units, func(u store.Unit) bool { return u.ID == up.Unit && u.Active }) {
		return Preview{}, fault.New("not_found")
	}
	today := s.today(o)
	if up.On.IsZero() {
		up.On = today
	}
	if up.On < today.AddDays(-longestBack) || up.On > today.AddDays(longestAhead) {
		return Preview{}, fault.New("out_of_range").At("/on")
	}
	roster, report, err := organisation.ReadRoster(strings.NewReader(up.CSV), organisation.Options{CountryCode: callingCodes[o.Country]})
	if err != nil {
		return Preview{}, err
	}
	if report.Failed() {
		return Preview{Report: report}, nil
	}
	id := ident.New()
	kept, err := once(ctx, s, a, claim, 201, func(tx *store.Tx) (uuid.UUID, error) {
		o, err := tx.LockOrganisation(ctx, up.Organisation) // nobody joins or leaves while this is compared
		if err != nil {
			return uuid.Nil, err
		}
		present, err := tx.Present(ctx, o.ID, up.Unit, up.On)
		if err != nil {
			return uuid.Nil, err
		}
		return id, tx.KeepPreview(ctx, store.RosterPreview{ID: id, Organisation: o.ID, Unit: up.Unit, Roster: o.Roster, FileName: up.FileName,
			Preview: organisation.Compare(present, roster, up.On, nil), By: a.User})
	})
	if err != nil {
		return Preview{}, err
	}
	p, err := r.Preview(ctx, kept)
	return Preview{RosterPreview: p, Report: report}, err
}

// Applied is what a roster changed.
type Applied struct {
	ID        uuid.UUID `json:"id"`
	Joined    int       `json:"joined"`
	Left      int       `json:"left"`
	Changed   int       `json:"changed"`
	Unchanged int       `json:"unchanged"`
	LeftOut   int       `json:"left_out"`  // rows in conflict
	Withdrawn int       `json:"withdrawn"` // leavers whose coming rides are being cancelled
}

// ApplyRoster does what a preview showed, all of it or nothing. alarmed says that the caller knows that more than half leave.
func (s *Service) ApplyRoster(ctx context.Context, claim idem.Claim, id uuid.UUID, alarmed bool) (Applied, error) {
	a, err := caller(ctx)
	if err != nil {
		return Applied{}, err
	}
	r := s.db.Read(a.Tenant)
	shown, err := r.Preview(ctx, id)
	if store.IsNotFound(err) {
		return Applied{}, fault.New("not_found")
	}
	if err != nil {
		return Applied{}, err
	}
	u, err := r.Unit(ctx, shown.Unit)
	if err != nil {
		return Applied{}, err
	}
	if err := on(ctx, a, policy.CompanyWrite, u.ID, u.Above); err != nil { // before the claim: a repeat, too, asks whether it may hear the answer
		return Applied{}, err
	}
	return once(ctx, s, a, claim, 200, func(tx *store.Tx) (Applied, error) {
		o, err := tx.LockOrganisation(ctx, shown.Organisation)
		if err != nil {
			return Applied{}, err
		}
		shown, err := tx.Preview(ctx, id) // again, behind the lock
		if err != nil {
			return Applied{}, err
		}
		switch {
		case shown.Applied:
			return Applied{}, fault.New("roster_applied")
		case shown.Roster != o.Roster:
			return Applied{}, fault.New("roster_changed")
		case shown.Preview.Alarming && !alarmed:
			return Applied{}, fault.New("roster_alarming")
		}
		return s.apply(ctx, tx, a, shown)
	})
}

func (s *Service) apply(ctx context.Context, tx *store.Tx, a policy.Actor, shown store.RosterPreview) (Applied, error) {
	p := shown.Preview
	if err := tx.ApplyRoster(ctx, shown.Organisation, shown.Unit, p); errors.Is(err, store.ErrTaken) {
		return Applied{}, fault.New("roster_elsewhere") // another unit has somebody of this number or address
	} else if err != nil {
		return Applied{}, err
	}
	gone, err := withdraw(ctx, tx, p)
	if err != nil {
		return Applied{}, err
	}
	if err := tx.PreviewApplied(ctx, shown.ID, a.User); err != nil {
		return Applied{}, err
	}
	done := Applied{ID: shown.ID, Joined: len(p.Joiners), Left: len(p.Leavers), Changed: len(p.Changes), Unchanged: p.Unchanged, LeftOut: len(p.Conflicts), Withdrawn: gone}
	return done, tx.Audit(store.Audit{Actor: a.User, Action: "roster.applied", Target: "organisation/" + shown.Organisation.String(), Detail: done})
}

// withdraw has the coming rides of those who leave cancelled, and says of how many of them.
func withdraw(ctx context.Context, tx *store.Tx, p organisation.Preview) (int, error) {
	leavers := make([]uuid.UUID, len(p.Leavers))
	for i, l := range p.Leavers {
		leavers[i] = uuid.MustParse(l.ID)
	}
	gone, err := tx.WithRides(ctx, leavers, p.On)
	if err != nil {
		return 0, err
	}
	for _, member := range gone {
		if err := tx.AddJob(ctx, errand.WithdrawRides{Member: member}, member.String()+"/"+p.On.String()); err != nil {
			return 0, err
		}
	}
	return len(gone), nil
}
