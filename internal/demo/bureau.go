package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/demo/crowd"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/store"
)

// bureau is an operator of the demonstration who sells advice.
type bureau struct {
	tenant           tenant.Tenant // without its id
	domain           string
	names            names
	logins           []string // names of those whose logins are printed, in the order of bureauRoles
	skills           []string
	queues           []counter
	experts, clients int
	purse            int64 // what a client's wallet begins with
	lines            crowd.Lines
}

// counter is a queue and who comes to it.
type counter struct {
	name, skill string // what everybody in it asks for
	level       int
	sla         int
	overflow    string
	// modalities are what the queue offers; asked, what the crowd's clients ask for in it.
	modalities, asked []string
	every             time.Duration // none: nobody of the crowd comes here by themselves
	sticky            *int64
}

// written is the queue whose calls a person can take from the crowd: in writing there is nothing that it lacks.
const written = "Company set-up"

var all3 = []string{"audio", "video", "chat"}

var bureaus = []bureau{{
	tenant: tenant.Tenant{Slug: "majlis", Name: "Majlis Advice", TimeZone: "Asia/Dubai", Currency: "AED", DefaultLocale: "en", Map: tenant.Map{Lat: 25.2048, Lon: 55.2708, Zoom: 11}},
	domain: "majlis.example", names: emirati,
	logins:  []string{"Noura Al Suwaidi", "Dr Layla Haddad", "Khalid Al Marri", "Hessa Al Falasi", "Rashid Mehta"},
	skills:  []string{written, "Visas and residence", "Tax and VAT", "Property", "General guidance"},
	experts: 40, clients: 60, purse: 2_000_00,
	queues: []counter{
		{name: written, skill: written, level: 2, sla: 30, modalities: all3, asked: []string{"chat"}, every: 28 * time.Second, sticky: new(int64)},
		{name: "Visas and residence", skill: "Visas and residence", level: 3, sla: 45, overflow: "Front desk", modalities: all3, asked: []string{"audio", "video", "chat"}, every: 55 * time.Second},
		{name: "Tax and VAT", skill: "Tax and VAT", level: 4, sla: 60, overflow: "Front desk", modalities: []string{"audio", "video"}, asked: []string{"audio", "video"}, every: 80 * time.Second},
		{name: "Property", skill: "Property", level: 2, sla: 60, overflow: "Front desk", modalities: []string{"audio", "video"}, asked: []string{"video"}, every: 110 * time.Second},
		{name: "Front desk", skill: "General guidance", level: 1, sla: 120, modalities: all3},
	},
	lines: crowd.Lines{
		Asks: []string{"Good morning! I want to open a small trading company. Free zone or mainland?", "مرحبا، كم يستغرق إصدار الرخصة التجارية؟", "Can I sponsor my family while the licence is still being issued?",
			"We are three partners. Which form of company do you advise?", "هل أحتاج إلى مكتب فعلي للحصول على الرخصة؟", "Is a local bank account needed before the licence?"},
		Answers: []string{"Let me look at your case. Which activity is it, and how many visas do you need?", "نعم، بالتأكيد. سأرسل لك قائمة المستندات المطلوبة.", "Usually five working days, once the name is reserved.",
			"A free zone is cheaper to begin with; mainland if your customers are here.", "A flexi-desk is enough for up to three visas."},
		Thanks: []string{"That is clear, thank you. And what would it cost in the first year?", "شكرا جزيلا! هل يمكن البدء هذا الأسبوع؟", "Thank you. Do we all have to come to sign?", "Very good, I will send the passports today."},
		Mute: "I am one of the demonstration's simulated people: I have no microphone and no camera, so this call stays silent and costs nothing. In writing I answer. Two people of your own, " +
			"client@majlis.example and expert@majlis.example, see and hear each other in «" + written + "».",
	},
}}

// bureauRoles are those of the printed logins, in the order of bureau.logins; the address is role@domain.
var bureauRoles = []string{"client", "expert", "supervisor", "admin", "finance"}

func (b *bureau) email(who string) string { return who + "@" + b.domain }

// foundBureau makes the operator, the printed logins, skills and queues. What is there already stays.
func (d *Demo) foundBureau(ctx context.Context, b *bureau) error {
	t, err := d.Identity.Tenant(ctx, b.tenant.Slug)
	if store.IsNotFound(err) {
		t, err = d.Identity.CreateTenant(ctx, b.tenant)
	}
	if err != nil {
		return err
	}
	staff := make([]identity.NewUser, len(bureauRoles))
	for i, role := range bureauRoles {
		staff[i] = identity.NewUser{Email: b.email(role), Name: b.logins[i], Roles: []string{role}}
	}
	if err := d.enrol(ctx, t.ID, staff); err != nil {
		return err
	}
	people, err := d.people(ctx, t.ID)
	if err != nil {
		return err
	}
	skills, err := d.teach(ctx, matching.By{Tenant: t.ID, User: people[b.email("supervisor")].ID}, b)
	if err != nil {
		return err
	}
	if err := d.license(ctx, t.ID, b, people, skills, b.email("expert"), store.ExpertProfile{Minute: ledger.Of(3_50, ledger.Currency(b.tenant.Currency)), Slots: 1, Modalities: all3,
		Languages: []string{"ar", "en", "fr"}, Skills: []store.SkillLevel{{Skill: skills[written], Level: 5}}}); err != nil {
		return err
	}
	return d.endow(ctx, t.ID, b, []uuid.UUID{people[b.email("client")].ID})
}

// teach makes the skills and queues that are not there, as the supervisor would.
func (d *Demo) teach(ctx context.Context, by matching.By, b *bureau) (map[string]uuid.UUID, error) {
	there, err := d.Matching.Skills(ctx, by.Tenant)
	if err != nil {
		return nil, err
	}
	skills := map[string]uuid.UUID{}
	for _, k := range there {
		skills[k.Name] = k.ID
	}
	for _, name := range b.skills {
		if skills[name] != uuid.Nil {
			continue
		}
		k, err := d.Matching.AddSkill(ctx, by, idem.Claim{}, store.Skill{Name: name})
		if err != nil && !refusal(err) {
			return nil, err
		}
		skills[name] = k.ID
	}
	known, err := d.Matching.Queues(ctx, by.Tenant)
	if err != nil {
		return nil, err
	}
	queues := map[string]uuid.UUID{}
	for _, q := range known {
		queues[q.Name] = q.ID
	}
	for _, c := range slices.Backward(b.queues) { // an overflow is there before those who name it
		if queues[c.name] != uuid.Nil {
			continue
		}
		q, err := d.Matching.AddQueue(ctx, by, idem.Claim{}, matching.QueueSpec{Weights: matching.WeightSpec{Sticky: c.sticky}, QueueRules: store.QueueRules{Name: c.name, Modalities: c.modalities,
			SLAS: c.sla, RingS: 20, PushRingS: 40, FanOut: 1, Overflow: queues[c.overflow], Open: true, Callbacks: store.Callbacks{Callback: true}, Most: 200, TimeZone: b.tenant.TimeZone,
			Needs: []store.SkillLevel{{Skill: skills[c.skill], Level: c.level}}}})
		if err != nil && !refusal(err) {
			return nil, err
		}
		queues[c.name] = q.ID
	}
	return skills, nil
}

// license lets somebody apply, and the supervisor approve it, once.
func (d *Demo) license(ctx context.Context, t tenant.ID, b *bureau, people map[string]identity.User, skills map[string]uuid.UUID, email string, p store.ExpertProfile) error {
	who := people[email].ID
	if _, err := d.Matching.Profile(ctx, t, who); err == nil || !refusal(err) {
		return err
	}
	p.TimeZone = b.tenant.TimeZone
	for day := 1; day <= 5; day++ {
		p.Hours = append(p.Hours, store.Hours{Weekday: day, From: 9 * 60, Until: 18 * 60})
	}
	if _, err := d.Matching.Apply(ctx, matching.By{Tenant: t, User: who}, p); err != nil {
		return fmt.Errorf("%s applies: %w", email, err)
	}
	_, err := d.Matching.Practise(ctx, matching.By{Tenant: t, User: people[b.email("supervisor")].ID}, who, matching.Practice{State: "approved"})
	return err
}

// endow fills wallets once, with money from before this system.
func (d *Demo) endow(ctx context.Context, t tenant.ID, b *bureau, clients []uuid.UUID) error {
	c := ledger.Currency(b.tenant.Currency)
	return d.DB.InTx(ctx, t, func(tx *store.Tx) error {
		accounts, entries := []ledger.Account{ledger.Opening(c)}, make([]ledger.Journal, 0, len(clients))
		for _, who := range clients {
			into, purse := ledger.Wallet(who, c), ledger.Of(b.purse, c)
			accounts = append(accounts, into)
			entries = append(entries, ledger.Post("demo:wallet:"+who.String(), "opening_balance", ledger.Debit(ledger.Opening(c), purse), ledger.Credit(into, purse)))
		}
		if err := tx.OpenAccounts(ctx, accounts...); err != nil {
			return err
		}
		done, err := tx.Record(ctx, entries...)
		for _, r := range done {
			err = errors.Join(err, r.Err)
		}
		return err
	})
}

// fillBureau enrols those who move by themselves: experts with their practices, clients with their wallets.
func (d *Demo) fillBureau(ctx context.Context, b *bureau) error {
	t, err := d.Identity.Tenant(ctx, b.tenant.Slug)
	if err != nil {
		return err
	}
	var all []identity.NewUser
	for i, email := range b.expertEmails() {
		all = append(all, identity.NewUser{Email: email, Name: b.names.at(i), Roles: []string{"expert"}})
	}
	for i, email := range b.clientEmails() {
		all = append(all, identity.NewUser{Email: email, Name: b.names.at(b.experts + i), Locale: b.names.locales[i%len(b.names.locales)], Roles: []string{"client"}})
	}
	if err := d.enrol(ctx, t.ID, all); err != nil {
		return err
	}
	people, err := d.people(ctx, t.ID)
	if err != nil {
		return err
	}
	known, err := d.Matching.Skills(ctx, t.ID)
	if err != nil {
		return err
	}
	skills := map[string]uuid.UUID{}
	for _, k := range known {
		skills[k.Name] = k.ID
	}
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for i, email := range b.expertEmails() {
		g.Go(func() error { return d.license(inner, t.ID, b, people, skills, email, b.practice(i, skills)) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	var clients []uuid.UUID
	for _, email := range b.clientEmails() {
		if u, ok := people[email]; ok {
			clients = append(clients, u.ID)
		}
	}
	return d.endow(ctx, t.ID, b, clients)
}

// practice is what the i-th expert offers: every fifth is of the written queue, and writes; the others have one of the other trades, half of them two, and answer the
// front desk as well.
func (b *bureau) practice(i int, skills map[string]uuid.UUID) store.ExpertProfile {
	p := store.ExpertProfile{Minute: ledger.Of(int64(5_00+25*(i*7%17)), ledger.Currency(b.tenant.Currency)), Slots: 1, Modalities: all3, Languages: [][]string{{"ar", "en"}, {"en"}, {"ar", "en", "fr"}}[i%3]}
	if i%5 == 0 {
		p.Modalities, p.Skills = []string{"chat"}, []store.SkillLevel{{Skill: skills[written], Level: 2 + i/5%2}}
		return p
	}
	trades := b.skills[1:4]
	p.Skills = []store.SkillLevel{{Skill: skills[b.skills[4]], Level: 2 + i%3}, {Skill: skills[trades[i%3]], Level: 3 + i%3}}
	if i%2 == 0 {
		p.Skills = append(p.Skills, store.SkillLevel{Skill: skills[trades[(i+1)%3]], Level: 2 + i%4})
	}
	return p
}

func (b *bureau) expertEmails() []string { return b.numbered("expert", b.experts) }
func (b *bureau) clientEmails() []string { return b.numbered("client", b.clients) }

func (b *bureau) numbered(who string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = b.email(fmt.Sprintf("%s%03d", who, i+1))
	}
	return out
}

// crowd is who moves by themselves.
func (b *bureau) crowd() crowd.Bureau {
	out := crowd.Bureau{Slug: b.tenant.Slug, Password: Password, Experts: b.expertEmails(), Clients: b.clientEmails(), Lines: b.lines}
	for _, c := range b.queues {
		if c.every > 0 {
			out.Counters = append(out.Counters, crowd.Counter{Queue: c.name, Every: c.every, Modalities: c.asked, Ceiling: 10_00})
		}
	}
	return out
}
