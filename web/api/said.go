package api

import (
	"context"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/web/rest"
)

// saidOf is what a problem that was kept means, in the reader's language; nothing for what is no code of ours.
func saidOf(ctx context.Context, problem string) string {
	if !fault.Speaks(problem) {
		return ""
	}
	return fault.Sentence(rest.Language(ctx), problem, nil)
}

// declinedOf is why a payer's side said no, in the reader's language.
func declinedOf(ctx context.Context, reason string) string {
	if reason == "" {
		return ""
	}
	if said := saidOf(ctx, "payment_"+reason); said != "" {
		return said
	}
	return saidOf(ctx, "payment_declined")
}
