package organisation

import (
	"slices"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// key is something by which somebody is known.
type key struct {
	field field
	value string
}

// keys are what a row is known by: number and e-mail. Couples and sites share phones.
func (w Person) keys() (out []key) {
	if w.Number != "" {
		out = append(out, key{number, w.Number})
	}
	if w.Email != "" {
		out = append(out, key{email, w.Email})
	}
	return out
}

// known is the members that count on a day, by what they are known by.
type known struct {
	on      servicedate.Date
	by      map[key][]int
	members int
	number  map[int]string
	bare    map[int]bool // has a phone and nothing else
}

func learn(present []Member, on servicedate.Date) *known {
	k := &known{on: on, by: map[key][]int{}, number: map[int]string{}, bare: map[int]bool{}}
	for i, m := range present {
		if !k.counts(m) {
			continue
		}
		k.members++
		k.number[i], k.bare[i] = m.Number, m.Number == "" && m.Email == ""
		for _, x := range []key{{number, m.Number}, {email, m.Email}, {phone, m.Phone}} {
			if x.value != "" {
				k.by[x] = append(k.by[x], i)
			}
		}
	}
	return k
}

// counts says whether a member belongs on the day or later.
func (k *known) counts(m Member) bool { return m.Tenure.Left.IsZero() || m.Tenure.Left > k.on }

// find is the members whom a row may mean. One whose number is another than the row's is a second answer: an address
// that went from one employee to the next must not carry the first one's rides along.
func (k *known) find(w Person) []int {
	var out []int
	for _, x := range w.keys() {
		for _, m := range k.by[x] {
			if !slices.Contains(out, m) {
				out = append(out, m)
			}
		}
	}
	if len(out) == 0 && w.Phone != "" { // a phone tells who somebody is where one of the two has nothing else
		for _, m := range k.by[key{phone, w.Phone}] {
			if k.bare[m] || len(w.keys()) == 0 {
				out = append(out, m)
			}
		}
		return out
	}
	if len(out) == 1 && w.Number != "" && k.number[out[0]] != "" && k.number[out[0]] != w.Number {
		return append(out, out[0]) // two answers: the one with the e-mail, and nobody yet with the number
	}
	return out
}
