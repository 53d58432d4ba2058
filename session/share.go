package session

import (
	"context"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/session/file"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

const (
	linkFor     = 5 * time.Minute // whoever wants the file later asks for another link
	longestName = 120
)

// Share hands a file to the others, as a message that has its name. Whether somebody may is asked before a byte of it is read, and again
// when it is written down; a repeat under the same key with the same file is one message.
func (s *Service) Share(ctx context.Context, by By, claim idem.Claim, id uuid.UUID, name string, from io.Reader) error {
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > longestName || strings.ContainsAny(name, `/\`) {
		return fault.New("bad_value").At("query/name")
	}
	if s.files == nil {
		return fault.New("files_not_set_up")
	}
	x, err := s.Get(ctx, by, id)
	if err != nil {
		return err
	}
	if err := mayShare(x, by.User); err != nil {
		return err
	}
	f, err := s.files.Put(ctx, by.Tenant, from)
	if err != nil {
		return err
	}
	claim.Hash = idem.HashOf([]any{claim.Hash, name, f.Hash})
	return s.once(ctx, by, claim, id, func(tx *store.Tx, x *store.Session, p *store.SessionParty, at time.Time) ([]meter.Sign, error) {
		switch {
		case !speaks(p.Role):
			return nil, fault.New("session_listens")
		case x.Meter.State.Over():
			return nil, fault.New("session_over")
		case x.Messages >= mostMessages:
			return nil, fault.New("session_full")
		}
		return nil, tx.AddFile(ctx, x, by.User, name, event.MessageFile{Kind: f.Kind, Size: f.Size}, f.Hash, at)
	})
}

func mayShare(x event.Session, user uuid.UUID) error {
	for _, p := range x.Parties {
		if p.User == user && speaks(p.Role) {
			if !x.Runs() {
				return fault.New("session_over")
			}
			return nil
		}
	}
	return fault.New("session_not_found")
}

// FileLink lets whoever takes part fetch a file: a token, and until when it leads there.
func (s *Service) FileLink(ctx context.Context, by By, id uuid.UUID, n int) (token string, until time.Time, err error) {
	if s.files == nil {
		return "", until, fault.New("files_not_set_up")
	}
	f, err := s.db.Read(by.Tenant).SessionFile(ctx, id, n)
	if store.IsNotFound(err) {
		return "", until, fault.New("not_found")
	}
	if err != nil {
		return "", until, err
	}
	until = time.Now().Add(linkFor).Truncate(time.Second)
	return file.Link{Tenant: by.Tenant, Hash: f.Hash, Kind: f.Kind, Name: f.Name, Until: until}.Token(s.fileKey), until, nil
}

// Fetch is the file that a link leads to, for whoever has the link.
func (s *Service) Fetch(ctx context.Context, token string) (io.ReadSeekCloser, file.Link, error) {
	if s.files == nil {
		return nil, file.Link{}, fault.New("not_found")
	}
	l, err := file.Follow(s.fileKey, token, time.Now())
	if err != nil {
		return nil, l, err
	}
	f, err := s.files.Open(tenant.With(ctx, l.Tenant), l.Tenant, l.Hash)
	return f, l, err
}
