// Command strictspec FROM TO writes Stripe's specification, made strict, for stripe-mock's -spec.
package main

import (
	"fmt"
	"os"

	"github.com/waymeet/waymeet/internal/stripespec"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "strictspec:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: strictspec FROM TO")
	}
	spec, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	strict, closed, err := stripespec.Strict(spec)
	if err != nil {
		return err
	}
	fmt.Printf("closed %d objects of requests\n", closed)
	return os.WriteFile(args[1], strict, 0o600)
}
