package organisation

import "slices"

// Apply is the model of what store.ApplyRoster does, for the properties of previews: the members after one, where leavers and changed ones are found by
// their id, or by what they were before they had one. It may be applied again, in whole or after a part was: who has joined does not join twice, who has left
// keeps the day on which they did, and a change is made to what it says.
//
// Members who have left stay in the answer: their rides are still billed.
func Apply(present []Member, p Preview) []Member {
	out := slices.Clone(present)
	for _, l := range p.Leavers {
		for i := range out {
			if same(out[i], l) && (out[i].Tenure.Left.IsZero() || out[i].Tenure.Left > p.On) {
				out[i].Tenure.Left = p.On // who had not come yet never does
			}
		}
	}
	for _, c := range p.Changes {
		for i := range out {
			if same(out[i], c.Before) {
				out[i] = c.After
			}
		}
	}
	for _, j := range p.Joiners {
		if now := learn(out, p.On); len(now.find(j)) == 0 {
			out = append(out, j.join(p))
		}
	}
	return out
}

// same says whether two are one membership.
func same(a, b Member) bool {
	if a.ID != "" || b.ID != "" {
		return a.ID == b.ID
	}
	return a.Number == b.Number && a.Email == b.Email && a.Phone == b.Phone && a.Tenure.Joined == b.Tenure.Joined
}

// join makes a member of a row. Their cost centre holds from their first day.
func (w Person) join(p Preview) Member {
	m := Member{Number: w.Number, Name: w.Name, Email: w.Email, Phone: w.Phone, Tenure: Tenure{Joined: p.On}}
	if w.CostCentre != "" {
		m.Tenure = m.Tenure.Move(w.CostCentre, p.On)
	}
	return m
}
