package media

import "context"

// Unsupported answers every verb that a provider may lack with NotSupported. An adapter embeds it and writes what it has.
type Unsupported struct{ Of Kind }

func (u Unsupported) no(c Capability) error { return &NotSupported{Kind: u.Of, Capability: c} }

// Eject is not offered.
func (u Unsupported) Eject(context.Context, string, string) error { return u.no(Eject) }

// Present is not offered.
func (u Unsupported) Present(context.Context, string) ([]Present, error) { return nil, u.no(Presence) }

// Record is not offered.
func (u Unsupported) Record(context.Context, string, bool) error { return u.no(Record) }

// ReadWebhook is not offered.
func (u Unsupported) ReadWebhook(Delivery) (Event, error) { return Event{}, u.no(Webhooks) }
