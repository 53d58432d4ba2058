package redirect

import (
	"crypto/sha512"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
)

// Hash is the acquirer's hash, version 3: the values in the order of their names (case does not count, digits count as
// numbers), each with | and \ escaped, and the store key behind; SHA-512 in base64.
func Hash(fields url.Values, storeKey string) string {
	names := make([]string, 0, len(fields))
	for n := range fields {
		if l := strings.ToLower(n); l != "hash" && l != "encoding" {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, natural)
	var text strings.Builder
	for _, n := range names {
		text.WriteString(escape(strings.TrimSuffix(fields.Get(n), "\n")) + "|")
	}
	text.WriteString(escape(storeKey))
	sum := sha512.Sum512([]byte(text.String()))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func escape(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "|", `\|`)
}

// natural orders names as people do: case does not count, a2 comes before a10.
func natural(a, b string) int {
	x, y := strings.ToLower(a), strings.ToLower(b)
	for x != "" && y != "" {
		n, m := number(x), number(y)
		if n > 0 && m > 0 {
			i, j := strings.TrimLeft(x[:n], "0"), strings.TrimLeft(y[:m], "0")
			if len(i) != len(j) {
				return len(i) - len(j)
			}
			if c := strings.Compare(i, j); c != 0 {
				return c
			}
			x, y = x[n:], y[m:]
			continue
		}
		if x[0] != y[0] {
			return int(x[0]) - int(y[0])
		}
		x, y = x[1:], y[1:]
	}
	if len(x) != len(y) {
		return len(x) - len(y)
	}
	return strings.Compare(a, b) // names that differ in case alone have one order too
}

// number is how many digits a text begins with.
func number(s string) int {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return i
		}
	}
	return len(s)
}
