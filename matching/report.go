package matching

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

const (
	longestReport = 2000
	mostEvidence  = 500 // messages: as many as a conversation has
)

// Report brings what somebody says of another to whoever runs queues, with their conversation as its evidence; and lets the two never meet again, if they want so. Once a
// conversation each. Whether they had it the caller has asked.
func (s *Service) Report(ctx context.Context, by By, claim idem.Claim, x store.Report, blocks bool) (id uuid.UUID, err error) {
	x.Words = strings.TrimSpace(x.Words)
	switch {
	case !slices.Contains([]string{"abuse", "fraud", "unqualified", "other"}, x.Reason):
		return id, fault.New("bad_value").At("/reason")
	case x.Reason == "other" && x.Words == "":
		return id, fault.New("required").At("/words")
	case utf8.RuneCountInString(x.Words) > longestReport:
		return id, fault.New("too_long").At("/words")
	}
	var freed []uuid.UUID
	err = s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, http.StatusCreated, func() (any, error) {
			x.ID, x.By = ident.New(), by.User
			added, err := tx.AddReport(ctx, x)
			if err == nil && !added {
				err = fault.New("report_made")
			}
			if err == nil && blocks {
				freed, err = block(ctx, tx, by.User, x.About)
			}
			return x.ID, err
		})
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &id)
	})
	if err == nil {
		s.matcher.stir(by.Tenant, freed...)
	}
	return id, err
}

// Reports are those that nobody has decided on, or all, before one, the newest first.
func (s *Service) Reports(ctx context.Context, t tenant.ID, undecided bool, before uuid.UUID, limit int) ([]store.Report, error) {
	return s.db.Read(t).Reports(ctx, undecided, before, limit)
}

// Evidence is a report with what was written in its conversation. Who reads other people's words leaves an audit row.
func (s *Service) Evidence(ctx context.Context, by By, id uuid.UUID) (x store.Report, said []event.Message, err error) {
	err = s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		if x, err = tx.Report(ctx, id); err != nil {
			if store.IsNotFound(err) {
				err = fault.New("report_not_found")
			}
			return err
		}
		if said, err = tx.Messages(ctx, x.Session, 0, mostEvidence); err != nil {
			return err
		}
		return tx.Audit(store.Audit{Actor: by.User, Action: "report.read", Target: "report/" + id.String(), Detail: map[string]any{"session": x.Session}})
	})
	return x, said, err
}

// DecideReport says what came of a report, once: nothing, a warning, or the suspension of the expert whom it is about, with the note as its reason.
func (s *Service) DecideReport(ctx context.Context, by By, id uuid.UUID, outcome, note string) (x store.Report, err error) {
	note = strings.TrimSpace(note)
	switch {
	case !slices.Contains([]string{"dismissed", "warned", "suspended"}, outcome):
		return x, fault.New("bad_value").At("/outcome")
	case outcome != "dismissed" && note == "":
		return x, fault.New("required").At("/note")
	case utf8.RuneCountInString(note) > longestWhy:
		return x, fault.New("too_long").At("/note")
	}
	err = s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		if x, err = tx.Report(ctx, id); err != nil {
			if store.IsNotFound(err) {
				err = fault.New("report_not_found")
			}
			return err
		}
		if x.By == by.User || x.About == by.User {
			return fault.New("report_own")
		}
		decided, err := tx.DecideReport(ctx, id, outcome, note, by.User)
		if err == nil && !decided {
			err = fault.New("report_decided")
		}
		if err == nil && outcome == "suspended" {
			err = suspend(ctx, tx, x.About, note, by.User)
		}
		if err == nil {
			err = tx.Audit(store.Audit{Actor: by.User, Action: "report.decide", Target: "report/" + id.String(), Detail: map[string]any{"outcome": outcome, "about": x.About, "note": note}})
		}
		if err != nil {
			return err
		}
		x, err = tx.Report(ctx, id)
		return err
	})
	if err == nil {
		s.matcher.stir(by.Tenant, x.About)
	}
	return x, err
}

func suspend(ctx context.Context, tx *store.Tx, expert uuid.UUID, why string, by uuid.UUID) error {
	p, err := tx.ExpertProfile(ctx, expert)
	if store.IsNotFound(err) {
		return fault.New("expert_not_found")
	}
	if err == nil {
		_, err = tx.PractiseExpert(ctx, expert, p.State, true, why, by)
	}
	if err == nil {
		err = tx.Audit(store.Audit{Actor: by, Action: "expert.practice", Target: "expert/" + expert.String(), Detail: map[string]any{"state": p.State, "suspended": true, "why": why}})
	}
	return err
}
