package session

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Get is one conversation as those who take part see it.
func (s *Service) Get(ctx context.Context, by By, id uuid.UUID) (event.Session, error) {
	x, _, err := s.db.Read(by.Tenant).LiveSession(ctx, id)
	if store.IsNotFound(err) {
		err = fault.New("session_not_found")
	}
	return x, err
}

// List is somebody's own conversations before one of them, the newest first.
func (s *Service) List(ctx context.Context, by By, before uuid.UUID, limit int) ([]store.Session, error) {
	return s.db.Read(by.Tenant).SessionsOf(ctx, by.User, before, limit)
}
