package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/waymeet/waymeet/store/storetest"
)

// What deploy/ looks at is there: every number that the dashboard and the alerts name is one that a node shows, and every
// alert has its page in the runbook.
func TestDashboardAndAlertsNameWhatIsThere(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	url, _ := serveNode(t, d, "one", io.Discard, "WAYMEET_TURN_LISTEN", "127.0.0.1:0", "WAYMEET_TURN_ADDRESS", "127.0.0.1")
	res, err := http.Get(url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	shown, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d %v", res.StatusCode, err)
	}
	there := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (\w+)`).FindAllStringSubmatch(string(shown), -1) {
		there[m[1]] = true
	}
	read := func(path string) string {
		b, err := os.ReadFile("../../" + path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	dashboard, alerts, runbook := read("deploy/grafana/waymeet-live.json"), read("deploy/prometheus/waymeet-rules.yaml"), read("docs/runbook.md")
	if !json.Valid([]byte(dashboard)) {
		t.Error("the dashboard is no JSON")
	}
	names := regexp.MustCompile(`\b(waymeet|process|go)_[a-z_]+`)
	found := 0
	for _, text := range []string{dashboard, alerts, runbook} {
		for _, n := range names.FindAllString(text, -1) {
			found++
			if base := strings.TrimSuffix(n, "_bucket"); !there[n] && !there[base] {
				t.Errorf("there is no %s", n)
			}
		}
	}
	if found < 40 {
		t.Errorf("%d names only", found)
	}
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert string
				Expr  string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(alerts), &rules); err != nil || len(rules.Groups) == 0 {
		t.Fatalf("the alerts: %v", err)
	}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.Expr == "" || !strings.Contains(runbook, "\n## "+r.Alert+"\n") {
				t.Errorf("%s has no page in the runbook", r.Alert)
			}
		}
	}
}
