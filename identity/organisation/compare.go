package organisation

import (
	"slices"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// Member is somebody of the organisation as we know them.
type Member struct {
	ID     string `json:"id,omitempty"` // the membership's; empty for a joiner until they are stored
	Number string `json:"number,omitempty"`
	Name   string `json:"name"`
	Email  string `json:"email,omitempty"`
	Phone  string `json:"phone,omitempty"`
	Tenure Tenure `json:"tenure"`
}

// Preview is what a roster would change. It is a value to be shown, kept and applied.
type Preview struct {
	On        servicedate.Date `json:"on"` // leavers leave, joiners join, moves hold from this day
	Joiners   []Person         `json:"joiners"`
	Leavers   []Member         `json:"leavers"`
	Changes   []Change         `json:"changes"`
	Unchanged int              `json:"unchanged"`
	Conflicts []Conflict       `json:"conflicts"`
	Alarming  bool             `json:"alarming"` // more than half would leave: the file may be a part of one
}

// Change is a member before and after, and which fields differ.
type Change struct {
	Before Member   `json:"before"`
	After  Member   `json:"after"`
	Fields []string `json:"fields"`
	Line   int      `json:"line"`
}

// Conflict is a row that cannot be understood without guessing. It changes nobody, and nobody whom it may mean leaves.
type Conflict struct {
	Code  ConflictCode `json:"code"`
	Line  int          `json:"line"`
	Other int          `json:"other,omitempty"` // the other line, for a row that is there twice
	Value string       `json:"value,omitempty"`
}

// ConflictCode is a stable code.
type ConflictCode string

// The conflicts.
const (
	DuplicateNumber   ConflictCode = "duplicate_number"
	DuplicateEmail    ConflictCode = "duplicate_email"
	DuplicatePhone    ConflictCode = "duplicate_phone" // of people who have nothing else
	UnknownCostCentre ConflictCode = "unknown_cost_centre"
	SeveralMembers    ConflictCode = "several_members" // number and e-mail are those of two people
	SameMember        ConflictCode = "same_member"     // two rows mean one person
)

// Empty says whether there is nothing to do.
func (p Preview) Empty() bool {
	return len(p.Joiners) == 0 && len(p.Leavers) == 0 && len(p.Changes) == 0 && len(p.Conflicts) == 0
}

// Compare says what a roster changes from a day on. Of present, those count who belong on that day or will; centres are
// the cost centres there are, nil when any name will do.
func Compare(present []Member, wanted Roster, on servicedate.Date, centres []string) Preview {
	p := Preview{On: on}
	know := learn(present, on)
	conflicts := inRoster(wanted, centres)
	spared, meant := map[int]bool{}, map[int]int{} // members by index; the line that means them
	for i, w := range wanted {
		found := know.find(w)
		c := conflicts[i]
		switch {
		case c != nil:
		case len(found) > 1:
			c = &Conflict{Code: SeveralMembers, Line: w.Line, Value: w.Name}
		case len(found) == 1 && meant[found[0]] > 0:
			c = &Conflict{Code: SameMember, Line: w.Line, Other: meant[found[0]], Value: w.Name}
		}
		for _, m := range found {
			spared[m] = true
		}
		switch {
		case c != nil:
			p.Conflicts = append(p.Conflicts, *c)
		case len(found) == 0:
			p.Joiners = append(p.Joiners, w)
		default:
			meant[found[0]] = max(w.Line, 1)
			before := present[found[0]]
			if after, fields := w.onto(before, on); len(fields) > 0 {
				p.Changes = append(p.Changes, Change{before, after, fields, w.Line})
			} else {
				p.Unchanged++
			}
		}
	}
	for i, m := range present {
		if know.counts(m) && !spared[i] {
			p.Leavers = append(p.Leavers, m)
		}
	}
	p.Alarming = know.members >= 10 && len(p.Leavers)*2 > know.members
	return p
}

// onto is a member as a row has them, and what that changes. An empty cell says nothing, but for the cost centre: who
// has none belongs to none.
func (w Person) onto(m Member, on servicedate.Date) (Member, []string) {
	var changed []string
	set := func(f field, to *string, v string) {
		if v != "" && *to != v {
			*to = v
			changed = append(changed, f.String())
		}
	}
	set(number, &m.Number, w.Number)
	set(name, &m.Name, w.Name)
	set(email, &m.Email, w.Email)
	set(phone, &m.Phone, w.Phone)
	if m.Tenure.Joined > on {
		m.Tenure.Joined = on
		changed = append(changed, "joined")
	}
	if !m.Tenure.Left.IsZero() {
		m.Tenure.Left = 0
		changed = append(changed, "left")
	}
	from := max(w.from(on), m.Tenure.Joined)
	if has, _ := m.Tenure.On(from); has != w.CostCentre {
		m.Tenure = m.Tenure.Move(w.CostCentre, from)
		changed = append(changed, centre.String())
	}
	return m, changed
}

func (w Person) from(on servicedate.Date) servicedate.Date {
	if w.Since.IsZero() {
		return on
	}
	return w.Since
}

// inRoster is the conflict of each row that has one by itself or with a row before it.
func inRoster(wanted Roster, centres []string) map[int]*Conflict {
	out := map[int]*Conflict{}
	seen, phones := map[key]int{}, map[string]int{}
	for _, w := range wanted {
		phones[w.Phone]++
	}
	for i, w := range wanted {
		if centres != nil && w.CostCentre != "" && !slices.Contains(centres, w.CostCentre) {
			out[i] = &Conflict{Code: UnknownCostCentre, Line: w.Line, Value: w.CostCentre}
		}
		for _, k := range w.keys() {
			if first, twice := seen[k]; twice {
				code := map[field]ConflictCode{number: DuplicateNumber, email: DuplicateEmail, phone: DuplicatePhone}[k.field]
				out[i] = &Conflict{Code: code, Line: w.Line, Other: wanted[first].Line, Value: k.value}
				if out[first] == nil { // which of the two is right is not ours to say
					out[first] = &Conflict{Code: code, Line: wanted[first].Line, Other: w.Line, Value: k.value}
				}
				continue
			}
			seen[k] = i
		}
		if out[i] == nil && w.Number == "" && w.Email == "" && phones[w.Phone] > 1 {
			out[i] = &Conflict{Code: DuplicatePhone, Line: w.Line, Value: w.Phone}
		}
	}
	return out
}
