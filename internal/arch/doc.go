// Package arch is the house's plan as a test: which room may import which, which
// room alone speaks to each foreign module, what kernels must stay free of.
//
// It parses the files itself, so it needs no built packages and no network, and
// takes about a second. The plan is rooms.go; the rules are in rules.go, numbered
// as in docs/architecture.md. Every rule has a planted violation under testdata
// that must be found: a rule that cannot turn red protects nothing.
//
// What no import shows, TestClosuresUseOnlyTheirTransaction reads from the types: that nobody who has a transaction
// waits for a second connection, however many calls away.
//
// On a finding: move the code, or change the plan here together with the document
// and an ADR. There is no way to silence one line.
package arch
