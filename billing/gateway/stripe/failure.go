package stripe

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
)

// order is what an order failed with, in the port's words.
func failedOrder(verb, key string, err error) error {
	if err == nil {
		return nil
	}
	if e := known(key, err); e != nil {
		return e
	}
	unknown := &gateway.Unknown{Verb: verb, Key: key, Cause: quiet(err)}
	var se *stripe.Error
	if errors.As(err, &se) && se.LastResponse != nil {
		unknown.Replayed = se.LastResponse.Header.Get("Idempotent-Replayed") == "true" && se.HTTPStatusCode >= 500
	}
	return unknown
}

// failedRead is what a question failed with.
func failedRead(err error) error {
	if err == nil {
		return nil
	}
	if e := known("", err); e != nil {
		return e
	}
	return &gateway.Unreachable{Cause: quiet(err)}
}

// failedGet is failedRead of one object: what is missing is named by what was asked.
func failedGet(what, id string, err error) error {
	err = failedRead(err)
	var missing *gateway.NotFound
	if errors.As(err, &missing) {
		return &gateway.NotFound{What: what, ID: id}
	}
	return err
}

// known is a failure that Stripe itself stated, or that happened before anything was sent; else nil.
func known(key string, err error) error {
	var ours *gateway.Refused
	if errors.As(err, &ours) {
		return ours
	}
	var queued *notSent
	if errors.As(err, &queued) {
		return &gateway.RateLimited{After: queued.after}
	}
	var se *stripe.Error
	if !errors.As(err, &se) {
		return nil
	}
	switch {
	case se.HTTPStatusCode == http.StatusTooManyRequests:
		return &gateway.RateLimited{After: retryAfter(se)}
	case se.Code == stripe.ErrorCodeAccountInvalid: // a 403: not there, or not this tenant's
		return &gateway.NotFound{What: "account", ID: se.RequestID}
	case se.HTTPStatusCode == http.StatusUnauthorized, se.HTTPStatusCode == http.StatusForbidden:
		return &gateway.Misconfigured{Text: "Stripe refuses the key or what it may do (" + string(se.Code) + ", request " + se.RequestID + ")"}
	case se.HTTPStatusCode == http.StatusNotFound, se.Code == stripe.ErrorCodeResourceMissing:
		return &gateway.NotFound{What: se.Param, ID: se.RequestID}
	case se.Type == stripe.ErrorTypeIdempotency && se.HTTPStatusCode != http.StatusConflict:
		return &gateway.KeyReused{Key: key}
	case se.HTTPStatusCode == http.StatusConflict, se.HTTPStatusCode >= 500, se.HTTPStatusCode < 400:
		return nil // 409: the same key is being worked on at this moment
	case se.Type == stripe.ErrorTypeCard:
		if se.Code == stripe.ErrorCodeAuthenticationRequired {
			return authentication(se)
		}
		return declined(se)
	}
	return &gateway.Refused{Code: string(se.Code), Param: se.Param, Text: secrets.ReplaceAllString(se.Msg, "[secret]")}
}

// secrets are what Stripe's sentences may quote: keys, and what opens an intent in a browser.
var secrets = regexp.MustCompile(`\b(sk|rk|whsec)_\w+|\w+_secret_\w+`)

// authentication is the off-session charge that the bank wants to see the payer for.
func authentication(se *stripe.Error) error {
	need := &gateway.NeedsAuthentication{}
	switch {
	case se.PaymentIntent != nil:
		need.ID, need.Next = se.PaymentIntent.ID, gateway.Next{ClientSecret: gateway.Hide(se.PaymentIntent.ClientSecret)}
	case se.SetupIntent != nil:
		need.ID, need.Next = se.SetupIntent.ID, gateway.Next{ClientSecret: gateway.Hide(se.SetupIntent.ClientSecret)}
	}
	return need
}

func declined(se *stripe.Error) *gateway.Declined {
	if se == nil {
		return nil
	}
	code := string(se.DeclineCode)
	if code == "" {
		code = string(se.Code)
	}
	if r, ok := reasons[code]; ok {
		return &gateway.Declined{Reason: r, Code: code}
	}
	return &gateway.Declined{Reason: gateway.DeclinedPlain, Code: code}
}

// reasons are Stripe's decline codes and error codes in our words. Lost, stolen and fraudulent are not here on purpose:
// they are told as a plain no (https://docs.stripe.com/declines/codes).
var reasons = map[string]gateway.Reason{
	"insufficient_funds": gateway.InsufficientFunds,

	"expired_card": gateway.CardExpired,

	"incorrect_number": gateway.WrongDetails, "invalid_number": gateway.WrongDetails, "incorrect_cvc": gateway.WrongDetails,
	"invalid_cvc": gateway.WrongDetails, "invalid_expiry_month": gateway.WrongDetails, "invalid_expiry_year": gateway.WrongDetails,
	"incorrect_zip": gateway.WrongDetails, "incorrect_pin": gateway.WrongDetails, "invalid_pin": gateway.WrongDetails, "invalid_account": gateway.WrongDetails,

	"card_not_supported": gateway.NotAccepted, "currency_not_supported": gateway.NotAccepted, "transaction_not_allowed": gateway.NotAccepted,
	"not_permitted": gateway.NotAccepted, "service_not_allowed": gateway.NotAccepted, "testmode_decline": gateway.NotAccepted,

	"card_velocity_exceeded": gateway.LimitReached, "withdrawal_count_limit_exceeded": gateway.LimitReached, "pin_try_exceeded": gateway.LimitReached,

	"issuer_not_available": gateway.TryAgain, "processing_error": gateway.TryAgain, "try_again_later": gateway.TryAgain,
	"reenter_transaction": gateway.TryAgain, "approve_with_id": gateway.TryAgain,

	"payment_intent_authentication_failure": gateway.AuthenticationFail, "setup_intent_authentication_failure": gateway.AuthenticationFail,
	"offline_pin_required": gateway.AuthenticationFail, "online_or_offline_pin_required": gateway.AuthenticationFail,
}

func retryAfter(se *stripe.Error) time.Duration {
	if se.LastResponse != nil {
		if s, err := strconv.Atoi(se.LastResponse.Header.Get("Retry-After")); err == nil && s > 0 && s < 3600 {
			return time.Duration(s) * time.Second
		}
	}
	return time.Second
}

// quiet keeps what helps and drops what Stripe's error text may quote: parameters, parts of keys.
func quiet(err error) error {
	var se *stripe.Error
	if errors.As(err, &se) {
		return errors.New("Stripe answered " + strconv.Itoa(se.HTTPStatusCode) + " " + string(se.Code) + " (request " + se.RequestID + ")")
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return err
	}
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return errors.Join(errors.New("timed out"), context.DeadlineExceeded)
	}
	return err
}
