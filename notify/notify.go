// Package notify wakes people who do not look at a screen of ours: an expert who is rung, a client whose expert is there, or who is called because their turn has come; a payer whose bank takes a payment back.
//
// # Who owns which truth
//
// push_subscription has which browsers are whose; the row of what a message is about (an offer, a conversation) says whether it is still worth one. A message is asked for by a job in the
// transaction of its cause, so it is sent if and only if that was committed, whatever becomes of the node; it is sent at least once, and browsers show it once, by its tag.
//
// # What a message says
//
// What kind it is, what it is about by id, which page to open, and until when. Nothing personal: the page that it opens asks for the rest, as whoever is signed in there.
//
// # What happens on failure
//
// A browser that has unsubscribed (404, 410) is forgotten, and an expert without another can be rung by push no more. What fails otherwise is tried again by the job, until it is over.
package notify

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/notify/webpush"
	"github.com/waymeet/waymeet/store"
)

const (
	mostBrowsers = 10              // of a person: the oldest makes room
	turnFor      = 2 * time.Minute // how long somebody's expert being there is worth a message
)

// Speaker brings a message to a browser.
type Speaker interface {
	Key() string
	Check(b webpush.Browser) error
	Send(ctx context.Context, b webpush.Browser, message []byte, keep time.Duration, topic string) error
}

// Service is its verbs. It is safe for use by many goroutines.
type Service struct {
	db  *store.DB
	by  Speaker
	log *slog.Logger
}

// New makes it.
func New(db *store.DB, by Speaker, log *slog.Logger) *Service { return &Service{db, by, log} }

// Key is what browsers are told when they subscribe.
func (s *Service) Key() string { return s.by.Key() }

// Subscribe keeps a browser of somebody's.
func (s *Service) Subscribe(ctx context.Context, t tenant.ID, user uuid.UUID, b webpush.Browser, locale string) error {
	if s.by.Check(b) != nil {
		return fault.New("push_refused").At("/endpoint")
	}
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		return tx.AddPush(ctx, user, store.PushTo{ID: ident.New(), Endpoint: b.Endpoint, Key: b.Key, Auth: b.Auth, Locale: locale}, mostBrowsers)
	})
}

// Unsubscribe forgets a browser of somebody's.
func (s *Service) Unsubscribe(ctx context.Context, t tenant.ID, user uuid.UUID, endpoint string) error {
	return s.db.InTx(ctx, t, func(tx *store.Tx) error { return tx.RemovePush(ctx, user, endpoint, uuid.Nil) })
}

// Turn asks for a client's browsers to be woken: their expert is there. Once a conversation, however often it is asked.
func (s *Service) Turn(ctx context.Context, t tenant.ID, request, talk uuid.UUID) error {
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		r, err := tx.Request(ctx, request)
		if err != nil || r.Offer != talk || store.Beside(r.Funding) {
			return err // it waits again, or its client is there
		}
		to, err := tx.PushTo(ctx, r.Client)
		if err != nil || len(to) == 0 {
			return err
		}
		p := errand.Push{User: r.Client, What: errand.PushTurn, About: talk, Until: time.Now().Add(turnFor)}
		return tx.AddJob(ctx, p, p.Key())
	})
}

// Message is what a browser's worker is told.
type Message struct {
	What   string    `json:"what"`
	Tag    uuid.UUID `json:"tag"`
	Path   string    `json:"path"`
	Locale string    `json:"locale"`
	Until  time.Time `json:"until"`
}

// Deliver wakes all browsers of somebody, as a job asks. What is over wakes nobody; one that was reached is enough, and who is reached twice is shown one thing.
func (s *Service) Deliver(ctx context.Context, e errand.Push) error {
	t, keep := tenant.ID(e.Tenant), time.Until(e.Until)
	if keep < time.Second {
		return nil
	}
	r := s.db.Read(t)
	if e.What == errand.PushRing {
		if rings, err := r.Rings(ctx, e.User, e.About); err != nil || !rings {
			return err
		}
	}
	if e.What == errand.PushCall {
		if called, err := r.IsCalled(ctx, e.About); err != nil || !called {
			return err
		}
	}
	to, err := r.PushTo(ctx, e.User)
	if err != nil {
		return err
	}
	var failed error
	reached := false
	for _, x := range to {
		m, err := json.Marshal(Message{e.What, e.About, pathOf(e), x.Locale, e.Until.UTC()})
		if err != nil {
			return err
		}
		switch err := s.by.Send(ctx, webpush.Browser{Endpoint: x.Endpoint, Key: x.Key, Auth: x.Auth}, m, keep, strings.ReplaceAll(e.About.String(), "-", "")); {
		case err == nil:
			reached = true
		case errors.Is(err, webpush.ErrGone), errors.Is(err, webpush.ErrRefused):
			err := s.db.InTx(ctx, t, func(tx *store.Tx) error { return tx.RemovePush(ctx, e.User, "", x.ID) })
			failed = errors.Join(failed, err)
		default:
			failed = errors.Join(failed, err)
		}
	}
	if reached && failed != nil {
		s.log.WarnContext(ctx, "a browser is not woken", "error", failed)
		return nil
	}
	return failed
}

func pathOf(e errand.Push) string {
	switch e.What {
	case errand.PushRing:
		return "/practice"
	case errand.PushCall:
		return "/advice/requests/" + e.About.String()
	case errand.PushDispute, errand.PushDecided:
		return "/wallet"
	case errand.PushFund:
		return "/advice/appointments/" + e.About.String()
	}
	return "/advice/sessions/" + e.About.String()
}
