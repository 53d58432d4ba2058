package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"testing"
)

var update = flag.Bool("update", false, "write docs/openapi.json anew")

// TestComponentsHaveNames holds what OpenAPI asks of the keys of components: a type without a name would be called by its source.
func TestComponentsHaveNames(t *testing.T) {
	var out bytes.Buffer
	if code := run(context.Background(), &terminal{out: &out, err: &out}, []string{"openapi"}); code != 0 {
		t.Fatal(out.String())
	}
	var doc struct {
		Components map[string]map[string]json.RawMessage `json:"components"`
	}
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Components["schemas"]) < 100 {
		t.Fatalf("%d schemas: this is not the document", len(doc.Components["schemas"]))
	}
	form := regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
	for kind, all := range doc.Components {
		for key := range all {
			if !form.MatchString(key) {
				t.Errorf("components.%s has the key %q: give the type a name", kind, key)
			}
		}
	}
}

// TestOpenAPIDocIsCurrent holds docs/openapi.json against what the binary serves.
func TestOpenAPIDocIsCurrent(t *testing.T) {
	const path = "../../docs/openapi.json"
	var out bytes.Buffer
	if code := run(context.Background(), &terminal{out: &out, err: &out}, []string{"openapi"}); code != 0 {
		t.Fatal(out.String())
	}
	if *update {
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil { //nolint:gosec // documentation
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, out.Bytes()) {
		t.Error("docs/openapi.json is not what the binary serves: run make generate")
	}
}
