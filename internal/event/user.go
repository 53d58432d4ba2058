package event

import (
	"encoding/json"

	"github.com/google/uuid"
)

// User is what a profile's document is made from: its row.
type User struct {
	ID      uuid.UUID
	Email   string
	Name    string
	Locale  string // empty: the tenant's
	Status  string
	Version int64
}

type userDoc struct {
	Email  string `json:"email"`
	Name   string `json:"name"`
	Locale string `json:"locale,omitempty"`
	Status string `json:"status"`
}

// Entity is the user's name on the wire.
func (u *User) Entity() string { return "user/" + u.ID.String() }

// Doc is the profile as its owner sees it.
func (u *User) Doc() json.RawMessage { return must(userDoc{u.Email, u.Name, u.Locale, u.Status}) }

// Change is the profile as it stands.
func (u *User) Change() Change {
	return Change{Entity: u.Entity(), Version: u.Version,
		Docs:     map[Projection]json.RawMessage{OnUser: u.Doc()},
		Channels: []string{"me:" + u.ID.String()}}
}
