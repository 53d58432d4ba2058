package gateway

import (
	"errors"
	"testing"

	"github.com/waymeet/waymeet/internal/fault"
)

// Every failure that may reach a payer unhandled is still a sentence with a code.
func TestFailuresSpeak(t *testing.T) {
	cause := errors.New("reset by peer")
	all := []error{
		&NeedsAuthentication{}, &RateLimited{}, &Unreachable{Cause: cause}, &Unknown{Cause: cause}, &Misconfigured{},
		&NotSupported{}, &BadWebhook{},
	}
	for _, r := range []Reason{DeclinedPlain, InsufficientFunds, CardExpired, WrongDetails, NotAccepted, LimitReached, TryAgain, AuthenticationFail} {
		all = append(all, &Declined{Reason: r})
	}
	for _, err := range all {
		if f := fault.As(err); f.Kind == fault.Internal || f.Sentence("ar") == "" {
			t.Errorf("%T %v becomes %v", err, err, f)
		}
	}
	if !errors.Is(&Unknown{Cause: cause}, cause) {
		t.Error("the cause is lost")
	}
}

func TestAmounts(t *testing.T) {
	for _, a := range []Amount{{0, "MAD"}, {-1, "MAD"}, {1, "mad"}, {1, "MA"}, {1, ""}, {1, "M D"}} {
		var refused *Refused
		if !errors.As(a.Check(), &refused) {
			t.Errorf("%v passes", a)
		}
	}
	if err := (Amount{1, "MAD"}).Check(); err != nil {
		t.Error(err)
	}
}

func TestKeys(t *testing.T) {
	if k := Key("p1", "capture", 2); k != "p1:capture:2" || CheckKey(k) != nil {
		t.Error(k)
	}
	if CheckKey("") == nil || CheckKey(" a") == nil || CheckKey(string(make([]byte, 201))) == nil {
		t.Error("a bad key passes")
	}
}
