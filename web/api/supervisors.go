package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/web/rest"
)

// QueueSupervisor is somebody who runs one queue.
type QueueSupervisor struct {
	User  uuid.UUID `json:"user" format:"uuid"`
	Name  string    `json:"name" example:"Salma Bennis"`
	Email string    `json:"email" example:"salma@advice.example"`
}

type askSupervisor struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Email string `json:"email" minLength:"3" maxLength:"254" example:"salma@advice.example" doc:"Of their account"`
	}
}

type oneSupervisor struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	User uuid.UUID `path:"user" format:"uuid"`
}

// Supervisors is who runs one queue and not all of them.
func Supervisors(s *identity.Service) func(*rest.API) {
	return func(a *rest.API) {
		rest.Handle(a, "supervisors.list", rest.Doc{Summary: "List who runs one queue", About: "By name. Whoever is a supervisor of all queues is not listed."}, func(ctx context.Context, in *thingID) (*rest.Answer[rest.Page[QueueSupervisor]], error) {
			actor, _ := policy.ActorFrom(ctx)
			all, err := s.Supervisors(ctx, actor.Tenant, in.ID)
			if err != nil {
				return nil, err
			}
			page := rest.Page[QueueSupervisor]{Items: make([]QueueSupervisor, len(all))}
			for i, u := range all {
				page.Items[i] = QueueSupervisor(u)
			}
			return rest.Say(page), nil
		})
		rest.Handle(a, "supervisors.add", rest.Doc{Summary: "Let somebody run one queue", Status: http.StatusCreated,
			About: "Its board, who waits in it, its rules, and listening to its conversations; nothing of another. They need an account first (users.create). One can give only what one has."},
			func(ctx context.Context, in *askSupervisor) (*rest.Answer[QueueSupervisor], error) {
				actor, _ := policy.ActorFrom(ctx)
				u, err := s.AddSupervisor(ctx, actor.Tenant, rest.ClaimOf(ctx), in.ID, in.Body.Email)
				return rest.Say(QueueSupervisor(u)), err
			})
		rest.Handle(a, "supervisors.remove", rest.Doc{Summary: "End that somebody runs one queue", Status: http.StatusNoContent,
			About: "What they saw by it ends on every node within two seconds. Their account and its roles stay: users.update is for those, and does not touch this."},
			func(ctx context.Context, in *oneSupervisor) (*rest.Nothing, error) {
				actor, _ := policy.ActorFrom(ctx)
				return &rest.Nothing{}, s.RemoveSupervisor(ctx, actor.Tenant, in.ID, in.User)
			})
	}
}
