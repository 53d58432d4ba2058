package ledger

import (
	"strconv"
	"strings"
)

// Rate is a tax rate or a fee in parts of a million: 20 % is 200,000, 2.9 % is 29,000.
type Rate int64

const million = 1_000_000

// String is the rate as people write it: 20%, 5.5%.
func (r Rate) String() string {
	s := strconv.FormatFloat(float64(r)*100/million, 'f', 4, 64) // four digits are all that a Rate holds
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".") + "%"
}
