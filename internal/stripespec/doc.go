// Package stripespec makes Stripe's OpenAPI specification strict, so that stripe-mock refuses a parameter that Stripe
// does not know at any depth. As it comes, the specification closes the top level alone: a typing error in a nested
// parameter (transfer_data[destinatoin]) would pass, and cost money at Stripe, which refuses it only then.
//
// It adds `additionalProperties: false` to every object of a request that lists its properties and does not say whether
// others are allowed; an object that is free (metadata) lists none and stays free.
package stripespec
