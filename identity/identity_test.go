package identity_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/pace"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

const password = "correct horse battery"

var (
	passwordHash = sync.OnceValue(func() string { return identity.HashPassword(password) })
	home         = netip.MustParseAddr("192.0.2.7")
)

// clock is a test's own time; it starts at the real one because rows carry PostgreSQL's.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time       { c.mu.Lock(); defer c.mu.Unlock(); return c.at }
func (c *clock) pass(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }
func newClock() *clock                { return &clock{at: time.Now()} }
func code(err error) string {
	if err == nil {
		return ""
	}
	return fault.As(err).Code
}

func box(t *testing.T) *seal.Box {
	t.Helper()
	b, err := seal.Parse(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func setUp(t *testing.T) (*storetest.DB, *identity.Service, *clock) {
	t.Helper()
	d := storetest.New(t)
	d.Exec(t, `update app_user set password_hash = $1`, passwordHash())
	c := newClock()
	return d, node(t, d, c), c
}

func node(t *testing.T, d *storetest.DB, c *clock) *identity.Service {
	t.Helper()
	rate := pace.Rate{Burst: 100, Every: time.Second}
	return identity.New(identity.Config{DB: d.DB, Box: box(t), Now: c.now, PerAddress: rate, PerAccount: rate, PerPair: rate})
}

func signIn(t *testing.T, s *identity.Service, x storetest.Tenant, who string) identity.Session {
	t.Helper()
	got, err := s.SignIn(context.Background(), x.Slug, who+"@"+x.Canary+".example", password, home)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Whether somebody may stay is told at once, to everybody as it is, while their tenant has taken every connection that it may have.
func TestStandingsAreToldPastTheTenantsLine(t *testing.T) {
	t.Parallel()
	d, s, _ := setUp(t)
	type person struct {
		x             storetest.Tenant
		user, session uuid.UUID
		want          string
	}
	var people []person
	for _, x := range []storetest.Tenant{d.A, d.B} {
		for _, who := range []string{"rider", "driver", "dispatcher"} {
			a, err := s.Authenticate(t.Context(), signIn(t, s, x, who).Access)
			if err != nil {
				t.Fatal(err)
			}
			people = append(people, person{x, a.User, a.Session, ""}, person{x, a.User, uuid.New(), "unauthenticated"},
				person{x, uuid.New(), a.Session, "unauthenticated"})
			if x.ID == d.A.ID {
				people = append(people, person{d.B, a.User, a.Session, "unauthenticated"})
			}
		}
	}
	d.Exec(t, `update sign_in set ended_at = clock_timestamp() where id = $1`, people[0].session)
	people[0].want = "unauthenticated"
	hold, under := make(chan struct{}), make(chan struct{}, 100)
	var greedy sync.WaitGroup
	defer greedy.Wait()
	defer close(hold)
	most := int(d.Stat().Max)
	for range 4 * most {
		greedy.Go(func() {
			_ = d.InTx(context.Background(), d.A.ID, func(tx *store.Tx) error {
				if _, err := tx.Terms(context.Background()); err != nil {
					return err
				}
				under <- struct{}{}
				<-hold
				return nil
			})
		})
	}
	for range most - most/4 {
		<-under
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var all sync.WaitGroup
	for i, p := range people {
		for range 50 {
			all.Go(func() {
				a, err := s.Actor(ctx, p.x.ID, p.user, p.session)
				if code(err) != p.want || err == nil && (a.User != p.user || a.Tenant != p.x.ID || len(a.Grants) == 0) {
					t.Errorf("%d: %v, wanted %q", i, err, p.want)
				}
			})
		}
	}
	all.Wait()
}

func TestSignInAndAct(t *testing.T) {
	t.Parallel()
	d, s, _ := setUp(t)
	ctx := context.Background()
	got := signIn(t, s, d.A, "dispatcher")
	a, err := s.Authenticate(ctx, got.Access)
	if err != nil {
		t.Fatal(err)
	}
	if a.Tenant != d.A.ID || a.User != d.A.Users["dispatcher"] || a.Session != got.ID || !a.Holds(policy.BoardReadPermission) || a.Holds(policy.UserWritePermission) {
		t.Fatalf("%+v", a)
	}
	if got.Me.Tenant.Slug != d.A.Slug || got.Me.Roles[0] != "dispatcher" || got.Me.Locale != "en" {
		t.Fatalf("%+v", got.Me)
	}
	if n := d.Int(t, `select count(*) from audit where action = 'session.started' and target = $1`, "user/"+a.User.String()); n != 1 {
		t.Fatalf("%d audit rows", n)
	}
}

func TestSignInRefusesInOneVoice(t *testing.T) {
	t.Parallel()
	d, s, _ := setUp(t)
	ctx := context.Background()
	mail := "rider@" + d.A.Canary + ".example"
	d.Exec(t, `update app_user set status = 'disabled' where email like 'driver@%'`)
	d.Exec(t, `update app_user set password_hash = null where email like 'admin@%'`)
	tries := map[string][3]string{
		"wrong password":     {d.A.Slug, mail, "wrong horse battery"},
		"unknown user":       {d.A.Slug, "nobody@example.org", password},
		"unknown tenant":     {"charlie", mail, password},
		"another's tenant":   {d.B.Slug, mail, password},
		"a disabled user":    {d.A.Slug, "driver@" + d.A.Canary + ".example", password},
		"without a password": {d.A.Slug, "admin@" + d.A.Canary + ".example", password},
		"an empty password":  {d.A.Slug, mail, ""},
		"the zero character": {d.A.Slug, mail, "\x00"},
	}
	for name, c := range tries {
		before := s.Verified()
		if _, err := s.SignIn(ctx, c[0], c[1], c[2], home); code(err) != "bad_credentials" {
			t.Errorf("%s: %v", name, err)
		}
		// What takes the time is the hash: exactly one, whoever it is, so that the time says nothing of who exists.
		if n := s.Verified() - before; n != 1 {
			t.Errorf("%s: %d hashes", name, n)
		}
	}
	d.Exec(t, `update tenant set status = 'suspended' where slug = $1`, d.A.Slug)
	if _, err := s.SignIn(ctx, d.A.Slug, mail, password, home); code(err) != "bad_credentials" {
		t.Errorf("a suspended tenant: %v", err)
	}
}

func TestSignInIsPaced(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	c := newClock()
	s := identity.New(identity.Config{DB: d.DB, Box: box(t), Now: c.now, PerPair: pace.Rate{Burst: 3, Every: time.Minute}})
	ctx := context.Background()
	try := func(mail string) string {
		_, err := s.SignIn(ctx, d.A.Slug, mail, "wrong horse", home)
		return code(err)
	}
	for range 3 {
		if got := try("rider@x.example"); got != "bad_credentials" {
			t.Fatal(got)
		}
	}
	if got := try(" RIDER@x.example "); got != "rate_limited" {
		t.Fatalf("the fourth try in another spelling: %s", got)
	}
	if got := try("other@x.example"); got != "bad_credentials" {
		t.Fatalf("another account from the same office: %s", got)
	}
	c.pass(time.Minute)
	if got := try("rider@x.example"); got != "bad_credentials" {
		t.Fatalf("after a minute: %s", got)
	}
}

// An office that comes to work is not slowed by how many it has; guesses from there are.
func TestAnAddressIsCountedForGuesses(t *testing.T) {
	t.Parallel()
	d, _, c := setUp(t)
	s := identity.New(identity.Config{DB: d.DB, Box: box(t), Now: c.now, PerAddress: pace.Rate{Burst: 3, Every: time.Hour}})
	for _, x := range []storetest.Tenant{d.A, d.B} {
		for _, who := range []string{"rider", "driver", "dispatcher", "admin"} {
			signIn(t, s, x, who)
		}
	}
	for i, want := range []string{"bad_credentials", "bad_credentials", "bad_credentials", "rate_limited"} {
		if _, err := s.SignIn(t.Context(), d.A.Slug, fmt.Sprint("guess", i, "@x.example"), "wrong horse", home); code(err) != want {
			t.Errorf("guess %d: %v, want %s", i, err, want)
		}
	}
}

func TestRefreshRotates(t *testing.T) {
	t.Parallel()
	d, s, _ := setUp(t)
	ctx := context.Background()
	first := signIn(t, s, d.A, "rider")
	second, err := s.Refresh(ctx, first.Refresh)
	if err != nil || second.Refresh == first.Refresh || second.ID != first.ID {
		t.Fatal(second, err)
	}
	if _, err := s.Refresh(ctx, first.Refresh); err != nil {
		t.Fatalf("a repeat within the moment (a lost answer): %v", err)
	}
}

func TestAnOldTokenEndsTheFamily(t *testing.T) {
	t.Parallel()
	d, s, _ := setUp(t)
	ctx := context.Background()
	stolen := signIn(t, s, d.A, "rider")
	bystander := signIn(t, s, d.A, "rider")
	second, err := s.Refresh(ctx, stolen.Refresh)
	if err != nil {
		t.Fatal(err)
	}
	third, err := s.Refresh(ctx, second.Refresh)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Refresh(ctx, stolen.Refresh); code(err) != "unauthenticated" {
		t.Fatalf("the stolen token: %v", err)
	}
	if _, err := s.Refresh(ctx, third.Refresh); code(err) != "unauthenticated" {
		t.Fatalf("the family lives on: %v", err)
	}
	if _, err := s.Authenticate(ctx, third.Access); code(err) != "unauthenticated" {
		t.Fatalf("its access token works: %v", err)
	}
	if _, err := s.Refresh(ctx, bystander.Refresh); err != nil {
		t.Fatalf("the user's other session: %v", err)
	}
	if n := d.Int(t, `select count(*) from audit where action = 'session.reused'`); n != 1 {
		t.Fatalf("%d audit rows", n)
	}
}

// The token before the newest may be shown again for half a minute, and not a second longer.
func TestTheMomentForARepeatEnds(t *testing.T) {
	t.Parallel()
	d, s, _ := setUp(t)
	ctx := context.Background()
	first := signIn(t, s, d.A, "rider")
	second, err := s.Refresh(ctx, first.Refresh)
	if err != nil {
		t.Fatal(err)
	}
	d.Exec(t, `update sign_in set rotated_at = rotated_at - interval '29 seconds'`)
	if _, err := s.Refresh(ctx, first.Refresh); err != nil {
		t.Fatalf("29 seconds later: %v", err)
	}
	d.Exec(t, `update sign_in set rotated_at = rotated_at - interval '2 seconds'`)
	if _, err := s.Refresh(ctx, first.Refresh); code(err) != "unauthenticated" {
		t.Fatalf("31 seconds later: %v", err)
	}
	if _, err := s.Refresh(ctx, second.Refresh); code(err) != "unauthenticated" {
		t.Fatalf("the family lives on: %v", err)
	}
}

func TestAMadeUpTokenEndsNothing(t *testing.T) {
	t.Parallel()
	d, s, _ := setUp(t)
	ctx := context.Background()
	got := signIn(t, s, d.A, "rider")
	raw, err := base64.RawURLEncoding.DecodeString(got.Refresh)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw { // every byte counts: tenant, session, secret, seal
		forged := bytes.Clone(raw)
		forged[i] ^= 1
		if _, err := s.Refresh(ctx, base64.RawURLEncoding.EncodeToString(forged)); code(err) != "unauthenticated" {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
	for _, token := range []string{"", "x", got.Refresh + "A", got.Access} {
		if _, err := s.Refresh(ctx, token); code(err) != "unauthenticated" {
			t.Fatalf("%q: %v", token, err)
		}
	}
	if _, err := s.Refresh(ctx, got.Refresh); err != nil {
		t.Fatalf("the real one afterwards: %v", err)
	}
}

// Windows that share a cookie refresh at once: each is answered, and whichever cookie is kept works.
func TestWindowsRefreshTogether(t *testing.T) {
	t.Parallel()
	d, s, _ := setUp(t)
	got := signIn(t, s, d.A, "rider")
	var wg sync.WaitGroup
	next := make([]string, 8)
	for i := range next {
		wg.Go(func() {
			r, err := s.Refresh(context.Background(), got.Refresh)
			if err != nil {
				t.Error(err)
			}
			next[i] = r.Refresh
		})
	}
	wg.Wait()
	for _, token := range next {
		if _, err := s.Refresh(context.Background(), token); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	d, s, _ := setUp(t)
	ctx := context.Background()
	got := signIn(t, s, d.A, "rider")
	if err := s.SignOut(ctx, got.Refresh); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Authenticate(ctx, got.Access); code(err) != "unauthenticated" || !errors.Is(err, identity.ErrSpent) {
		t.Fatal(err)
	}
	if _, err := s.Refresh(ctx, got.Refresh); code(err) != "unauthenticated" {
		t.Fatal(err)
	}
	if err := s.SignOut(ctx, got.Refresh); err != nil {
		t.Fatal(err)
	}
}

func TestCreateUserOnce(t *testing.T) {
	t.Parallel()
	d, s, _ := setUp(t)
	ctx := policy.With(context.Background(), d.A.Actor("admin"))
	claim := idem.Claim{Actor: d.A.Users["admin"], Operation: "users.create", Key: "k", Hash: [32]byte{1}}
	n := identity.NewUser{Email: " Salma@Example.org ", Name: "Salma", Password: "a long enough one", Roles: []string{"driver"}}
	first, err := s.CreateUser(ctx, d.A.ID, n, claim)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.CreateUser(ctx, d.A.ID, n, claim)
	if err != nil || again.ID != first.ID {
		t.Fatal(again, err)
	}
	if _, err := s.CreateUser(ctx, d.A.ID, n, idem.Claim{}); code(err) != "email_taken" {
		t.Fatal(err)
	}
	if _, err := s.CreateUser(ctx, d.B.ID, n, idem.Claim{}); err == nil {
		t.Fatal("an admin of one tenant made a user in another")
	}
	if _, err := s.SignIn(context.Background(), d.A.Slug, "salma@example.org", "a long enough one", home); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]identity.NewUser{
		"bad_value":     {Email: "Salma <a@b.c>", Name: "S"},
		"weak_password": {Email: "x@example.org", Name: "S", Password: "short"},
		"role_unknown":  {Email: "x@example.org", Name: "S", Roles: []string{"king"}},
	} {
		if _, err := s.CreateUser(ctx, d.A.ID, bad, idem.Claim{}); code(err) != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNobodyGivesWhatTheyDoNotHave(t *testing.T) {
	t.Parallel()
	d, s, _ := setUp(t)
	clerk := d.A.Actor("rider")
	clerk.Grants = append(clerk.Grants, policy.Grant{Permission: policy.UserWritePermission}, policy.Grant{Permission: policy.UserReadPermission})
	ctx := policy.With(context.Background(), clerk)
	yes, admins, riders := true, []string{"admin"}, []string{"rider"}
	if _, err := s.CreateUser(ctx, d.A.ID, identity.NewUser{Email: "x@example.org", Name: "X", Roles: admins}, idem.Claim{}); code(err) != "forbidden" {
		t.Errorf("making an admin: %v", err)
	}
	if _, err := s.UpdateUser(ctx, d.A.ID, d.A.Rider2, identity.Change{Roles: &admins}); code(err) != "forbidden" {
		t.Errorf("promoting a friend: %v", err)
	}
	if _, err := s.UpdateUser(ctx, d.A.ID, d.A.Users["admin"], identity.Change{Disabled: &yes}); code(err) != "forbidden" {
		t.Errorf("disabling the admin: %v", err)
	}
	if _, err := s.UpdateUser(ctx, d.A.ID, clerk.User, identity.Change{Disabled: &yes}); code(err) != "own_access" {
		t.Errorf("locking oneself out: %v", err)
	}
	boss := policy.With(context.Background(), d.A.Actor("admin"))
	if _, err := s.UpdateUser(boss, d.A.ID, d.A.Users["admin"], identity.Change{Roles: &riders}); code(err) != "own_access" {
		t.Errorf("giving one's own keys away: %v", err)
	}
	if _, err := s.UpdateUser(boss, d.A.ID, d.A.Users["admin"], identity.Change{Roles: &[]string{"rider", "admin"}}); err != nil {
		t.Errorf("another role of one's own: %v", err)
	}
	if _, err := s.UpdateUser(ctx, d.A.ID, d.A.Rider2, identity.Change{Roles: &riders}); err != nil {
		t.Errorf("what the clerk may do: %v", err)
	}
	if _, err := s.UpdateUser(ctx, d.A.ID, uuid.New(), identity.Change{Disabled: &yes}); code(err) != "not_found" {
		t.Errorf("nobody: %v", err)
	}
}

// A slip in a limit shuts nobody out.
func TestLiveSettingsThatCannotBeReadAreTheDefault(t *testing.T) {
	t.Parallel()
	d, s, _ := setUp(t)
	for _, live := range []string{`"nope"`, `[]`, `{"requests_per_s":"x","burst":7}`, `{"connections":1e300,"burst":7}`} {
		d.Exec(t, `update tenant set settings = settings || jsonb_build_object('live', $1::jsonb) where id = $2`, live, d.A.ID.UUID())
		a, err := s.Authenticate(context.Background(), signIn(t, s, d.A, "rider").Access)
		if err != nil {
			t.Fatalf("%s: %v", live, err)
		}
		if burst := a.Live.Burst; burst != 0 && burst != 7 || a.Live.RequestsPerS != 0 || a.Live.Connections != 0 {
			t.Errorf("%s: %+v", live, a.Live)
		}
	}
}
