package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// PlaceAsk is what must be known of people who want to wait: no key twice.
type PlaceAsk struct {
	Claims                        []idem.Claim
	Queues, Skills, Organisations []uuid.UUID
	Clients                       []uuid.UUID
	Fundings                      []string // of the clients, as many
	Currencies                    []ledger.Currency
}

// PlaceGround is what it is decided by whether people may wait.
type PlaceGround struct {
	Queues        map[uuid.UUID]*PlaceQueue
	Skills        map[uuid.UUID]bool
	Organisations map[uuid.UUID]bool
	Waiting       map[uuid.UUID]int         // requests of a client that wait
	Served        map[Funded]bool           // serves a request already
	Ended         map[uuid.UUID]bool        // money of sessions that is not set aside any more
	Cheapest      map[ledger.Currency]int64 // minute; 0: there is nobody
	Repeats       map[ClaimKey]Repeat       // claims that were committed before
}

// PlaceQueue is where requests of a kind wait, as it stands now.
type PlaceQueue struct {
	Modalities []string
	Needs      []Need // what every request in it asks for
	Most       int    // waiting at once
	Takes      bool   // open, and within its hours
	Waiting    int
}

// Funded is what a client set aside.
type Funded struct {
	Client  uuid.UUID
	Funding string
}

// PlaceGround reads all of it in one round trip, and holds what is set aside in sessions until the transaction ends, in the order of the ids.
func (tx *Tx) PlaceGround(ctx context.Context, ask PlaceAsk) (g PlaceGround, err error) {
	t := tx.tenant.UUID()
	var sessions []uuid.UUID
	for _, f := range ask.Fundings {
		if id, named := FundsOf(f); named {
			sessions = append(sessions, id)
		}
	}
	k := claimArrays(ask.Claims)
	b := &pgx.Batch{}
	if len(sessions) > 0 {
		b.Queue(sqlc.PlaceMetered, t, sessions)
	}
	b.Queue(sqlc.SeatsRepeats, k.actors, k.operations, k.keys, t)
	b.Queue(sqlc.PlaceQueues, t, ask.Queues)
	b.Queue(sqlc.PlaceClients, t, ask.Clients)
	b.Queue(sqlc.PlaceServed, ask.Clients, ask.Fundings, t)
	b.Queue(sqlc.PlaceSkills, t, ask.Skills, ask.Queues)
	b.Queue(sqlc.PlaceCheapest, t, ask.Currencies)
	if len(ask.Organisations) > 0 {
		b.Queue(sqlc.PlaceOrganisations, t, ask.Organisations)
	}
	res := tx.conn.SendBatch(ctx, b)
	err = g.read(res, len(sessions) > 0, len(ask.Organisations) > 0)
	if cerr := res.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		err = fmt.Errorf("store: what %d requests are placed by: %w", len(ask.Clients), err)
	}
	return g, err
}

func (g *PlaceGround) read(res pgx.BatchResults, sessions, organisations bool) error {
	*g = PlaceGround{map[uuid.UUID]*PlaceQueue{}, map[uuid.UUID]bool{}, map[uuid.UUID]bool{}, map[uuid.UUID]int{}, map[Funded]bool{}, map[uuid.UUID]bool{}, map[ledger.Currency]int64{}, map[ClaimKey]Repeat{}}
	if sessions {
		if err := each(res, func(m *sqlc.PlaceMeteredRow) { g.Ended[m.ID] = m.Ended }); err != nil {
			return err
		}
	}
	if err := each(res, func(r *sqlc.SeatsRepeatsRow) {
		g.Repeats[ClaimKey{r.Actor, r.Operation, r.Key}] = Repeat{[32]byte(r.BodyHash), r.Answer}
	}); err != nil {
		return err
	}
	if err := each(res, func(q *sqlc.PlaceQueuesRow) {
		p := &PlaceQueue{Modalities: q.Modalities, Most: int(q.Most), Takes: q.Takes, Waiting: int(q.Waiting)}
		for i, s := range q.Skills {
			p.Needs = append(p.Needs, Need{s, int(q.Levels[i])})
		}
		g.Queues[q.ID] = p
	}); err != nil {
		return err
	}
	if err := each(res, func(c *sqlc.PlaceClientsRow) { g.Waiting[c.ClientID] = int(c.Waiting) }); err != nil {
		return err
	}
	if err := each(res, func(s *sqlc.PlaceServedRow) { g.Served[Funded{s.Client, s.Funding}] = true }); err != nil {
		return err
	}
	if err := each(res, func(s *struct{ ID uuid.UUID }) { g.Skills[s.ID] = true }); err != nil {
		return err
	}
	if err := each(res, func(c *sqlc.PlaceCheapestRow) { g.Cheapest[ledger.Currency(c.Currency)] = c.Least }); err != nil {
		return err
	}
	if !organisations {
		return nil
	}
	return each(res, func(o *struct{ ID uuid.UUID }) { g.Organisations[o.ID] = true })
}

func each[T any](res pgx.BatchResults, f func(*T)) error {
	rows, err := collect[T](res)
	for i := range rows {
		f(&rows[i])
	}
	return err
}

// Wanted is one skill that is asked for: by the client, at a level of their own, or else by their queue of everybody.
type Wanted struct {
	Need
	Own int // 0: the queue alone
}

// NewRequest is somebody who will wait.
type NewRequest struct {
	Request
	Needs []Wanted
}

// AddRequests lets people wait from now on, in one round trip: their places are PostgreSQL's.
func (tx *Tx) AddRequests(ctx context.Context, all ...NewRequest) error {
	if len(all) == 0 {
		return nil
	}
	var r sqlc.RequestsAddParams
	var s sqlc.RequestSkillsAddParams
	var about []uuid.UUID
	var abouts []string
	for i := range all {
		x := &all[i]
		r.Ids, r.Queues, r.Clients, r.Organisations = append(r.Ids, x.ID), append(r.Queues, x.Queue), append(r.Clients, x.Client), append(r.Organisations, x.Organisation)
		r.Modalities, r.Languages, r.Ceilings = append(r.Modalities, x.Modality), append(r.Languages, textArray(x.Languages)), append(r.Ceilings, x.Ceiling.Amount)
		r.Currencies, r.Priorities, r.Fundings = append(r.Currencies, string(x.Ceiling.Currency)), append(r.Priorities, int16(x.Priority)), append(r.Fundings, x.Funding)
		r.Aheads, r.Follows, r.Onlys = append(r.Aheads, int32(x.Ahead)), append(r.Follows, x.Follows), append(r.Onlys, x.Only)
		for n, need := range x.Needs {
			s.Requests, s.Ns, s.Skills, s.Levels = append(s.Requests, x.ID), append(s.Ns, int16(n+1)), append(s.Skills, need.Skill), append(s.Levels, int16(need.Level))
			s.Owns = append(s.Owns, int16(need.Own))
		}
		if x.About != "" {
			about, abouts = append(about, x.ID), append(abouts, x.About)
		}
	}
	t := tx.tenant.UUID()
	b := &pgx.Batch{}
	now := told{Requests: make([]event.Request, len(all))}
	b.Queue(sqlc.RequestsAdd, t, r.Ids, r.Queues, r.Clients, r.Organisations, r.Modalities, r.Languages, r.Ceilings, r.Currencies, r.Priorities, r.Fundings, r.Aheads, r.Follows, r.Onlys).Query(func(rows pgx.Rows) error {
		placed, err := pgx.CollectRows(rows, pgx.RowToStructByPos[sqlc.RequestsAddRow])
		for i, p := range placed { // as request_doc would show them: nobody is rung yet
			x := &all[i]
			now.Requests[i] = event.Request{ID: p.ID, Queue: x.Queue, Client: x.Client, Who: p.Who, Modality: x.Modality, Languages: append([]string{}, x.Languages...), Ceiling: x.Ceiling.Amount,
				Currency: string(x.Ceiling.Currency), Priority: x.Priority, State: string(RequestWaiting), PlacedAt: p.PlacedAt, Away: p.CallbackAt, About: x.About, Version: 1}
		}
		return err
	})
	if len(about) > 0 {
		b.Queue(sqlc.RequestAboutsAdd, t, about, abouts)
	}
	if len(s.Requests) > 0 {
		b.Queue(sqlc.RequestSkillsAdd, t, s.Requests, s.Ns, s.Skills, s.Levels, s.Owns)
	}
	if err := tx.conn.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("store: add %d requests: %w", len(all), err)
	}
	return tx.emitTold(ctx, now)
}
