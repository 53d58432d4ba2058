package main

import (
	"strings"
	"testing"
)

// Finance is told which of their lists has changed, in the moment; another tenant's is not, and nobody else may listen.
func TestFinanceIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, role := range []string{"rider", "driver", "dispatcher", "boss"} {
		if got := w.dial(t, w.a.tokens[role]).ask(t, `"sub":"finance"`); !strings.Contains(got, `"code":"not_found"`) {
			t.Errorf("%s: %s", role, got)
		}
	}
	here, there := w.dial(t, w.a.tokens["finance"]), w.dial(t, w.b.tokens["finance"])
	for _, l := range []*line{here, there} {
		if got := l.ask(t, `"sub":"finance"`); !strings.Contains(got, `"finance/payments":{"v":`) {
			t.Fatalf("the set: %s", got)
		}
	}
	w.still(t)
	quiet := there.frames()
	told := func(list string) func(string) bool {
		return func(f string) bool {
			return strings.Contains(f, `"ch":"finance"`) && strings.Contains(f, `"finance/`+list+`"`)
		}
	}
	if got := w.send(t, w.a.tokens["finance"], "POST", "/v1/finance/findings/"+w.a.thing("finding")+"/decide", `{"state":"explained","reason":"x"}`); got.Status/100 != 2 {
		t.Fatal(got.Status, got.Body)
	}
	here.await(t, told("findings"))
	if got := w.send(t, w.a.tokens["finance"], "POST", "/v1/finance/payments/"+w.a.thing("taken")+"/refund", `{"amount":1,"reason":"x"}`); got.Status/100 != 2 {
		t.Fatal(got.Status, got.Body)
	}
	here.await(t, told("payments"))
	w.still(t)
	if now := strings.TrimPrefix(there.frames(), quiet); strings.Contains(now, `"ch":"finance"`) {
		t.Errorf("the other tenant's finance was told: %s", now)
	}
}
