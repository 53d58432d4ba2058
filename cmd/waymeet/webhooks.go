package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/store"
)

const webhooksHelp = `list|replay [flags]

  webhooks list --tenant atlas [--state dead,waiting]
  webhooks replay ID --tenant atlas

What gateways told an operator, and what became of it, on WAYMEET_DATABASE_URL and WAYMEET_SYSTEM_DATABASE_URL. replay has an event that is over
(dead, ignored or done) applied once more by a serving node, which fetches the object again: it does no harm to what is done.
`

// maxListed is how many events a list shows.
const maxListed = 200

func webhooks(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("webhooks", webhooksHelp)
	slug := f.String("tenant", "", "the operator's short name")
	states := f.String("state", "dead,waiting", "states to list: waiting, done, ignored, dead")
	what, rest, err := verb(f, args)
	if err != nil {
		return err
	}
	var event uuid.UUID
	if what == "replay" && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		if event, err = uuid.Parse(rest[0]); err != nil {
			return fmt.Errorf("%q is no event's id", rest[0])
		}
		rest = rest[1:]
	}
	if err := parse(f, rest, 0); err != nil {
		return err
	}
	if what != "list" && (what != "replay" || event == uuid.Nil) {
		f.Usage()
		return errUsage
	}
	wanted, err := webhookStates(*states)
	if err != nil {
		return err
	}
	inbox, db, err := openInbox(ctx, t)
	if err != nil {
		return err
	}
	defer db.Close()
	who, err := called(ctx, db, *slug)
	if err != nil {
		return err
	}
	if what == "replay" {
		err := inbox.Replay(ctx, who.ID, event)
		if f := fault.As(err); err != nil && f.Kind == fault.NotFound {
			return fmt.Errorf("%s has no event %s that is over", *slug, event)
		}
		if err == nil {
			fmt.Fprintf(t.out, "%s is applied once more\n", event)
		}
		return err
	}
	events, err := inbox.Events(ctx, who.ID, wanted, time.Now().Add(time.Minute), uuid.Max, maxListed)
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, e := range events {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n", e.ID, e.ReceivedAt.UTC().Format(time.RFC3339), e.State, e.Kind, e.ObjectID, e.Tries, e.Problem)
	}
	return errors.Join(err, w.Flush())
}

func webhookStates(list string) (states []store.WebhookState, err error) {
	for _, word := range strings.Split(list, ",") {
		switch s := store.WebhookState(strings.TrimSpace(word)); s {
		case store.WebhookWaiting, store.WebhookDone, store.WebhookIgnored, store.WebhookDead:
			states = append(states, s)
		default:
			return nil, fmt.Errorf("--state: there is no state %q", word)
		}
	}
	return states, nil
}

// openInbox is billing's inbox by hand: it neither receives nor applies, so it needs no secret.
func openInbox(ctx context.Context, t *terminal) (*billing.Inbox, *store.DB, error) {
	r := reader{environment: t.environment}
	db, err := openByHand(ctx, &r, nil)
	if err != nil {
		return nil, nil, err
	}
	box := &seal.Box{}
	kms, err := keyring(box, t.environment(credentialKeys))
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	return billing.NewInbox(db, billing.NewAccounts(db, kms, openers(r.or("WAYMEET_STRIPE_URL", ""))), box, nil), db, nil
}
