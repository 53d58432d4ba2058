//go:build !linux

package bench

import "io"

// Load needs Linux.
func Load(io.Writer) error { return ErrLinux }

// Floor needs Linux.
func Floor(io.Writer) error { return ErrLinux }
