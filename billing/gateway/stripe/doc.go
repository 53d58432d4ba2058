// Package stripe is the only room of the house that speaks to Stripe.
//
// It is empty but for its pin: the version of stripe-go decides the API version
// (v76 pins 2023-10-16) and with it the shape of everything the money code will
// rely on, so it is fixed before the first call is written.
package stripe

import (
	_ "github.com/stripe/stripe-go/v76" // the pin; the adapter imports it for real
)
