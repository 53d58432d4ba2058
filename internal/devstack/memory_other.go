//go:build unix && !linux

package devstack

func memory() []string { return nil }
