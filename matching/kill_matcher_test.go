package matching_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/matching"
)

// again is how soon whoever waits is to be rung for again after the node that owned their queue was killed. It is logged: a busy machine proves nothing.
const again = 5 * time.Second

// TestTheOwnerNodeIsKilled: a node serves a queue and is killed with SIGKILL after so much of what it says to PostgreSQL and hears from
// it, while four clients wait for two experts. Another node runs beside it, which is told nothing. Within five seconds both experts are rung
// for the first two, and then, as they accept and are done, for the others in their places; nobody twice.
func TestTheOwnerNodeIsKilled(t *testing.T) {
	t.Parallel()
	for _, pieces := range []int64{1, 4, 9, 16, 25, 40} {
		t.Run(strconv.FormatInt(pieces, 10), func(t *testing.T) {
			t.Parallel()
			killOwner(t, pieces)
		})
	}
}

func killOwner(t *testing.T, pieces int64) {
	l := newLounge(t, 2, 4)
	proxy := devtest.NewProxy(t, l.AppURL())
	text, err := json.Marshal(owner{DB: proxy.URL(l.AppURL()), System: l.SystemURL(), Serve: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), ownerEnv+"="+string(text))
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if !bufio.NewScanner(said).Scan() {
		t.Fatal("the node does not begin")
	}
	// One request makes it the owner; it is over before the others come.
	first := ident.New()
	place := func(id uuid.UUID, client int) {
		l.Exec(t, `insert into request (tenant_id, id, queue_id, client_id, modality, ceiling, currency, funding) values ($1, $2, $3, $4, 'audio', 900, 'MAD', 'test')`,
			l.A.ID.UUID(), id, l.Queue, l.Clients[client])
	}
	place(first, 0)
	offer, e := l.rung(t, first)
	helper := matching.New(matching.Config{DB: l.DB.DB, Logger: quiet}) // it does not run: it answers for people
	if _, err := helper.Accept(ctx, l.by(e), offer); err != nil {
		t.Fatal(err)
	}
	if _, err := helper.Done(ctx, l.A.ID, offer); err != nil {
		t.Fatal(err)
	}

	next, _ := l.node(t, matching.Config{})
	dead := make(chan struct{})
	from := proxy.Pieces()
	proxy.After(func(i int64) {
		if i == from+pieces {
			_ = cmd.Process.Kill() // SIGKILL
			<-dead                 // nothing more is forwarded
		}
	})
	var waiting []string
	for i := range 4 {
		id := ident.New()
		place(id, i)
		waiting = append(waiting, id.String())
	}
	_ = cmd.Wait()
	killed := time.Now()
	close(dead)
	l.until(t, `select coalesce(string_agg(request_id::text, ' ' order by r.placed_at), '') from offer o join request r on r.id = o.request_id where o.state = 'open'`,
		waiting[0]+" "+waiting[1])
	t.Logf("rung for again %s after the kill (%s is wanted), epoch %v", time.Since(killed).Round(time.Millisecond), again, l.Texts(t, `select epoch::text from queue_owner`))

	var served []string
	for range waiting {
		l.until(t, `select (count(*) > 0)::text from offer where state = 'open'`, "true")
		row := l.Texts(t, `select o.id::text || ' ' || o.expert_id || ' ' || r.id from offer o join request r on r.id = o.request_id where o.state = 'open' order by r.placed_at limit 1`)[0]
		offer, expert, request := uuid.MustParse(row[:36]), uuid.MustParse(row[37:73]), row[74:]
		if _, err := next.Accept(ctx, l.by(expert), offer); err != nil {
			t.Fatal(err)
		}
		if _, err := next.Done(ctx, l.A.ID, offer); err != nil {
			t.Fatal(err)
		}
		served = append(served, request)
	}
	if !slices.Equal(served, waiting) {
		t.Errorf("served in the order %v, waited %v", served, waiting)
	}
	if n := l.Int(t, `select count(*) from request r where (select count(*) from offer o where o.request_id = r.id and o.accepted) <> 1`); n != 0 {
		t.Errorf("%d requests were not taken once", n)
	}
}
