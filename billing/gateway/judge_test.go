package gateway

import (
	"context"
	"errors"
	"testing"
)

func TestJudge(t *testing.T) {
	none := errors.New("x")
	for name, c := range map[string]struct {
		err, look error
		want      Verdict
	}{
		"found":                    {&Unknown{Cause: none}, nil, Found},
		"nothing there":            {&Unknown{Cause: none}, &NotFound{}, SameKey},
		"nothing there, and kept":  {&Unknown{Cause: none, Replayed: true}, &NotFound{}, NextKey},
		"found, although kept":     {&Unknown{Cause: none, Replayed: true}, nil, Found},
		"nobody can be asked":      {&Unknown{Cause: none}, &Unreachable{Cause: none}, Later},
		"too fast to be asked":     {&Unknown{Cause: none, Replayed: true}, &RateLimited{}, Later},
		"too fast":                 {&RateLimited{}, nil, Later},
		"not reached":              {&Unreachable{Cause: none}, nil, Later},
		"declined":                 {&Declined{}, nil, Final},
		"refused":                  {&Refused{}, nil, Final},
		"the payer must act":       {&NeedsAuthentication{}, nil, Final},
		"the key was used already": {&KeyReused{}, nil, Final},
	} {
		asked := 0
		got, verdict, err := Judge(t.Context(), c.err, func(context.Context) (int, error) { asked++; return 7, c.look })
		if verdict != c.want || (got == 7) != (c.want == Found) || (err == nil) != (c.want == Found) || verdict == Final && asked > 0 {
			t.Errorf("%s: %v %v", name, verdict, err)
		}
	}
}
