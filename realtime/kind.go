package realtime

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/realtime/bus"
	"github.com/waymeet/waymeet/realtime/wire"
	"github.com/waymeet/waymeet/store"
)

// maxEntities is how many entities one channel may show, of most kinds.
const maxEntities = 2000

// Kind is a sort of channel. Each is one file that begins with kind_.
type Kind struct {
	Name string

	// Parse reads what follows the name; it does no I/O and knows nobody's rights.
	Parse func(rest string, who policy.Actor) (Channel, bool)

	// Load reads the whole set in one statement, as it stands, for all who may see it.
	Load func(ctx context.Context, r *store.Reader, c Channel) (Set, error)

	// Row reads from a document what Match looks at: once for each change, however many sets may want it; nil: nothing.
	Row func(entity string, doc []byte) any

	// Wide kinds show what their readers ask for, so that there is no end of sets: a connection and a tenant may have a few.
	Wide bool

	// Read and Signal are the actions that the policy must allow on the set's resource.
	// Signal is empty for kinds that carry no signals of clients.
	Read, Signal policy.Action

	// Tells names the signals that clients may send, each with what its data must be; nil: any JSON.
	Tells map[string]func(data []byte) bool

	// Pass judges some of these signals by the row of the channel's thing, before anybody hears them, and makes of each what others may: a fault is the
	// sender's answer, errUnheard is none, errAhead asks for a row that may be newer. An error leaves the signal as it was.
	Pass map[string]func(m *bus.Message, thing any) error

	// Aside is what of such a signal is told on another channel of the tenant, whose readers may not hear all that is said here: when it says something new,
	// and every few seconds.
	Aside map[string]func(m *bus.Message, thing any) (base, key string, data any)

	// Keep names the signal whose last values newcomers are shown.
	Keep string

	// Part is what whoever may not see the set is shown of it under the same name, if they may see that: a set of its own, as me
	// is to each user. nil: nothing.
	Part *Kind

	// Moves says that whoever may see a set can be another by what it shows, without that anybody's rights change: when a connection's are asked again, so is
	// what they are asked about.
	Moves bool

	// Most is how many entities one set may show; 0: maxEntities.
	Most int

	// Sole kinds show one thing: the channel ends with it.
	Sole bool
}

// Channel is a parsed channel.
type Channel struct {
	Kind *Kind
	Name string // as the client said it, and hears it
	View string // its one name on this node: however a client spells the same set, it is the same view
	Base string // what the bus and the outbox call it: without filters, me with its user
	Key  any    // what Parse found, for Load

	Thing string // the entity by which signals are judged

	// Hears says by its key whether a signal of the subject belongs to the set; nil: all do.
	Hears func(key string) bool

	// Match says by its row whether a document belongs to the set; nil: all that reach the channel do.
	Match func(row any) bool
}

func (c *Channel) hears(key string) bool { return c.Hears == nil || key == nodeKey || c.Hears(key) }

func (c *Channel) wants(row any) bool { return c.Match == nil || c.Match(row) }

// Set is what a channel shows.
type Set struct {
	Resource policy.Resource
	Entities []Entity
}

// Entity is one of a set, in the channel's projection.
type Entity struct {
	Name    string
	Version uint64
	Doc     []byte

	row any
}

// canonical brings a set that was read into the form in which documents are kept and compared, and reads their rows: before any
// lock is taken. What does not belong to the set after all, or cannot be read, is left out.
func (c *Channel) canonical(set Set) Set {
	kept := set.Entities[:0]
	for _, x := range set.Entities {
		doc, err := wire.Document(nil, x.Doc)
		if err != nil {
			continue
		}
		x.Doc, x.row = doc, c.Kind.row(x.Name, doc)
		if c.wants(x.row) {
			kept = append(kept, x)
		}
	}
	set.Entities = kept
	return set
}

func (k *Kind) most() int { return cmp.Or(k.Most, maxEntities) }

func (k *Kind) row(entity string, doc []byte) any {
	if k.Row == nil {
		return nil
	}
	return k.Row(entity, doc)
}

// kinds is every kind of channel; each issue brings its own.
var kinds = map[string]*Kind{}

// Kinds names every kind of channel, in order, for whoever must miss none.
func Kinds() []string { return slices.Sorted(maps.Keys(kinds)) }

func register(k *Kind) *Kind {
	kinds[k.Name] = k
	return k
}

// maxName bounds a channel's name, filters included.
const maxName = 1024

// parse reads a channel's name. What nobody may read and what does not exist are the same.
func parse(name string, who policy.Actor) (Channel, error) {
	if len(name) > maxName {
		return Channel{}, fault.New("not_found")
	}
	head, rest, _ := strings.Cut(name, ":")
	k := kinds[head]
	if k == nil {
		return Channel{}, fault.New("not_found")
	}
	c, ok := k.Parse(rest, who)
	if !ok {
		return Channel{}, fault.New("not_found")
	}
	c.Kind, c.Name = k, name
	if c.View == "" {
		c.View = name
	}
	return c, nil
}

// part is the channel that is shown under c's name to whoever may not see all of it.
func (c *Channel) part(who policy.Actor) (Channel, bool) {
	if c.Kind.Part == nil {
		return Channel{}, false
	}
	_, rest, _ := strings.Cut(c.Name, ":")
	p, ok := c.Kind.Part.Parse(rest, who)
	p.Kind, p.Name = c.Kind.Part, c.Name
	return p, ok
}

// inPart asks for a channel, and, if there is no such thing for whoever asks, for the part of it that others may see.
func inPart[T any](c Channel, who policy.Actor, ask func(Channel) (T, error)) (T, error) {
	got, err := ask(c)
	if err == nil || fault.As(err).Code != "not_found" {
		return got, err
	}
	if p, ok := c.part(who); ok {
		return ask(p)
	}
	return got, err
}

// may asks the policy. Whoever may not read a channel learns nothing of it.
func may(ctx context.Context, action policy.Action, res policy.Resource) error {
	err := policy.Can(ctx, action, res)
	switch f := fault.As(err); {
	case err == nil:
		return nil
	case f.Kind == fault.Forbidden:
		return fault.New("not_found")
	}
	return err
}

// load reads a channel's set with what the policy must be asked about it.
func load(ctx context.Context, db *store.DB, t tenant.ID, c Channel) (Set, error) {
	set, err := c.Kind.Load(ctx, db.Read(t), c)
	switch {
	case store.IsNotFound(err):
		return set, fault.New("not_found")
	case err != nil:
		return set, fault.New("unavailable").Because(err)
	case len(set.Entities) > c.Kind.most():
		return set, fault.New("too_many")
	}
	set.Resource.Tenant = t
	return set, nil
}
