package gateway

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/waymeet/waymeet/internal/fault"
)

func TestJudge(t *testing.T) {
	none := errors.New("x")
	for name, c := range map[string]struct {
		err, look error
		want      Verdict
	}{
		"found":                           {&Unknown{Cause: none}, nil, Found},
		"nothing there":                   {&Unknown{Cause: none}, &NotFound{}, SameKey},
		"nothing there, and kept":         {&Unknown{Cause: none, Replayed: true}, &NotFound{}, NextKey},
		"found, although kept":            {&Unknown{Cause: none, Replayed: true}, nil, Found},
		"nobody can be asked":             {&Unknown{Cause: none}, &Unreachable{Cause: none}, Later},
		"too fast to be asked":            {&Unknown{Cause: none, Replayed: true}, &RateLimited{}, Later},
		"too fast":                        {&RateLimited{}, nil, Later},
		"not reached":                     {&Unreachable{Cause: none}, nil, Later},
		"declined":                        {&Declined{}, nil, Final},
		"refused":                         {&Refused{}, nil, Final},
		"refused, with words around it":   {fmt.Errorf("billing: %w", &Refused{}), nil, Final},
		"not there":                       {&NotFound{}, nil, Final},
		"not offered":                     {&NotSupported{}, nil, Final},
		"not set up":                      {&Misconfigured{}, nil, Final},
		"the payer must act":              {&NeedsAuthentication{}, nil, Final},
		"the key was used, and found":     {&KeyReused{}, nil, Found},
		"the key was used, nothing there": {&KeyReused{}, &NotFound{}, Later},
		"the key was used, nobody knows":  {&KeyReused{}, &Unreachable{Cause: none}, Later},
		"a failure of ours":               {none, nil, Later},
		"whoever asked has gone":          {context.Canceled, nil, Later},
	} {
		asked := 0
		got, verdict, err := Judge(t.Context(), c.err, func(context.Context) (int, error) { asked++; return 7, c.look })
		if verdict != c.want || (got == 7) != (c.want == Found) || (err == nil) != (c.want == Found) || verdict == Final && asked > 0 {
			t.Errorf("%s: %v %v", name, verdict, err)
		}
		if verdict == Later && fault.As(err).Kind == fault.Internal {
			t.Errorf("%s: whoever waits reads %v", name, err)
		}
	}
}

// An order that is older than its key is looked for before it is sent.
func TestOnce(t *testing.T) {
	now := time.Now()
	for name, c := range map[string]struct {
		age  time.Duration
		look error
		want string
	}{
		"young":                   {time.Hour, nil, "sent"},
		"old and done":            {KeyLasts, nil, "found"},
		"old and not done":        {KeyLasts, &NotFound{}, "sent"},
		"old, where nobody asks":  {KeyLasts, &NotSupported{}, "sent"},
		"old, and nobody can say": {KeyLasts, &RateLimited{}, ""},
	} {
		got, err := Once(t.Context(), now.Add(-c.age), now, func(context.Context) (string, error) {
			if c.look != nil {
				return "", c.look
			}
			return "found", nil
		}, func(context.Context) (string, error) { return "sent", nil })
		if _, verdict, _ := Judge(t.Context(), err, func(context.Context) (string, error) { return "", nil }); got != c.want || (err != nil) != (c.want == "") || err != nil && verdict != Later {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
