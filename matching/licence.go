package matching

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/session/file"
	"github.com/waymeet/waymeet/store"
)

const (
	mostLicences = 40 // of an expert, that count or may yet
	shownAtOnce  = 100
	linkFor      = 5 * time.Minute
	longestFile  = 120 // a file's name
	longestWhy   = 500
)

// HandIn keeps what proves that an expert may practise a skill, until somebody decides on it. The bytes are kept before the row that names them:
// what nobody names is nobody's to see. A repeat under the same key with the same file is one licence.
func (s *Service) HandIn(ctx context.Context, by By, claim idem.Claim, d store.Licence, from io.Reader) (out store.Licence, err error) {
	d.Number, d.Name = strings.TrimSpace(d.Number), strings.TrimSpace(d.Name)
	if err := first(checkName(d.Number, "query/number"), checkFileName(d.Name)); err != nil {
		return out, err
	}
	if s.files == nil {
		return out, fault.New("files_not_set_up")
	}
	// Asked before a byte is read, and again when it is written down.
	if err := mayHandIn(ctx, s.db.Read(by.Tenant), by, d); err != nil {
		return out, err
	}
	f, err := s.files.Put(ctx, by.Tenant, from)
	if err != nil {
		return out, err
	}
	d.Expert, d.Hash, d.Kind, d.Size = by.User, f.Hash, f.Kind, f.Size
	claim.Hash = idem.HashOf([]any{claim.Hash, d.Skill, d.Number, d.Until, d.Name, f.Hash})
	err = s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, http.StatusCreated, func() (any, error) {
			kept, err := tx.LicencesKept(ctx, by.User)
			if err == nil && kept >= mostLicences {
				err = fault.New("licence_too_many")
			}
			if err == nil {
				err = mayHandIn(ctx, &tx.Reader, by, d)
			}
			if err != nil {
				return nil, err
			}
			d.ID = ident.New()
			known, err := tx.AddLicence(ctx, d)
			if err == nil && !known {
				err = fault.New("expert_not_found")
			}
			return d.ID, err
		})
		if err != nil {
			return err
		}
		var id uuid.UUID
		if err := json.Unmarshal(answer, &id); err != nil {
			return err
		}
		out, err = tx.Licence(ctx, id)
		return err
	})
	return out, err
}

func mayHandIn(ctx context.Context, r *store.Reader, by By, d store.Licence) error {
	if _, err := r.ExpertProfile(ctx, by.User); err != nil {
		if store.IsNotFound(err) {
			err = fault.New("expert_not_found")
		}
		return err
	}
	if n, err := r.SkillsKnown(ctx, []uuid.UUID{d.Skill}); err != nil || n != 1 {
		if err == nil {
			err = fault.New("skill_not_found").At("query/skill")
		}
		return err
	}
	over, err := r.Over(ctx, d.Until)
	if err == nil && over {
		err = fault.New("licence_expired").At("query/until")
	}
	return err
}

func checkFileName(name string) error {
	if n := utf8.RuneCountInString(name); n == 0 || n > longestFile || strings.ContainsAny(name, `/\`) {
		return fault.New("bad_value").At("query/name")
	}
	return nil
}

// Licences are an expert's, what nobody has decided on first.
func (s *Service) Licences(ctx context.Context, t tenant.ID, expert uuid.UUID) ([]store.Licence, error) {
	r := s.db.Read(t)
	if _, err := r.ExpertProfile(ctx, expert); err != nil {
		if store.IsNotFound(err) {
			err = fault.New("expert_not_found")
		}
		return nil, err
	}
	return r.Licences(ctx, expert, shownAtOnce)
}

// Licence is one, whosever: who may see it is the caller's to ask.
func (s *Service) Licence(ctx context.Context, t tenant.ID, id uuid.UUID) (store.Licence, error) {
	d, err := s.db.Read(t).Licence(ctx, id)
	if store.IsNotFound(err) {
		err = fault.New("licence_not_found")
	}
	return d, err
}

// LicenceLink lets somebody who may see a licence fetch its file: a token, and until when it leads there.
func (s *Service) LicenceLink(t tenant.ID, d store.Licence) (token string, until time.Time, err error) {
	if s.files == nil || d.Hash == "" {
		return "", until, fault.New("files_not_set_up")
	}
	until = time.Now().Add(linkFor).Truncate(time.Second)
	return file.Link{Tenant: t, Hash: d.Hash, Kind: d.Kind, Name: d.Name, Until: until}.Token(s.fileKey), until, nil
}

// DecideLicence says whether a licence counts; why is for its expert, when it does not. One that counted may be refused later: from that moment
// on nobody is rung for its skill by it.
func (s *Service) DecideLicence(ctx context.Context, by By, id uuid.UUID, accept bool, why string) (out store.Licence, err error) {
	why = strings.TrimSpace(why)
	switch n := utf8.RuneCountInString(why); {
	case !accept && n == 0:
		return out, fault.New("required").At("/why")
	case n > longestWhy:
		return out, fault.New("too_long").At("/why")
	}
	state := map[bool]string{true: "accepted", false: "refused"}[accept]
	if accept {
		why = ""
	}
	err = s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		d, err := tx.Licence(ctx, id)
		switch {
		case store.IsNotFound(err):
			return fault.New("licence_not_found")
		case err != nil:
			return err
		case d.Expert == by.User:
			return fault.New("expert_own")
		case accept && d.Expired:
			return fault.New("licence_expired")
		}
		if err := tx.DecideLicence(ctx, id, state, why, by.User); err != nil {
			return err
		}
		if err := tx.Audit(store.Audit{Actor: by.User, Action: "expert.licence", Target: "expert/" + d.Expert.String(), Detail: map[string]any{"licence": id, "state": state, "why": why}}); err != nil {
			return err
		}
		out, err = tx.Licence(ctx, id)
		return err
	})
	if err == nil {
		s.matcher.stir(by.Tenant, out.Expert)
	}
	return out, err
}
