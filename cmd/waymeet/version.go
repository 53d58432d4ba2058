package main

import (
	"context"
	"fmt"
	"runtime/debug"
)

func version(_ context.Context, t *terminal, args []string) error {
	if err := parse(t.flags("version", ""), args, 0); err != nil {
		return err
	}
	_, err := fmt.Fprintln(t.out, "waymeet", built())
	return err
}

// built names the commit that the binary was made from.
func built() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	revision, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+changes"
		}
	}
	if revision == "" {
		return info.Main.Version
	}
	return revision + changed
}
