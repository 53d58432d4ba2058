package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/web/rest"
)

// User is a user as who manages users sees them.
type User struct {
	ID       uuid.UUID `json:"id" format:"uuid" example:"0190b7a6-2222-7abc-8def-0123456789ab"`
	Email    string    `json:"email" example:"badr@atlas.example"`
	Name     string    `json:"name" example:"Badr Alami"`
	Locale   string    `json:"locale,omitempty" example:"ar"`
	Disabled bool      `json:"disabled" example:"false"`
	Roles    []string  `json:"roles" example:"[\"driver\"]"`

	Connections int `json:"connections" example:"1" doc:"Open now, on all nodes; told in lists only"`
}

type listUsers struct {
	Q      string `query:"q" maxLength:"100" example:"badr" doc:"Beginning of the address, or part of the name"`
	Cursor string `query:"cursor" format:"uuid" doc:"next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" example:"50"`
}

type createUser struct {
	Body struct {
		Email    string   `json:"email" minLength:"3" maxLength:"254" example:"badr@atlas.example"`
		Name     string   `json:"name" minLength:"1" maxLength:"120" example:"Badr Alami"`
		Locale   string   `json:"locale,omitempty" enum:"fr,en,ar" example:"ar"`
		Password string   `json:"password,omitempty" maxLength:"128" example:"a long sentence is best"`
		Roles    []string `json:"roles" minItems:"1" maxItems:"20" example:"[\"driver\"]"`
	}
}

type updateUser struct {
	ID   uuid.UUID `path:"id" format:"uuid" example:"0190b7a6-2222-7abc-8def-0123456789ab"`
	Body struct {
		Name     *string   `json:"name,omitempty" minLength:"1" maxLength:"120" example:"Badr Alami"`
		Disabled *bool     `json:"disabled,omitempty" example:"true"`
		Roles    *[]string `json:"roles,omitempty" maxItems:"20" example:"[\"driver\",\"dispatcher\"]"`
		Password *string   `json:"password,omitempty" maxLength:"128" example:"a long sentence is best"`
	}
}

// Users is who belongs to the operator.
func Users(s *identity.Service) func(*rest.API) {
	return func(a *rest.API) {
		rest.Handle(a, "users.list", rest.Doc{Summary: "List users", About: "Newest first."}, func(ctx context.Context, in *listUsers) (*rest.Answer[rest.Page[User]], error) {
			actor, _ := policy.ActorFrom(ctx)
			before := uuid.Nil
			if in.Cursor != "" {
				before = uuid.MustParse(in.Cursor) // its format was checked
			}
			users, err := s.Users(ctx, actor.Tenant, in.Q, before, in.Limit)
			if err != nil {
				return nil, err
			}
			page := rest.Page[User]{Items: make([]User, len(users))}
			for i, u := range users {
				page.Items[i] = User(u)
			}
			if len(users) == in.Limit {
				page.Next = users[len(users)-1].ID.String()
			}
			return rest.Say(page), nil
		})
		rest.Handle(a, "users.create", rest.Doc{Summary: "Create a user", About: "One can give only what one has.", Status: 201}, func(ctx context.Context, in *createUser) (*rest.Answer[User], error) {
			actor, _ := policy.ActorFrom(ctx)
			u, err := s.CreateUser(ctx, actor.Tenant, identity.NewUser{Email: in.Body.Email, Name: in.Body.Name, Locale: in.Body.Locale,
				Password: in.Body.Password, Roles: in.Body.Roles}, rest.ClaimOf(ctx))
			return rest.Say(User(u)), err
		})
		rest.Handle(a, "users.update", rest.Doc{Summary: "Change a user", About: "Disable, rename, give and take roles, set a password. What they manage of organisations is not among the roles and stays (managers.remove). What it takes away ends on every node within two seconds."},
			func(ctx context.Context, in *updateUser) (*rest.Answer[User], error) {
				actor, _ := policy.ActorFrom(ctx)
				u, err := s.UpdateUser(ctx, actor.Tenant, in.ID, identity.Change{Name: in.Body.Name, Disabled: in.Body.Disabled, Roles: in.Body.Roles, Password: in.Body.Password})
				return rest.Say(User(u)), err
			})
	}
}
