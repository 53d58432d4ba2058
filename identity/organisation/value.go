package organisation

import (
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

type date = servicedate.Date

// person reads a row; what is wrong goes to the report.
func (t *table) person(line int, record []string) Person {
	p := Person{Line: line}
	bad := func(code Code, f field, value string) {
		t.report.add(Finding{Code: code, Line: line, Column: t.at[f] + 1, Field: f.String(), Value: value})
	}
	text := func(f field) string {
		if t.at[f] < 0 || t.at[f] >= len(record) {
			return ""
		}
		v := strings.Join(strings.Fields(norm.NFC.String(record[t.at[f]])), " ")
		switch {
		case utf8.RuneCountInString(v) > maxText:
			bad(TooLong, f, v)
			return ""
		case strings.ContainsFunc(v, odd):
			bad(BadCharacter, f, v)
			return ""
		}
		return v
	}
	p.Number, p.Name, p.CostCentre = text(number), text(name), text(centre)
	if p.Name == "" {
		bad(Required, name, "")
	}
	var ok bool
	if v := text(email); v != "" {
		if p.Email, ok = cleanEmail(v); !ok {
			bad(BadEmail, email, v)
		}
	}
	if v := text(phone); v != "" {
		if p.Phone, ok = cleanPhone(v, t.options.CountryCode); !ok {
			bad(BadPhone, phone, v)
		}
	}
	if v := text(since); v != "" {
		if p.Since, ok = cleanDate(v); !ok {
			bad(BadDate, since, v)
		}
	}
	if p.Number == "" && p.Email == "" && p.Phone == "" {
		t.report.add(Finding{Code: NoIdentity, Line: line})
	}
	return p
}

// odd is what no name holds: controls, marks of direction, the sign of a character that was lost on the way. The
// joiners of Arabic and Indic scripts are letters to those who write them.
func odd(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d'
}

func cleanEmail(v string) (string, bool) {
	v = strings.ToLower(v)
	a, err := mail.ParseAddress(v)
	if err != nil || a.Address != v || len(v) > 254 || !strings.Contains(v[strings.LastIndexByte(v, '@')+1:], ".") {
		return "", false
	}
	return v, true
}

// cleanPhone is a number as E.164 writes it. A spreadsheet's 2.12E+11 is none: its digits are gone.
func cleanPhone(v, country string) (string, bool) {
	v = strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return '0' + r - '٠'
		case strings.ContainsRune(" .-()/\u00a0\u2011", r):
			return -1
		}
		return r
	}, v)
	if rest, ok := strings.CutPrefix(v, "00"); ok {
		v = "+" + rest
	} else if rest, ok := strings.CutPrefix(v, "0"); ok && country != "" {
		v = country + rest
	}
	digits, ok := strings.CutPrefix(v, "+")
	if !ok || len(digits) < 8 || len(digits) > 15 || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
		return "", false
	}
	return v, true
}

// cleanDate reads 2026-11-22, and 22/11/2026 as spreadsheets of these countries write it.
func cleanDate(v string) (servicedate.Date, bool) {
	d, err := servicedate.Parse(v)
	if err != nil {
		at, err := time.Parse("2/1/2006", v)
		if err != nil {
			return 0, false
		}
		d = servicedate.On(at, time.UTC)
	}
	y, _, _ := d.Civil()
	return d, y >= 1970 && y < 2200
}
