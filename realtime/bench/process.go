package bench

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// tick is how long one unit of /proc's processor times lasts, in seconds: fixed on Linux.
const tick = 0.01

// CPU is how long a process has kept a processor busy, in user mode and in the kernel, in seconds.
func CPU(pid int) (float64, error) {
	f, err := statOf(pid)
	if err != nil {
		return 0, err
	}
	return f.cpu, nil
}

// stat is what is used here of /proc/PID/stat.
type stat struct {
	parent int
	cpu    float64
}

func statOf(pid int) (s stat, err error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return s, fmt.Errorf("bench: processor time of %d: %w", pid, err)
	}
	// The name stands in parentheses and may hold any byte: count from behind it.
	f := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	if len(f) < 13 {
		return s, fmt.Errorf("bench: /proc/%d/stat has %d fields", pid, len(f))
	}
	s.parent, _ = strconv.Atoi(f[1])
	for _, field := range f[11:13] {
		n, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return s, fmt.Errorf("bench: /proc/%d/stat: %w", pid, err)
		}
		s.cpu += n * tick
	}
	return s, nil
}

// TreeCPU is the processor time of a process and of all that descend from it and still run.
func TreeCPU(root int) (total float64) {
	entries, _ := os.ReadDir("/proc")
	all := map[int]stat{}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if s, err := statOf(pid); err == nil { // it may have ended meanwhile
			all[pid] = s
		}
	}
	for pid, s := range all {
		for at := pid; at > 1; at = all[at].parent {
			if at == root {
				total += s.cpu
				break
			}
		}
	}
	return total
}

// MachineCPU is how long all processors were busy, with whatever, since the machine began; what its host took counts too.
func MachineCPU() (total float64) {
	raw, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(raw), "\n")
	for i, field := range strings.Fields(line) {
		if i == 0 || i == 4 || i == 5 || i > 8 { // the label, idle, waiting for disks, guests (which are in user)
			continue
		}
		n, _ := strconv.ParseFloat(field, 64)
		total += n * tick
	}
	return total
}

// Resident is how much memory a process has, in bytes.
func Resident(pid int) (int, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("bench: memory of %d: %w", pid, err)
	}
	_, after, _ := strings.Cut(string(raw), "VmRSS:")
	kb, err := strconv.Atoi(strings.TrimSpace(strings.SplitN(after, "kB", 2)[0]))
	if err != nil {
		return 0, fmt.Errorf("bench: memory of %d: %w", pid, err)
	}
	return kb << 10, nil
}
