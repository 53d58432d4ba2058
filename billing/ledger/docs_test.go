package ledger

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// docs/money.md has every kind of account with its class, its guard and whether it keeps a balance.
func TestTheChartIsDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/money.md")
	if err != nil {
		t.Fatal(err)
	}
	yes := map[bool]string{true: "yes", false: "no"}
	may := map[bool]string{true: "may", false: "never"}
	for _, kind := range Kinds() {
		r := chart[kind]
		want := fmt.Sprintf("| %s | %s | %s | %s |", r.class, may[r.overdraw], yes[r.running], r.says)
		found := false
		for line := range strings.Lines(string(text)) {
			found = found || ((strings.HasPrefix(line, "| `"+kind+":") || strings.HasPrefix(line, "| `"+kind+"`")) && strings.Contains(line, want))
		}
		if !found {
			t.Errorf("docs/money.md does not say of %s: %s", kind, want)
		}
	}
}
