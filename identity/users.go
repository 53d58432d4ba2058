package identity

import (
	"context"
	"encoding/json"
	"errors"
	"net/mail"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/readable"
	"github.com/waymeet/waymeet/store"
)

// User is a user as who manages users sees them.
type User struct {
	ID       uuid.UUID `json:"id"`
	Email    string    `json:"email"`
	Name     string    `json:"name"`
	Locale   string    `json:"locale,omitempty"`
	Disabled bool      `json:"disabled"`
	Roles    []string  `json:"roles"`

	Connections int `json:"connections"` // open now; told in lists only
}

// NewUser is a user to be made.
type NewUser struct {
	Email, Name, Locale, Password string
	PasswordHash                  string // instead of a password, for seeds that share one
	Roles                         []string
}

func (n NewUser) check() (NewUser, error) {
	n.Email, n.Name = strings.ToLower(strings.TrimSpace(n.Email)), strings.TrimSpace(n.Name)
	if a, err := mail.ParseAddress(n.Email); err != nil || a.Address != n.Email || len(n.Email) > 254 {
		return n, fault.New("bad_value").At("/email")
	}
	if n.Name == "" || len([]rune(n.Name)) > 120 {
		return n, fault.New("bad_value").At("/name")
	}
	if !readable.Name(n.Name) {
		return n, fault.New("text_unreadable").At("/name")
	}
	if n.Locale != "" && !tenant.KnownLocale(n.Locale) {
		return n, fault.New("bad_value").At("/locale")
	}
	if n.PasswordHash == "" && n.Password != "" {
		return n, checkPassword(n.Password, n.Email)
	}
	return n, nil
}

// CreateUser makes a user with roles. The claim makes a repeat answer what the first did.
func (s *Service) CreateUser(ctx context.Context, t tenant.ID, n NewUser, claim idem.Claim) (User, error) {
	if err := policyOnUser(ctx, t, uuid.Nil); err != nil {
		return User{}, err
	}
	n, err := n.check()
	if err != nil {
		return User{}, err
	}
	if n.PasswordHash == "" && n.Password != "" {
		if n.PasswordHash, err = s.hasher.hash(ctx, n.Password); err != nil {
			return User{}, err
		}
	}
	id := ident.New()
	var answer json.RawMessage
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err = tx.Once(ctx, claim, 201, func() (any, error) {
			roles, err := pick(ctx, tx, n.Roles)
			if err != nil {
				return nil, err
			}
			if err := mayGive(ctx, roles); err != nil {
				return nil, err
			}
			err = tx.CreateUser(ctx, store.NewUser{ID: id, Email: n.Email, Name: n.Name, Locale: n.Locale, PasswordHash: n.PasswordHash})
			if errors.Is(err, store.ErrTaken) {
				return nil, fault.New("email_taken").At("/email")
			}
			if err != nil {
				return nil, err
			}
			if err := tx.Assign(ctx, id, roles); err != nil {
				return nil, err
			}
			return User{ID: id, Email: n.Email, Name: n.Name, Locale: n.Locale, Roles: names(roles)},
				tx.Audit(store.Audit{Actor: actorOf(ctx), Action: "user.created", Target: "user/" + id.String(), Detail: map[string]any{"roles": names(roles)}})
		})
		return err
	})
	if err != nil {
		return User{}, err
	}
	var u User
	return u, json.Unmarshal(answer, &u)
}

// Change is what may change of a user; nil stays.
type Change struct {
	Name     *string
	Disabled *bool
	Roles    *[]string
	Password *string
}

// UpdateUser changes a user. Whatever takes rights away ends what it no longer allows, on every node, within two seconds.
func (s *Service) UpdateUser(ctx context.Context, t tenant.ID, id uuid.UUID, c Change) (User, error) {
	var hash string
	if c.Password != nil {
		if err := checkPassword(*c.Password, ""); err != nil {
			return User{}, err
		}
		var err error
		if hash, err = s.hasher.hash(ctx, *c.Password); err != nil {
			return User{}, err
		}
	}
	var out User
	err := s.db.InTx(ctx, t, func(tx *store.Tx) error {
		u, err := tx.LockUser(ctx, id)
		if store.IsNotFound(err) {
			return fault.New("not_found")
		}
		if err != nil {
			return err
		}
		if err := policyOnUser(ctx, t, id); err != nil {
			return err
		}
		held, err := rolesOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := mayGive(ctx, held); err != nil { // who has more than I have is not mine to change
			return err
		}
		out, err = s.change(ctx, tx, u, held, c, hash)
		return err
	})
	if err != nil {
		return User{}, err
	}
	s.heard(Revocation{t, id})
	return out, nil
}

func (s *Service) change(ctx context.Context, tx *store.Tx, u store.User, held []store.Role, c Change, hash string) (User, error) {
	did := map[string]any{}
	roles := held
	if c.Roles != nil {
		var err error
		if roles, err = pick(ctx, tx, *c.Roles); err != nil {
			return User{}, err
		}
		if err := mayGive(ctx, roles); err != nil {
			return User{}, err
		}
		if u.ID == actorOf(ctx) && !manages(roles) { // the last administrator would be gone, and nobody could help
			return User{}, fault.New("own_access").At("/roles")
		}
		if err := tx.Assign(ctx, u.ID, roles); err != nil {
			return User{}, err
		}
		did["roles_before"], did["roles"] = names(held), names(roles)
	}
	if c.Name != nil {
		if u.Name = strings.TrimSpace(*c.Name); u.Name == "" || len([]rune(u.Name)) > 120 {
			return User{}, fault.New("bad_value").At("/name")
		}
		if !readable.Name(u.Name) {
			return User{}, fault.New("text_unreadable").At("/name")
		}
		did["name"] = true // not the name: the log is kept for ever
	}
	if c.Disabled != nil {
		if *c.Disabled && u.ID == actorOf(ctx) {
			return User{}, fault.New("own_access").At("/disabled")
		}
		u.Disabled = *c.Disabled
		did["disabled"] = u.Disabled
	}
	if c.Password != nil {
		if err := tx.SetPassword(ctx, u.ID, hash); err != nil {
			return User{}, err
		}
		did["password"] = true
	}
	if u.Disabled || c.Password != nil {
		if _, err := tx.EndSignIns(ctx, u.ID, "revoked"); err != nil {
			return User{}, err
		}
	}
	if err := save(ctx, tx, u); err != nil {
		return User{}, err
	}
	if err := revoke(tx, u.ID, uuid.Nil); err != nil {
		return User{}, err
	}
	return User{ID: u.ID, Email: u.Email, Name: u.Name, Locale: u.Locale, Disabled: u.Disabled, Roles: names(roles)},
		tx.Audit(store.Audit{Actor: actorOf(ctx), Action: "user.changed", Target: "user/" + u.ID.String(), Detail: did})
}

// Users is a page of users, newest first.
func (s *Service) Users(ctx context.Context, t tenant.ID, q string, before uuid.UUID, limit int) ([]User, error) {
	rows, err := s.db.Read(t).Users(ctx, q, before, limit)
	if err != nil {
		return nil, err
	}
	out := make([]User, len(rows))
	for i, r := range rows {
		out[i] = User{r.ID, r.Email, r.Name, r.Locale, r.Disabled, r.Roles, r.Connections}
	}
	return out, nil
}

func policyOnUser(ctx context.Context, t tenant.ID, id uuid.UUID) error {
	if _, ok := policy.ActorFrom(ctx); !ok {
		return nil // the command line of the installation
	}
	return policy.Can(ctx, policy.UserWrite, policy.Resource{Tenant: t, Kind: "user", ID: id, Owner: id})
}

// mayGive refuses to hand out, or touch, more than the caller has: managing users must not be a way to become anyone.
func mayGive(ctx context.Context, roles []store.Role) error {
	a, ok := policy.ActorFrom(ctx)
	if !ok {
		return nil
	}
	for _, r := range roles {
		for _, p := range r.Permissions {
			whole := slices.Contains(a.Grants, policy.Grant{Permission: policy.Permission(p)})
			if !whole && policy.KnownPermission(policy.Permission(p)) {
				return fault.New("forbidden").At("/roles")
			}
		}
	}
	return nil
}

// manages says whether the roles let their holder change users.
func manages(roles []store.Role) bool {
	return slices.ContainsFunc(roles, func(r store.Role) bool { return slices.Contains(r.Permissions, string(policy.UserWritePermission)) })
}

func pick(ctx context.Context, tx *store.Tx, wanted []string) ([]store.Role, error) {
	all, err := tx.Roles(ctx)
	if err != nil {
		return nil, err
	}
	out := []store.Role{}
	for _, name := range wanted {
		i := slices.IndexFunc(all, func(r store.Role) bool { return r.Name == name })
		if i < 0 {
			return nil, fault.New("role_unknown").At("/roles")
		}
		if !slices.ContainsFunc(out, func(r store.Role) bool { return r.Name == name }) {
			out = append(out, all[i])
		}
	}
	return out, nil
}

func rolesOf(ctx context.Context, tx *store.Tx, user uuid.UUID) ([]store.Role, error) {
	held, err := tx.Assignments(ctx, user)
	if err != nil {
		return nil, err
	}
	wanted := make([]string, len(held))
	for i, h := range held {
		wanted[i] = h.Role
	}
	return pick(ctx, tx, wanted)
}

func names(roles []store.Role) []string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = r.Name
	}
	return out
}

func actorOf(ctx context.Context) uuid.UUID {
	a, _ := policy.ActorFrom(ctx)
	return a.User
}

// UserByEmail finds a user by what they sign in with: for the command line.
func (s *Service) UserByEmail(ctx context.Context, t tenant.ID, email string) (uuid.UUID, error) {
	u, _, err := s.db.Read(t).UserByEmail(ctx, strings.ToLower(strings.TrimSpace(email)))
	if store.IsNotFound(err) {
		return uuid.Nil, fault.New("not_found")
	}
	return u.ID, err
}
