//go:build !linux

package faults

import "syscall"

func orphan() *syscall.SysProcAttr { return nil } // only Linux can
