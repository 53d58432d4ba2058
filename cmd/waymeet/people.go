package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

const tenantHelp = `list|create|suspend|resume [flags]

  tenant list
  tenant create --slug atlas --name "Atlas Commute" --time-zone Africa/Casablanca --currency MAD [--locale fr] [--map 33.57,-7.59,11]
  tenant suspend|resume atlas

Operators of this installation, on WAYMEET_DATABASE_URL and WAYMEET_SYSTEM_DATABASE_URL.
Suspending shuts everybody of one out, on every serving node within two seconds; nothing of theirs is ended or removed, and money that moves
goes on moving. Resuming lets them in again.
`

const userHelp = `list|create|disable|enable|password|roles [flags]

  user list --tenant atlas [--q amal]
  user create --tenant atlas --email amal@atlas.example --name "Amal" [--role rider] [--locale fr] [--password-stdin]
  user disable|enable|password --tenant atlas --email amal@atlas.example [--password-stdin]
  user roles --tenant atlas --email amal@atlas.example --role driver,dispatcher

An operator's people. Without --password-stdin a password is made and printed, once.
What is taken away ends on every serving node within two seconds.
`

// people opens identity on the configured PostgreSQL; the signing keys are not needed.
func people(ctx context.Context, t *terminal, do func(*identity.Service) error) error {
	r := reader{environment: t.environment}
	db, err := openByHand(ctx, &r, nil)
	if err != nil {
		return err
	}
	defer db.Close()
	return do(identity.New(identity.Config{DB: db}))
}

// verb takes the word behind the command.
func verb(f *flag.FlagSet, args []string) (string, []string, error) {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		if err := parse(f, args, 0); err != nil {
			return "", nil, err
		}
		f.Usage()
		return "", nil, errUsage
	}
	return args[0], args[1:], nil
}

func tenants(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("tenant", tenantHelp)
	var x tenant.Tenant
	f.StringVar(&x.Slug, "slug", "", "short name, typed at sign-in")
	f.StringVar(&x.Name, "name", "", "name")
	f.StringVar(&x.TimeZone, "time-zone", "", "IANA time zone")
	f.StringVar(&x.Currency, "currency", "", "ISO 4217 currency")
	f.StringVar(&x.DefaultLocale, "locale", "fr", "default language: fr, en or ar")
	where := f.String("map", "", "latitude,longitude,zoom where maps open")
	what, rest, err := verb(f, args)
	if err != nil {
		return err
	}
	named := 0
	if what == "suspend" || what == "resume" {
		named = 1
	}
	if err := parse(f, rest, named); err != nil {
		return err
	}
	return people(ctx, t, func(s *identity.Service) error {
		switch what {
		case "list":
			all, err := s.Tenants(ctx)
			w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
			for _, x := range all {
				state := "active"
				if x.Disabled {
					state = "suspended"
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", x.Slug, x.Name, x.TimeZone, x.Currency, state, x.ID)
			}
			return errors.Join(err, w.Flush())
		case "create":
			if *where != "" {
				if _, err := fmt.Sscanf(*where, "%f,%f,%f", &x.Map.Lat, &x.Map.Lon, &x.Map.Zoom); err != nil {
					return fmt.Errorf("--map must be latitude,longitude,zoom")
				}
			}
			made, err := s.CreateTenant(ctx, x)
			if err == nil {
				fmt.Fprintf(t.out, "%s is tenant %s\n", made.Slug, made.ID)
			}
			return told(err)
		case "suspend", "resume":
			return suspend(ctx, t, s, f.Arg(0), what == "suspend")
		}
		f.Usage()
		return errUsage
	})
}

// suspend shuts an operator out, or lets it in again.
func suspend(ctx context.Context, t *terminal, s *identity.Service, slug string, suspended bool) error {
	x, err := s.Tenant(ctx, slug)
	if store.IsNotFound(err) {
		return fmt.Errorf("there is no tenant %q", slug)
	}
	if err != nil {
		return err
	}
	changed, err := s.Suspend(ctx, x.ID, suspended)
	if err != nil {
		return err
	}
	state, was := "active", ""
	if suspended {
		state = "suspended"
	}
	if !changed {
		was = ", as it was"
	}
	fmt.Fprintf(t.out, "%s is %s%s\n", slug, state, was)
	return nil
}

// userFlags is what the user command can be told.
type userFlags struct {
	tenant, email, name, locale, roles, q string
	stdin                                 bool
}

func users(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("user", userHelp)
	var u userFlags
	f.StringVar(&u.tenant, "tenant", "", "the operator's short name")
	f.StringVar(&u.email, "email", "", "address, the name at sign-in")
	f.StringVar(&u.name, "name", "", "name")
	f.StringVar(&u.locale, "locale", "", "language: fr, en or ar (the operator's)")
	f.StringVar(&u.roles, "role", "rider", "roles, comma separated")
	f.StringVar(&u.q, "q", "", "beginning of the address, or part of the name")
	f.BoolVar(&u.stdin, "password-stdin", false, "read the password from standard input")
	what, rest, err := verb(f, args)
	if err != nil {
		return err
	}
	if err := parse(f, rest, 0); err != nil {
		return err
	}
	return people(ctx, t, func(s *identity.Service) error {
		x, err := s.Tenant(ctx, u.tenant)
		if store.IsNotFound(err) {
			return fmt.Errorf("there is no tenant %q", u.tenant)
		}
		if err != nil {
			return err
		}
		err = u.do(ctx, t, s, x.ID, what)
		if errors.Is(err, errUsage) {
			f.Usage()
		}
		return err
	})
}

func (u userFlags) do(ctx context.Context, t *terminal, s *identity.Service, x tenant.ID, what string) error {
	var c identity.Change
	yes, no, made := true, false, ""
	roles := strings.FieldsFunc(u.roles, func(r rune) bool { return r == ',' || r == ' ' })
	switch what {
	case "list":
		return u.list(ctx, t, s, x)
	case "create":
		password, made, err := u.password(t)
		if err != nil {
			return err
		}
		who, err := s.CreateUser(ctx, x, identity.NewUser{Email: u.email, Name: u.name, Locale: u.locale, Password: password, Roles: roles}, idem.Claim{})
		if err == nil {
			fmt.Fprintf(t.out, "%s is user %s%s\n", who.Email, who.ID, made)
		}
		return told(err)
	case "disable":
		c.Disabled = &yes
	case "enable":
		c.Disabled = &no
	case "roles":
		c.Roles = &roles
	case "password":
		password, shown, err := u.password(t)
		if err != nil {
			return err
		}
		c.Password, made = &password, shown
	default:
		return errUsage
	}
	who, err := s.UserByEmail(ctx, x, u.email)
	if fault.Is(err, "not_found") {
		return fmt.Errorf("%s has no user with the address %q", u.tenant, u.email)
	}
	if err != nil {
		return told(err)
	}
	after, err := s.UpdateUser(ctx, x, who, c)
	if err == nil {
		fmt.Fprintf(t.out, "%s: roles %s, disabled %t%s\n", after.Email, strings.Join(after.Roles, ", "), after.Disabled, made)
	}
	return told(err)
}

func (u userFlags) list(ctx context.Context, t *terminal, s *identity.Service, x tenant.ID) error {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	before := uuid.Nil
	for {
		page, err := s.Users(ctx, x, u.q, before, 200)
		if err != nil || len(page) == 0 {
			return errors.Join(err, w.Flush())
		}
		for _, p := range page {
			state := "active"
			if p.Disabled {
				state = "disabled"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", p.Email, p.Name, strings.Join(p.Roles, ","), state, p.ID)
		}
		before = page[len(page)-1].ID
	}
}

// password reads one, or makes one and says how it is told.
func (u userFlags) password(t *terminal) (password, made string, err error) {
	if !u.stdin {
		password = ident.Token(12)
		return password, "; password " + password, nil
	}
	password, err = passwordFrom(t.in)
	return password, "", err
}

// passwordFrom is the first line of an input.
func passwordFrom(in io.Reader) (string, error) {
	line, err := bufio.NewReader(in).ReadString('\n')
	password := strings.TrimRight(line, "\r\n")
	if password == "" {
		return "", fmt.Errorf("no password on standard input: %w", err)
	}
	return password, nil
}

// told says a fault as a sentence, with the field that it is about.
func told(err error) error {
	f := fault.As(err)
	if f == nil || f.Kind == fault.Internal {
		return err
	}
	at := ""
	for _, field := range f.Fields {
		at += " (" + strings.TrimPrefix(field.Pointer, "/") + ")"
	}
	return fmt.Errorf("%s%s", f.Sentence("en"), at)
}
