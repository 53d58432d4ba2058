package arch

import (
	"fmt"
	"strings"
)

// judge applies the rules to one import of one file.
func judge(f file, imported string) string {
	if rel, ours := strings.CutPrefix(imported, Module+"/"); ours {
		return judgeOwn(f, rel)
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") {
		return judgeStandard(f, imported)
	}
	return judgeForeign(f, imported)
}

// judgeOwn decides about an import from inside the house: rules 1 to 4 and 6.
func judgeOwn(f file, to string) string {
	fromRoom, from := roomOf(f.pkg)
	toRoom, kind := roomOf(to)
	switch {
	case within(to, "cmd"):
		if !within(f.pkg, "cmd") {
			return "rule 6: nothing imports cmd"
		}
		return ""
	case kind == testRoom && !f.test && from != testRoom:
		return fmt.Sprintf("rule 6: %s is a test room, only tests import it", toRoom)
	case f.test || from == testRoom || from == command:
		return "" // tests and commands put rooms together
	case kind == kernel || fromRoom == toRoom:
		return ""
	}
	switch from {
	case kernel:
		return fmt.Sprintf("rule 1: a kernel imports kernels, %s is %s", toRoom, kindNames[kind])
	case plumbing:
		// Migrations and the internal catalogues have no truth of their own to depend on.
		if kind == plumbing && (house(to) == house(f.pkg) || house(to) == "internal" || house(to) == "migrations") {
			return ""
		}
		return fmt.Sprintf("rule 2: plumbing imports kernels, %s is %s", toRoom, kindNames[kind])
	case service:
		if kind == plumbing {
			return ""
		}
		return fmt.Sprintf("rule 3: a service imports kernels and plumbing, %s is %s; services meet in a row, an event or a job", toRoom, kindNames[kind])
	case edge:
		if kind == plumbing || kind == service || house(to) == house(f.pkg) {
			return ""
		}
		return fmt.Sprintf("rule 4: edges import downwards, %s is %s", toRoom, kindNames[kind])
	}
	return ""
}

// judgeStandard keeps kernels from reading and writing the world, and logs to log/slog.
func judgeStandard(f file, imported string) string {
	if f.test {
		return ""
	}
	if _, k := roomOf(f.pkg); k == kernel && (impure[imported] || strings.HasPrefix(imported, "net/http")) {
		return fmt.Sprintf("rule 1: a kernel does no I/O, it imports %s", imported)
	}
	if imported == "log" {
		return "house style: log/slog is the only log"
	}
	return ""
}

// judgeForeign decides rule 5. Tests may speak to anything that is pinned: they
// are clients.
func judgeForeign(f file, imported string) string {
	if f.test {
		return ""
	}
	known := false
	for module, allowed := range speakers {
		if !within(imported, module) {
			continue
		}
		known = true
		for _, room := range allowed {
			if room == "*" || within(f.pkg, room) {
				return ""
			}
		}
	}
	if !known {
		return fmt.Sprintf("rule 5: %s has no speaker in the plan", imported)
	}
	return fmt.Sprintf("rule 5: %s is spoken elsewhere", imported)
}

// judgeUse decides about one use of a standard package's function.
func judgeUse(f file, pkg, name string) string {
	if f.test {
		return ""
	}
	room, k := roomOf(f.pkg)
	switch {
	case pkg == "time" && clocks[name] && k == kernel:
		return fmt.Sprintf("rule 1: a kernel has no clock, it calls time.%s; time is an argument", name)
	case pkg == "os" && environment[name] && k != command && k != testRoom:
		return fmt.Sprintf("house style: only cmd reads the environment, %s calls os.%s", room, name)
	case pkg == "github.com/google/uuid" && name == "NewV7" && k == kernel && room != "internal/ident":
		return "rule 1: uuid.NewV7 reads the clock; internal/ident makes ids"
	}
	return ""
}

// judgeName decides about the package itself.
func judgeName(f file) string {
	last := f.pkg[strings.LastIndexByte(f.pkg, '/')+1:]
	for _, name := range []string{last, strings.TrimSuffix(f.name, "_test")} {
		if banned[name] {
			return fmt.Sprintf("house style: %q says nothing; name the noun", name)
		}
	}
	if _, k := roomOf(f.pkg); k == unknown {
		return "the plan in internal/arch/rooms.go has no such room"
	}
	return ""
}
