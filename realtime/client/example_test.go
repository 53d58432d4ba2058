package client_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/realtime/client"
)

// It is compiled, and README.md shows it; a node to run it against there is not.
func Example() {
	ctx := context.Background()
	c := client.New(client.Config{
		URL: "wss://waymeet.example/v1/realtime",
		Token: func(context.Context) (string, error) { // asked before each connection, and before the token ends
			return os.Getenv("WAYMEET_TOKEN"), nil // access_token of POST /v1/auth/sign-in
		},
	})
	board := c.Subscribe("board:2026-11-23?from=06:00&to=10:00")
	go c.Run(ctx)
	for {
		changed := board.Changed() // asked for before looking: nothing is missed
		for trip, doc := range board.Snapshot() {
			fmt.Println(trip, doc.Version, string(doc.JSON))
		}
		<-changed
	}
}

// The README shows what compiles.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(readme), "```go\n")
	shown, _, found := strings.Cut(shown, "```")
	var lines []string
	for line := range strings.Lines(shown) {
		lines = append(lines, "\t"+line)
	}
	if !found || !strings.Contains(string(source), strings.Join(lines, "")) {
		t.Errorf("README.md shows another example:\n%s", shown)
	}
}
