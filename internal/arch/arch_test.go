package arch

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestHouse holds the real tree against the plan.
func TestHouse(t *testing.T) {
	t.Parallel()
	findings, files, err := Check(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Error(f)
	}
	if files < 50 {
		t.Errorf("saw %d files only: this is not the house", files)
	}
}

// TestPlanted finds in each small tree of testdata exactly what its file `want`
// lists, one "file:line: beginning of the finding" a line.
func TestPlanted(t *testing.T) {
	t.Parallel()
	trees, err := filepath.Glob("testdata/*/want")
	if err != nil || len(trees) == 0 {
		t.Fatalf("no planted trees: %v", err)
	}
	for _, want := range trees {
		root := filepath.Dir(want)
		t.Run(filepath.Base(root), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			wanted := strings.FieldsFunc(string(raw), func(r rune) bool { return r == '\n' })
			findings, files, err := Check(root)
			if err != nil || files == 0 {
				t.Fatalf("%d files, %v", files, err)
			}
			for _, f := range findings {
				i := slices.IndexFunc(wanted, func(w string) bool { return strings.HasPrefix(f.String(), w) })
				if i < 0 {
					t.Errorf("not wanted: %s", f)
					continue
				}
				wanted = slices.Delete(wanted, i, i+1)
			}
			for _, w := range wanted {
				t.Errorf("not found: %s", w)
			}
		})
	}
}
