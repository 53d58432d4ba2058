package payout

import (
	"strings"

	"github.com/waymeet/waymeet/internal/fault"
)

// ibanLength is how long an IBAN is, where experts of our tenants bank. Others are checked by their digits alone.
var ibanLength = map[string]int{
	"AE": 23, "AT": 20, "BE": 16, "BH": 22, "CH": 21, "DE": 22, "EG": 29, "ES": 24, "FR": 27, "GB": 22, "IE": 22, "IT": 27, "JO": 30,
	"KW": 30, "LB": 28, "LU": 20, "MA": 28, "MR": 27, "NL": 18, "OM": 23, "PT": 25, "QA": 29, "SA": 24, "TN": 24, "TR": 26,
}

// Number reads an account number as people write it, an IBAN or a Moroccan RIB (24 digits), and refuses one whose check
// digits are wrong: money that is sent to a mistyped number is somebody else's.
func Number(typed string) (string, error) {
	n := strings.ToUpper(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '.' || r == '\u00a0' || r == '\u202f' {
			return -1
		}
		return r
	}, typed))
	wrong := fault.New("account_number_invalid").At("/number")
	for _, r := range n {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') {
			return "", wrong
		}
	}
	if len(n) == 24 && digits(n) {
		if mod97(n[:22]+"00") != 97-number2(n[22:]) {
			return "", wrong
		}
		return n, nil
	}
	if len(n) < 15 || len(n) > 34 || digits(n[:2]) || !digits(n[2:4]) {
		return "", wrong
	}
	if want, known := ibanLength[n[:2]]; known && want != len(n) || mod97(n[4:]+n[:4]) != 1 {
		return "", wrong
	}
	return n, nil
}

func digits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

func number2(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }

// mod97 is the remainder that check digits are made of; a letter counts as two digits from 10 on.
func mod97(s string) int {
	m := 0
	for _, r := range s {
		if r >= 'A' {
			m = (m*100 + int(r-'A') + 10) % 97
		} else {
			m = (m*10 + int(r-'0')) % 97
		}
	}
	return m
}

// Masked is what may be shown of a number: enough to recognise it.
func Masked(n string) string {
	if len(n) <= 8 {
		return strings.Repeat("•", len(n))
	}
	return n[:4] + strings.Repeat("•", len(n)-8) + n[len(n)-4:]
}
