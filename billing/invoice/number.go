package invoice

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Number is what a document is called: a series of the billing entity, a year, and a count without gaps.
type Number struct {
	Series string `json:"series"` // "FA", "AV": capitals, digits and hyphens
	Year   int    `json:"year"`
	Seq    int64  `json:"seq"`
}

var errNumber = errors.New("invoice: not a document number like FA-2026-000042")

// String writes "FA-2026-000042".
func (n Number) String() string {
	if n == (Number{}) {
		return ""
	}
	return fmt.Sprintf("%s-%04d-%06d", n.Series, n.Year, n.Seq)
}

// ParseNumber reads what String wrote, and only that: one number, one spelling.
func ParseNumber(s string) (Number, error) {
	parts := strings.Split(s, "-")
	if len(parts) < 3 {
		return Number{}, errNumber
	}
	last := len(parts) - 1
	year, err1 := strconv.Atoi(parts[last-1])
	seq, err2 := strconv.ParseInt(parts[last], 10, 64)
	n := Number{strings.Join(parts[:last-1], "-"), year, seq}
	if err1 != nil || err2 != nil || n.check() != nil || n.String() != s {
		return Number{}, errNumber
	}
	return n, nil
}

func (n Number) check() error {
	odd := func(r rune) bool { return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') }
	if n.Series == "" || len(n.Series) > 16 || strings.ContainsFunc(n.Series, odd) || strings.Trim(n.Series, "-") != n.Series ||
		n.Year < 1970 || n.Year > 9999 || n.Seq < 1 {
		return errNumber
	}
	return nil
}

// Gaps is every number that lacks, and every one that is there twice, in series that begin with 1. It is for the
// verifier: the database alone allocates.
func Gaps(numbers []Number) (missing, twice []Number) {
	sorted := slices.Clone(numbers)
	slices.SortFunc(sorted, func(a, b Number) int {
		return cmp.Or(cmp.Compare(a.Series, b.Series), cmp.Compare(a.Year, b.Year), cmp.Compare(a.Seq, b.Seq))
	})
	const tell = 1000 // of a hole of a billion, the beginning is enough
	before := Number{}
	for _, n := range sorted {
		if n.Series != before.Series || n.Year != before.Year {
			before = Number{n.Series, n.Year, 0}
		}
		if n.Seq == before.Seq {
			twice = append(twice, n)
		}
		for seq := before.Seq + 1; seq < n.Seq && len(missing) < tell; seq++ {
			missing = append(missing, Number{n.Series, n.Year, seq})
		}
		before = n
	}
	return missing, twice
}
