package main

import (
	"context"
	"encoding/base64"
	"fmt"

	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/internal/seal"
)

const ticketKeyHelp = `

  ticket-key list --tenant atlas
  ticket-key rotate --tenant atlas

The keys that sign an operator's tickets, on WAYMEET_DATABASE_URL and WAYMEET_SYSTEM_DATABASE_URL, opened with WAYMEET_SECRET.
rotate makes the next key; the older ones sign no more, and the tickets that they signed stay good.
`

func ticketKeys(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("ticket-key", ticketKeyHelp)
	slug := f.String("tenant", "", "the operator's short name")
	what, rest, err := verb(f, args)
	if err != nil {
		return err
	}
	if err := parse(f, rest, 0); err != nil {
		return err
	}
	if what != "list" && what != "rotate" {
		f.Usage()
		return errUsage
	}
	r := reader{environment: t.environment}
	secret := r.secret("WAYMEET_SECRET")
	db, err := openByHand(ctx, &r, nil)
	if err != nil {
		return err
	}
	defer db.Close()
	box, err := seal.Parse(secret.reveal())
	if err != nil {
		return err
	}
	who, err := called(ctx, db, *slug)
	if err != nil {
		return err
	}
	s := booking.New(booking.Config{DB: db, Secret: box})
	if what == "rotate" {
		if err := s.RotateTicketKey(ctx, who.ID); err != nil {
			return err
		}
	}
	keys, err := s.TicketKeys(ctx, who.ID)
	if err != nil {
		return err
	}
	for i, k := range keys {
		signs := ""
		if i == len(keys)-1 {
			signs = "  signs"
		}
		fmt.Fprintf(t.out, "%3d  %s%s\n", k.KID, base64.RawURLEncoding.EncodeToString(k.Public), signs)
	}
	return nil
}
