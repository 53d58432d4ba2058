//go:build unix && !linux

package devstack

// TieToParent does nothing here: only Linux tells a process of its parent's end.
func TieToParent() error { return nil }
