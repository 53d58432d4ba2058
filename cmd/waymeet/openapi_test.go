package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write docs/openapi.json anew")

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
