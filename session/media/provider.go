package media

import "context"

// Provider is one tenant's way to carry media. Every verb may be called from many goroutines, may be repeated, and
// honours its context. Verbs that the profile does not offer answer *NotSupported.
type Provider interface {
	Profile() Profile
	// Open makes a room, or finds it open.
	Open(context.Context, RoomOrder) error
	// Admit is how somebody comes in. It does not wait for them.
	Admit(context.Context, Seat) (Entry, error)
	// Arrange makes the provider follow a party that has changed: roles, who hears whom. Who is not there yet is
	// arranged by their entry; who was removed from the party is to be ejected.
	Arrange(context.Context, Arrangement) error
	// Eject throws somebody out; who is not there is not there afterwards either.
	Eject(ctx context.Context, room, participant string) error
	// Present is who is connected now; a room that is not open has nobody.
	Present(ctx context.Context, room string) ([]Present, error)
	// Record starts or stops the provider's recording. Both sides' consent is the caller's matter.
	Record(ctx context.Context, room string, on bool) error
	// Close ends the room and whoever is in it.
	Close(ctx context.Context, room string) error
	// ReadWebhook verifies a delivery and says what happened.
	ReadWebhook(Delivery) (Event, error)
}

// Opener makes providers of one kind from credentials. It makes no call.
type Opener interface {
	Kind() Kind
	Open(Credentials) (Provider, error)
}

// Openers is the adapters that a server has.
type Openers []Opener

// Open opens a tenant's provider.
func (o Openers) Open(c Credentials) (Provider, error) {
	for _, opener := range o {
		if opener.Kind() == c.Kind {
			return opener.Open(c)
		}
	}
	return nil, &Misconfigured{Text: "there is no provider of media of this kind: there are peer, livekit and daily"}
}
