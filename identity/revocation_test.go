package identity_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// running starts a node's Run with the real clock and waits until it trusts its memory.
func running(t *testing.T, d *storetest.DB) *identity.Service {
	t.Helper()
	s := identity.New(identity.Config{DB: d.DB, Box: box(t)})
	ctx, cancel := context.WithCancel(context.Background())
	ended, begun := make(chan error, 1), make(chan struct{}, 100)
	s.OnRevoked(func(identity.Revocation) { begun <- struct{}{} })
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case <-begun: // the first look forgets everything, and tells so
	case <-time.After(10 * time.Second):
		t.Fatal("Run never looked")
	}
	return s
}

// A revocation on one node ends what another node remembers, within two seconds, while a long transaction is open.
func TestRevocationReachesEveryNode(t *testing.T) {
	t.Parallel()
	d, _, _ := setUp(t)
	here, there := running(t, d), running(t, d)
	ctx := context.Background()
	admin := policy.With(ctx, d.A.Actor("admin"))
	yes, riders := true, []string{"rider"}

	// Somebody's transaction stays open all the while: it holds the xmin back, and must not hold this back.
	open, release := make(chan struct{}), make(chan struct{})
	done := make(chan struct{})
	go func() { defer close(done); holdTransaction(t, d, open, release) }()
	<-open
	defer func() { close(release); <-done }()

	for name, c := range map[string]struct {
		who    string
		revoke func() error
		gone   func(policy.Actor, error) bool
	}{
		"a disabled user": {"driver", func() error {
			_, err := here.UpdateUser(admin, d.A.ID, d.A.Users["driver"], identity.Change{Disabled: &yes})
			return err
		}, func(_ policy.Actor, err error) bool { return fault.Is(err, "unauthenticated") }},
		"a role taken away": {"dispatcher", func() error {
			_, err := here.UpdateUser(admin, d.A.ID, d.A.Users["dispatcher"], identity.Change{Roles: &riders})
			return err
		}, func(a policy.Actor, err error) bool { return err == nil && !a.Holds(policy.BoardReadPermission) }},
	} {
		t.Run(name, func(t *testing.T) {
			session := signIn(t, here, d.A, c.who)
			bystander := signIn(t, here, d.B, c.who)
			for range 3 { // the second time from memory
				if a, err := there.Authenticate(ctx, session.Access); c.gone(a, err) {
					t.Fatal("gone before anything was revoked", err)
				}
			}
			told := make(chan identity.Revocation, 100)
			there.OnRevoked(func(r identity.Revocation) { told <- r })
			if err := c.revoke(); err != nil {
				t.Fatal(err)
			}
			committed := time.Now()
			if a, err := here.Authenticate(ctx, session.Access); !c.gone(a, err) {
				t.Errorf("not gone at once on the node that revoked: %v", err)
			}
			for {
				a, err := there.Authenticate(ctx, session.Access)
				if c.gone(a, err) {
					break
				}
				if time.Since(committed) > 15*time.Second { // two, with time to spare; a loaded machine needs more
					t.Fatalf("still there after %v", time.Since(committed))
				}
			}
			t.Logf("the other node knew after %v", time.Since(committed))
			for r := range told {
				if r.Tenant == d.A.ID && r.User == d.A.Users[c.who] {
					break
				}
			}
			if _, err := there.Authenticate(ctx, bystander.Access); err != nil {
				t.Errorf("the other tenant's namesake: %v", err)
			}
		})
	}
}

func holdTransaction(t *testing.T, d *storetest.DB, open, release chan struct{}) {
	err := d.InTx(context.Background(), d.B.ID, func(tx *store.Tx) error {
		if _, err := tx.LockUser(context.Background(), d.B.Rider); err != nil {
			return err
		}
		close(open)
		<-release
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// A node that does not look (Run is not running) trusts no memory.
func TestANodeThatHearsNothingRemembersNothing(t *testing.T) {
	t.Parallel()
	d, s, _ := setUp(t)
	session := signIn(t, s, d.A, "rider")
	if _, err := s.Authenticate(context.Background(), session.Access); err != nil {
		t.Fatal(err)
	}
	d.Exec(t, `update app_user set status = 'disabled' where id = $1`, d.A.Rider) // behind everybody's back
	if _, err := s.Authenticate(context.Background(), session.Access); code(err) != "unauthenticated" {
		t.Fatal(err)
	}
}

// A node that begins while PostgreSQL is away goes on trying. It is not ready meanwhile and accepts nothing, and says of a good token that it
// cannot tell, not that it is nobody's. With another secret it ends: no trying helps.
func TestKeysThatCannotBeRead(t *testing.T) {
	t.Parallel()
	d, here, _ := setUp(t)
	good := signIn(t, here, d.A, "rider").Access
	proxy := devtest.NewProxy(t, d.SystemURL())
	db, err := store.Open(t.Context(), store.Config{AppURL: d.AppURL(), SystemURL: proxy.URL(d.SystemURL())})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	away := make(chan struct{}, 100)
	proxy.Chaos(func(int64, bool) bool {
		select {
		case away <- struct{}{}:
		default:
		}
		return false
	})
	s := identity.New(identity.Config{DB: db, Box: box(t), Logger: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(t.Context())
	ended, begun := make(chan error, 1), make(chan struct{}, 100)
	s.OnRevoked(func(identity.Revocation) { begun <- struct{}{} })
	go func() { ended <- s.Run(ctx) }()
	for range 3 {
		select {
		case <-away: // it tried
		case err := <-ended:
			t.Fatalf("it gave up: %v", err)
		}
	}
	for _, token := range []string{good, good[:len(good)-4] + "AAAA"} {
		if _, err := s.Check(ctx, token); code(err) != "unavailable" {
			t.Errorf("a token without keys: %v", err)
		}
	}
	if s.Ready() == nil {
		t.Error("it says that it is ready")
	}
	proxy.Chaos(nil)
	select {
	case <-begun:
	case err := <-ended:
		t.Fatalf("it gave up: %v", err)
	}
	if err := s.Ready(); err != nil {
		t.Error(err)
	}
	if _, err := s.Check(ctx, good); err != nil {
		t.Error(err)
	}
	if _, err := s.Check(ctx, good[:len(good)-4]+"AAAA"); code(err) != "unauthenticated" {
		t.Error(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}

	strange, err := seal.Parse(strings.Repeat("A", 43))
	if err != nil {
		t.Fatal(err)
	}
	if err := identity.New(identity.Config{DB: d.DB, Box: strange}).Run(t.Context()); err == nil || !strings.Contains(err.Error(), "WAYMEET_SECRET") {
		t.Errorf("with another secret: %v", err)
	}
}

func TestTicketsAreUsedOnce(t *testing.T) {
	t.Parallel()
	d, s, _ := setUp(t)
	session := signIn(t, s, d.A, "rider")
	actor, err := s.Authenticate(context.Background(), session.Access)
	if err != nil {
		t.Fatal(err)
	}
	ctx := policy.With(context.Background(), actor)
	ticket, _, err := s.Ticket(ctx)
	if err != nil {
		t.Fatal(err)
	}
	good := make(chan bool, 10)
	for range 10 {
		go func() { _, err := s.UseTicket(context.Background(), ticket); good <- err == nil }()
	}
	used := 0
	for range 10 {
		if <-good {
			used++
		}
	}
	if used != 1 {
		t.Fatalf("used %d times", used)
	}
	if _, err := s.UseTicket(context.Background(), ticket); !errors.Is(err, identity.ErrSpent) || code(err) != "unauthenticated" {
		t.Errorf("a used one: %v", err)
	}
	late, _, err := s.Ticket(ctx)
	if err != nil {
		t.Fatal(err)
	}
	d.Exec(t, `update socket_ticket set expires_at = clock_timestamp() - interval '1 ms'`)
	if _, err := s.UseTicket(context.Background(), late); code(err) != "unauthenticated" {
		t.Fatalf("a late ticket: %v", err)
	}
	raw, _ := base64.RawURLEncoding.DecodeString(ticket)
	copy(raw, d.B.ID[:])
	for name, forged := range map[string]string{"another tenant's": base64.RawURLEncoding.EncodeToString(raw), "nothing": "", "no tenant's": strings.Repeat("A", 64)} {
		if _, err := s.UseTicket(context.Background(), forged); code(err) != "unauthenticated" || errors.Is(err, identity.ErrSpent) {
			t.Errorf("%s ticket: %v", name, err)
		}
	}
}

func TestForgedAccessTokens(t *testing.T) {
	t.Parallel()
	d, s, c := setUp(t)
	ctx := context.Background()
	good := signIn(t, s, d.A, "rider").Access
	parts := strings.Split(good, ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	keys, err := s.JWKS(ctx)
	if err != nil || len(keys) != 1 {
		t.Fatal(keys, err)
	}
	var claims jwt.MapClaims
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"iss", "aud", "exp", "iat", "sub", "tid", "sid"} {
		if claims[want] == nil {
			t.Errorf("no %s in %s", want, payload)
		}
	}
	none, err := jwt.NewWithClaims(jwt.SigningMethodNone, claims).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	public, _ := base64.RawURLEncoding.DecodeString(keys[0].X)
	confused := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	confused.Header["kid"] = keys[0].ID
	hmacked, err := confused.SignedString(public)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.ReplaceAll(string(payload), d.A.ID.String(), d.B.ID.String())
	for name, token := range map[string]string{
		"nothing": "", "letters": "a.b.c", "alg none": none, "the public key as a secret": hmacked,
		"another tenant":  parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(other)) + "." + parts[2],
		"no signature":    parts[0] + "." + parts[1] + ".",
		"a very long one": good + strings.Repeat("A", 4096),
	} {
		if _, err := s.Authenticate(ctx, token); code(err) != "unauthenticated" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Authenticate(ctx, good); err != nil {
		t.Errorf("the real one: %v", err)
	}
	stranger := identity.New(identity.Config{DB: d.DB, Box: box(t), Issuer: "https://elsewhere.example", Now: c.now})
	if _, err := stranger.Authenticate(ctx, good); code(err) != "unauthenticated" {
		t.Errorf("another issuer's: %v", err)
	}
	c.pass(10*time.Minute + 6*time.Second)
	if _, err := s.Authenticate(ctx, good); code(err) != "token_expired" {
		t.Errorf("after ten minutes: %v", err)
	}
}

// What a token opens lives as long as the token is taken, to the second that clocks may differ by: a socket that a late token opened
// would be closed again at once.
func TestWhatATokenOpensEndsWithIt(t *testing.T) {
	t.Parallel()
	d, s, c := setUp(t)
	token := signIn(t, s, d.A, "rider").Access
	c.pass(10 * time.Minute)
	late, err := s.Check(context.Background(), token)
	if err != nil || !late.Expires.After(c.now()) {
		t.Fatalf("it is taken, and what it opens is over: %v %v", late.Expires.Sub(c.now()), err)
	}
	c.pass(late.Expires.Sub(c.now()) - time.Second)
	if _, err := s.Check(context.Background(), token); err != nil {
		t.Errorf("what it opened outlives it: %v", err)
	}
	c.pass(time.Second)
	if _, err := s.Check(context.Background(), token); code(err) != "token_expired" {
		t.Errorf("it is taken when what it opened is over: %v", err)
	}
}

// kid names the key that signed a token.
func kid(t *testing.T, token string) string {
	t.Helper()
	head, _, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(head)
	var h struct{ Kid string }
	if err == nil {
		err = json.Unmarshal(raw, &h)
	}
	if err != nil {
		t.Fatal(err)
	}
	return h.Kid
}

// strange is a token of a key that nobody has.
func strange(good string) string {
	_, rest, _ := strings.Cut(good, ".")
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"EdDSA","typ":"JWT","kid":"strangerkid1"}`)) + "." + rest
}

// A new key signs when all nodes have it. A node that has not heard of it, asked by many at once while strangers name keys that nobody
// has, refuses no good token, neither then nor when its keys are old.
func TestSigningKeysTurn(t *testing.T) {
	t.Parallel()
	d, s, c := setUp(t)
	ctx := context.Background()
	before := signIn(t, s, d.A, "rider").Access
	d.Exec(t, `update signing_key set created_at = created_at - interval '31 days'`)
	started := node(t, d, c)
	if _, err := started.Authenticate(ctx, before); err != nil { // it looks, finds the only key tired, and makes the next
		t.Fatal(err)
	}
	good := func(when, token string, nodes ...*identity.Service) {
		t.Helper()
		var all sync.WaitGroup
		for _, n := range nodes {
			for range 20 {
				all.Go(func() {
					if _, err := n.Authenticate(ctx, strange(token)); code(err) != "unauthenticated" {
						t.Errorf("%s: a stranger: %v", when, err)
					}
				})
				all.Go(func() {
					if _, err := n.Authenticate(ctx, token); err != nil {
						t.Errorf("%s: %v", when, err)
					}
				})
			}
		}
		all.Wait()
	}
	if kids, err := started.JWKS(ctx); err != nil || len(kids) != 2 || kids[0].ID == kid(t, before) {
		t.Fatal(kids, err)
	}
	after := signIn(t, started, d.A, "rider").Access
	good("signed before", before, s, started)
	good("signed once the next is published", after, s, started)
	if kid(t, after) != kid(t, before) {
		t.Error("a key signs that the others have not read yet")
	}
	c.pass(6 * time.Minute)
	later := node(t, d, c)
	turned := signIn(t, later, d.A, "rider").Access
	if kid(t, turned) == kid(t, before) {
		t.Error("the old key goes on signing")
	}
	good("signed by the next", turned, s, started, later)
	good("signed before, later", before, later)
	if n := d.Int(t, `select count(*) from signing_key where position($1::bytea in sealed_private_key) > 0`, []byte("PRIVATE")); n != 0 {
		t.Error("a private key lies open")
	}
}

// A node whose first reading of the keys takes its time has everybody wait for it, and tells nobody that a good token is none.
func TestKeysThatComeLate(t *testing.T) {
	t.Parallel()
	d, here, _ := setUp(t)
	good := signIn(t, here, d.A, "rider").Access
	proxy := devtest.NewProxy(t, d.SystemURL())
	db, err := store.Open(t.Context(), store.Config{AppURL: d.AppURL(), SystemURL: proxy.URL(d.SystemURL())})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	reading, slow := make(chan struct{}, 1000), make(chan struct{})
	proxy.Chaos(func(int64, bool) bool {
		reading <- struct{}{}
		<-slow
		return true
	})
	s := identity.New(identity.Config{DB: db, Box: box(t), Logger: slog.New(slog.DiscardHandler)})
	var all sync.WaitGroup
	ask := func() {
		all.Go(func() {
			if _, err := s.Check(context.Background(), good); err != nil {
				t.Errorf("a good token: %v", err)
			}
		})
	}
	ask()
	<-reading
	for range 20 {
		ask()
	}
	impatient, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Check(impatient, good); code(err) != "unavailable" {
		t.Errorf("while they are read: %v", err)
	}
	close(slow)
	all.Wait()
}

// What an installation made is told from what was made up, on every node of it, without asking PostgreSQL; and a token whose
// signature was tampered with is no other one.
func TestMadeHere(t *testing.T) {
	t.Parallel()
	d, s, c := setUp(t)
	token := signIn(t, s, d.A, "rider").Access
	actor, err := s.Authenticate(context.Background(), token)
	if err != nil {
		t.Fatal(err)
	}
	ticket, _, err := s.Ticket(policy.With(context.Background(), actor))
	if err != nil {
		t.Fatal(err)
	}
	another := identity.New(identity.Config{Box: box(t), Now: c.now}) // without a database
	mark, made := another.Made(token)
	if _, too := another.Made(ticket); !made || !too || mark == "" {
		t.Errorf("on another node: %v %v", made, too)
	}
	parts := strings.Split(token, ".")
	if m, made := s.Made(parts[0] + "." + parts[1] + ".AAAA"); !made || m != mark {
		t.Error("another signature makes another token")
	}
	// Only one that is whole counts against itself.
	for _, signature := range []string{"", "AAAA", strings.Repeat("A", 86), parts[2] + ".x"} {
		if _, err := s.Check(context.Background(), parts[0]+"."+parts[1]+"."+signature); code(err) != "unauthenticated" || errors.Is(err, identity.ErrSpent) {
			t.Errorf("signed %q: %v", signature, err)
		}
	}
	c.pass(11 * time.Minute)
	if _, err := s.Check(context.Background(), token); code(err) != "token_expired" || !errors.Is(err, identity.ErrSpent) {
		t.Errorf("an expired one: %v", err)
	}
	c.pass(-11 * time.Minute)
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	other := base64.RawURLEncoding.EncodeToString([]byte(strings.ReplaceAll(string(payload), d.A.ID.String(), d.B.ID.String())))
	raw, _ := base64.RawURLEncoding.DecodeString(ticket)
	copy(raw, d.B.ID[:])
	strange, err := seal.Parse(strings.Repeat("A", 43))
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]string{
		"nothing": "", "letters": "a.b.c", "an object": "e30.e30.e30", "other claims": parts[0] + "." + other + "." + parts[2],
		"another tenant's ticket": base64.RawURLEncoding.EncodeToString(raw), "a ticket of zeros": strings.Repeat("A", 64), "a long one": token + strings.Repeat("A", 4096),
	} {
		if _, made := s.Made(x); made {
			t.Errorf("%s was made here", name)
		}
	}
	elsewhere := identity.New(identity.Config{Box: strange})
	for _, x := range []string{token, ticket} {
		if _, made := elsewhere.Made(x); made {
			t.Errorf("another installation made %s", x)
		}
	}
}

// Rows are dropped up to beyond a transaction that still runs, as after a quarter of an hour: nothing was lost, so nobody is asked about
// but those whose rights change. When it has ended, what it wrote may be gone: then everybody is.
func TestALongTransactionForgetsNobody(t *testing.T) {
	t.Parallel()
	d, _, _ := setUp(t)
	here := running(t, d)
	told := make(chan identity.Revocation, 100)
	here.OnRevoked(func(r identity.Revocation) { told <- r })
	open, release, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() { defer close(done); holdTransaction(t, d, open, release) }()
	<-open
	end := sync.OnceFunc(func() { close(release); <-done })
	defer end()
	next := func(want string, ok func(identity.Revocation) bool) {
		t.Helper()
		select {
		case r := <-told:
			if !ok(r) {
				t.Fatalf("told of %+v, want %s", r, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("not told of %s", want)
		}
	}
	for i, role := range []string{"driver", "rider", "dispatcher"} { // each by another look
		user := d.A.Users[role]
		d.Exec(t, `update app_user set status = 'disabled' where id = $1`, user)
		next(role, func(r identity.Revocation) bool { return r.User == user })
		if i == 1 { // the last look was behind the first change, which came after the long transaction
			d.Exec(t, `update outbox_horizon set xid = ((select min(backend_xid::text::bigint) from pg_stat_activity where datname = current_database()) + 1)::text::xid8`)
		}
	}
	end()
	next("everybody", func(r identity.Revocation) bool { return r == identity.Revocation{} })
}
