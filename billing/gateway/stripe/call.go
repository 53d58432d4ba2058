package stripe

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
)

const (
	metaKey = "waymeet_key" // the order's key: what LookUp finds
	metaID  = "waymeet_id"  // our payment, user, seller
	metaWhy = "waymeet_why" // a refund's reason, for who reads Stripe's dashboard
)

// order is what every order sends along.
func order(ctx context.Context, key, account string) (stripe.Params, error) {
	if err := gateway.CheckKey(key); err != nil {
		return stripe.Params{}, err
	}
	p := stripe.Params{Context: ctx, IdempotencyKey: &key}
	if account != "" {
		p.StripeAccount = &account
	}
	return p, nil
}

// read is what every question sends along.
func read(ctx context.Context, account string) stripe.Params {
	p := stripe.Params{Context: ctx}
	if account != "" {
		p.StripeAccount = &account
	}
	return p
}

// tags are the metadata of an order.
func tags(key, id string) map[string]string {
	m := map[string]string{metaKey: key}
	if id != "" {
		m[metaID] = id
	}
	return m
}

// list is what every list sends along: newest first, one page or all pages.
func list(ctx context.Context, p gateway.Page) stripe.ListParams {
	l := stripe.ListParams{Context: ctx, Limit: stripe.Int64(int64(limit(p))), Single: true}
	if p.After != "" {
		l.StartingAfter = &p.After
	}
	if p.Account != "" {
		l.StripeAccount = &p.Account
	}
	return l
}

func limit(p gateway.Page) int {
	if p.Limit <= 0 || p.Limit > 100 {
		return 100
	}
	return p.Limit
}

// between is a page's time; nil: any.
func between(p gateway.Page) *stripe.RangeQueryParams {
	if p.Since.IsZero() && p.Until.IsZero() {
		return nil
	}
	r := &stripe.RangeQueryParams{}
	if !p.Since.IsZero() {
		r.GreaterThanOrEqual = p.Since.Unix()
	}
	if !p.Until.IsZero() {
		r.LesserThanOrEqual = p.Until.Unix()
	}
	return r
}

const (
	slack    = 5 * time.Minute // between our clock and Stripe's
	lookMost = 2000            // objects; more since the order was sent means that Since is wrong
)

// search is what a look-up by key sends along.
func search(ctx context.Context, l gateway.Lookup) (stripe.ListParams, *stripe.RangeQueryParams) {
	p := stripe.ListParams{Context: ctx, Limit: stripe.Int64(100)}
	if l.Account != "" {
		p.StripeAccount = &l.Account
	}
	if l.Since.IsZero() {
		return p, nil
	}
	return p, &stripe.RangeQueryParams{GreaterThanOrEqual: l.Since.Add(-slack).Unix()}
}

// iter is what all of stripe-go's iterators are.
type iter interface {
	Next() bool
	Err() error
}

// find is the object of a list that carries the key.
func find[T any](what, key string, it iter, at func() T, meta func(T) map[string]string) (T, error) {
	var none T
	if key == "" {
		return none, &gateway.Refused{Code: "lookup_invalid", Param: "key", Text: "a look-up names an id or a key"}
	}
	for seen := 0; it.Next(); seen++ {
		if v := at(); ordered(meta(v)[metaKey], key) {
			return v, nil
		}
		if seen == lookMost {
			return none, &gateway.Refused{Code: "lookup_too_wide", Param: "since", Text: "more than " + strconv.Itoa(lookMost) + " objects since then"}
		}
	}
	if err := it.Err(); err != nil {
		return none, failedRead(err)
	}
	return none, &gateway.NotFound{What: what, ID: key}
}

// ordered says whether an object's key is the one, or one of the attempts, that is looked for.
func ordered(got, want string) bool {
	return got == want || strings.HasSuffix(want, ":") && strings.HasPrefix(got, want)
}

func at(unix int64) time.Time {
	if unix == 0 {
		return time.Time{}
	}
	return time.Unix(unix, 0).UTC()
}

// some is a pointer to a string that says something.
func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
