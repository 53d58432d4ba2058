package gtfs

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// The readers of typed fields. Each records what is wrong with the value and returns what to go on with:
// reading goes on after an error, so that one run shows all problems of a feed.

// text is a field shown to people; empty when there is none.
func (r *row) text(c int) string {
	v := r.bytes(c)
	if bytes.ContainsAny(v, "\r\n") {
		r.add(newLineInValue, c, string(v))
		return ""
	}
	if len(v) > maxTextBytes {
		r.addf(csvParsingFailed, c, string(v), "the text is longer than 8 KiB")
		return ""
	}
	if len(v) == 0 && r.at[c] >= 0 && r.tab.columns[c].presence == recommended {
		r.add(missingRecommendedField, c, "")
	}
	return string(v)
}

// must is a text that has to be there.
func (r *row) must(c int) (string, bool) {
	v := r.text(c)
	if v == "" {
		r.add(missingRequiredField, c, "")
	}
	return v, v != ""
}

// id is an identifier; its bytes live until the next row, so that a lookup costs no allocation.
func (r *row) id(c int) []byte {
	v := r.bytes(c)
	if len(v) > maxIDBytes {
		r.addf(csvParsingFailed, c, string(v), "the identifier is longer than 512 bytes")
		return nil
	}
	for _, b := range v {
		if b < ' ' || b == 0x7f {
			r.addf(newLineInValue, c, string(v), "an identifier holds a control character")
			return nil
		}
		if b > 0x7f {
			r.add(nonASCIIID, c, string(v))
			break
		}
	}
	return v
}

// mustID is an identifier that has to be there.
func (r *row) mustID(c int) ([]byte, bool) {
	v := r.id(c)
	if len(v) == 0 {
		r.add(missingRequiredField, c, "")
	}
	return v, len(v) > 0
}

// integer returns a whole number, def when the field is empty; false when it is none or out of range.
func (r *row) integer(c, def, lowest, highest int) (int, bool) {
	v := r.bytes(c)
	if len(v) == 0 {
		return def, true
	}
	n, err := strconv.Atoi(string(v))
	if err != nil {
		r.add(invalidInteger, c, string(v))
		return def, false
	}
	if n < lowest || n > highest {
		r.add(numberOutOfRange, c, string(v))
		return def, false
	}
	return n, true
}

// enum returns one of the values 0 to highest; another value warns and counts as def.
func (r *row) enum(c, def, highest int) int {
	v := r.bytes(c)
	if len(v) == 0 {
		return def
	}
	n, err := strconv.Atoi(string(v))
	if err != nil {
		r.add(invalidInteger, c, string(v))
		return def
	}
	if n < 0 || n > highest {
		r.add(unexpectedEnumValue, c, string(v))
		return def
	}
	return n
}

// degrees returns a coordinate; present is false when the field is empty.
func (r *row) degrees(c int, limit float64) (deg float64, present, ok bool) {
	v := r.bytes(c)
	if len(v) == 0 {
		return 0, false, true
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		r.add(invalidFloat, c, string(v))
		return 0, true, false
	}
	if f < -limit || f > limit {
		r.add(numberOutOfRange, c, string(v))
		return 0, true, false
	}
	return f, true, true
}

// noTime stands for an empty time.
const noTime = -1

// seconds returns a time of the service day (6:00:00, 06:00:00, 25:10:00), noTime when the field is empty.
func (r *row) seconds(c int) (int32, bool) {
	v := r.bytes(c)
	if len(v) == 0 {
		return noTime, true
	}
	s, ok := parseTime(v)
	if !ok {
		r.add(invalidTime, c, string(v))
		return noTime, false
	}
	if s > maxHour*3600 {
		r.addf(numberOutOfRange, c, string(v), "a trip ends within ten days")
		return noTime, false
	}
	return s, true
}

func parseTime(v []byte) (int32, bool) {
	n := len(v)
	if n < len("0:00:00") || n > len("000:00:00") || v[n-3] != ':' || v[n-6] != ':' {
		return 0, false
	}
	h, ok1 := number(v[:n-6])
	m, ok2 := number(v[n-5 : n-3])
	s, ok3 := number(v[n-2:])
	if !ok1 || !ok2 || !ok3 || m > 59 || s > 59 {
		return 0, false
	}
	return h*3600 + m*60 + s, true
}

func number(v []byte) (n int32, ok bool) {
	for _, b := range v {
		if b < '0' || b > '9' {
			return 0, false
		}
		n = n*10 + int32(b-'0')
	}
	return n, len(v) > 0
}

// date returns a date that has to be there.
func (r *row) date(c int) (servicedate.Date, bool) {
	v := string(r.bytes(c))
	if v == "" {
		r.add(missingRequiredField, c, "")
		return 0, false
	}
	d, err := servicedate.ParseCompact(v)
	if y, _, _ := d.Civil(); err != nil || y < 1970 || y > 9999 {
		r.add(invalidDate, c, v)
		return 0, false
	}
	return d, true
}

// color returns six hexadecimal digits in lower case, or nothing.
func (r *row) color(c int) string {
	v := string(r.bytes(c))
	if v == "" {
		return ""
	}
	if _, err := strconv.ParseUint(v, 16, 32); err != nil || len(v) != 6 {
		r.addf(invalidColor, c, v, "a color is six hexadecimal digits")
		return ""
	}
	return strings.ToLower(v)
}

// zone returns the name of a time zone that this program knows.
func (r *row) zone(c int) (string, bool) {
	v := r.text(c)
	if v == "" || v == "Local" || strings.ContainsAny(v, "\\ ") {
		r.add(invalidTimezone, c, v)
		return "", false
	}
	if _, err := time.LoadLocation(v); err != nil {
		r.add(invalidTimezone, c, v)
		return "", false
	}
	return v, true
}

// language returns a BCP 47 tag, checked for shape only.
func (r *row) language(c int) string {
	v := r.text(c)
	for i, part := range strings.Split(v, "-") {
		if v == "" {
			return ""
		}
		if n := len(part); n == 0 || n > 8 || (i == 0 && n == 1) || !alphanumeric(part) {
			r.add(invalidLanguageCode, c, v)
			return ""
		}
	}
	return strings.ToLower(v)
}

func alphanumeric(s string) bool {
	for i := range len(s) {
		b := s[i] | 0x20
		if (b < 'a' || b > 'z') && (b < '0' || b > '9') {
			return false
		}
	}
	return true
}

// url returns a web address, checked for shape only.
func (r *row) url(c int) string {
	v := r.text(c)
	low := strings.ToLower(v)
	if v != "" && (!strings.HasPrefix(low, "http://") && !strings.HasPrefix(low, "https://") || strings.ContainsAny(v, " <>\"")) {
		r.add(invalidURL, c, v)
		return ""
	}
	return v
}
