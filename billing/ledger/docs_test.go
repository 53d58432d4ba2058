package ledger

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
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

// Each test that docs/money.md names is there.
func TestPromisesAreTested(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/money.md")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, dir := range []string{"../../store", "..", "../../cmd/waymeet", "../../web"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && (d.Name() == "ui" || d.Name() == "sdk") {
				return fs.SkipDir // no Go
			}
			if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			code, err := os.ReadFile(path)
			for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(code, -1) {
				found[string(m[1])] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	named := regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(string(text), -1)
	for _, m := range named {
		if !found[m[1]] {
			t.Errorf("docs/money.md names %s, which no package of the books has", m[1])
		}
	}
	if len(named) < 20 {
		t.Errorf("docs/money.md names %d tests", len(named))
	}
}
