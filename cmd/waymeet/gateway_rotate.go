package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/waymeet/waymeet/session/media/peer"
)

// rotateCredentials moves credentials under the current key, gateways' and media providers': of one operator, or of all.
func rotateCredentials(ctx context.Context, t *terminal, slug string) error {
	o, err := openAccounts(ctx, t)
	if err != nil {
		return err
	}
	defer o.db.Close()
	all, err := allOrCalled(ctx, o.db, slug)
	if err != nil {
		return err
	}
	media, err := mediaSettings(o.db, o.secret, t.environment(credentialKeys), peer.Config{})
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "tenant\tmoved\tthere before\t")
	var failed error
	for _, x := range all {
		r, err := o.accounts.Rotate(ctx, x.ID)
		moved, there, mediaErr := media.Rotate(ctx, x.ID)
		if moved {
			r.Moved++
		}
		if there {
			r.There++
		}
		if mediaErr != nil {
			err = errors.Join(err, fmt.Errorf("media: %w", mediaErr))
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t\n", x.Slug, r.Moved, r.There)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", x.Slug, err))
		}
	}
	return errors.Join(failed, w.Flush())
}
