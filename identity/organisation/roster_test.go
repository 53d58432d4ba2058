package organisation

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

const today = servicedate.Date(739000)

// few people with few addresses, so that they meet often.
func anyRoster(t *rapid.T, label string) Roster {
	var out Roster
	for i := range rapid.IntRange(0, 8).Draw(t, label) {
		p := Person{Line: i + 2, Name: rapid.SampledFrom([]string{"Nadia", "Youssef", "Amal"}).Draw(t, "name"),
			Number:     rapid.SampledFrom([]string{"", "1", "2", "3", "4"}).Draw(t, "number"),
			Email:      rapid.SampledFrom([]string{"", "a@x.ma", "b@x.ma", "c@x.ma", "d@x.ma"}).Draw(t, "email"),
			Phone:      rapid.SampledFrom([]string{"", "+212600000001", "+212600000002"}).Draw(t, "phone"),
			CostCentre: rapid.SampledFrom([]string{"", "CC1", "CC2", "CC3"}).Draw(t, "centre"),
			Since:      rapid.SampledFrom([]date{0, 0, today - 40, today + 10}).Draw(t, "since")}
		if p.Number != "" || p.Email != "" || p.Phone != "" {
			out = append(out, p)
		}
	}
	return out
}

func clean(t *rapid.T, r Roster) Roster {
	conflicts := inRoster(r, nil)
	var out Roster
	for i, p := range r {
		if conflicts[i] == nil {
			out = append(out, p)
		}
	}
	return out
}

// anyMembers are an organisation with a past: rosters applied one after another.
func anyMembers(t *rapid.T) (out []Member) {
	for i := range rapid.IntRange(0, 3).Draw(t, "rosters before") {
		out = Apply(out, Compare(out, clean(t, anyRoster(t, "people before")), today-100+servicedate.Date(30*i), nil))
	}
	for i := range out {
		if rapid.Bool().Draw(t, "stored") {
			out[i].ID = fmt.Sprint("m", i)
		}
		if rapid.IntRange(0, 5).Draw(t, "will leave") == 0 && out[i].Tenure.Left.IsZero() {
			out[i].Tenure.Left = today + 5
		}
	}
	return out
}

// TestAppliedIsWanted: after a roster without conflicts is applied, exactly its people belong, each as the roster has
// them, and comparing again finds nothing to do.
func TestAppliedIsWanted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyMembers(t), anyRoster(t, "people")
		p := Compare(a, b, today, nil)
		if len(p.Joiners)+len(p.Changes)+p.Unchanged+len(p.Conflicts) != len(b) {
			t.Fatalf("%d rows, %+v", len(b), p)
		}
		if len(p.Conflicts) > 0 {
			t.Skip("what conflicts is not applied")
		}
		after := Apply(a, p)
		again := Compare(after, b, today, nil)
		if !again.Empty() || again.Unchanged != len(b) {
			t.Fatalf("still to do: %+v\nfirst: %+v\nafter: %+v", again, p, after)
		}
		now := learn(after, today)
		if now.members != len(b) {
			t.Fatalf("%d people belong, %d are wanted", now.members, len(b))
		}
		for _, w := range b {
			m := after[now.find(w)[0]]
			if m.Name != w.Name || w.Number != "" && m.Number != w.Number || w.Email != "" && m.Email != w.Email || w.Phone != "" && m.Phone != w.Phone {
				t.Fatalf("%+v is %+v", w, m)
			}
			if got, ok := m.Tenure.On(max(w.from(today), m.Tenure.Joined)); !ok || got != w.CostCentre {
				t.Fatalf("%+v is on %q %v: %+v", w, got, ok, m.Tenure)
			}
		}
	})
}

// TestApplyAgain: applying twice, or the whole after a part, is applying once. Days that were are not touched unless the
// roster dates a cost centre back.
func TestApplyAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyMembers(t), anyRoster(t, "people")
		before := slices.Clone(a)
		p := Compare(a, b, today, nil)
		once := Apply(a, p)
		if !reflect.DeepEqual(a, before) {
			t.Fatal("what was handed in was changed")
		}
		if twice := Apply(once, p); !reflect.DeepEqual(once, twice) {
			t.Fatalf("twice:\n%+v\nonce:\n%+v", twice, once)
		}
		part := p
		part.Joiners = p.Joiners[:len(p.Joiners)/2]
		part.Changes = p.Changes[:len(p.Changes)/2]
		part.Leavers = p.Leavers[len(p.Leavers)/2:]
		if resumed := Apply(Apply(a, part), p); !reflect.DeepEqual(once, resumed) {
			t.Fatalf("resumed:\n%+v\nonce:\n%+v", resumed, once)
		}
		for i, m := range a {
			if slices.ContainsFunc(b, func(w Person) bool { return !w.Since.IsZero() }) {
				break
			}
			for d := today - 120; d < today; d++ {
				c1, ok1 := m.Tenure.On(d)
				c2, ok2 := once[i].Tenure.On(d)
				if c1 != c2 || ok1 != ok2 {
					t.Fatalf("day %d of %+v became %+v", d, m, once[i])
				}
			}
		}
	})
}

// TestNobodyInDoubtLeaves: a row in conflict changes nobody and keeps whom it may mean.
func TestNobodyInDoubtLeaves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyMembers(t), anyRoster(t, "people")
		p := Compare(a, b, today, []string{"CC1", "CC2"})
		lines := map[int]bool{}
		for _, c := range p.Conflicts {
			lines[c.Line] = true
		}
		know := learn(a, today)
		for _, w := range b {
			if !lines[w.Line] {
				continue
			}
			for _, m := range know.find(w) {
				if slices.ContainsFunc(p.Leavers, func(l Member) bool { return reflect.DeepEqual(l, a[m]) }) && !twin(a, m) {
					t.Fatalf("%+v leaves for the doubt of %+v", a[m], w)
				}
			}
			if slices.ContainsFunc(p.Joiners, func(j Person) bool { return j.Line == w.Line }) || slices.ContainsFunc(p.Changes, func(c Change) bool { return c.Line == w.Line }) {
				t.Fatalf("%+v is in conflict and applied", w)
			}
		}
	})
}

func twin(a []Member, i int) bool {
	for j := range a {
		if j != i && reflect.DeepEqual(a[i], a[j]) {
			return true
		}
	}
	return false
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	tenure := Tenure{Joined: 1}
	a := []Member{{ID: "1", Number: "1", Name: "Nadia", Email: "n@x.ma", Tenure: tenure}, {ID: "2", Number: "2", Name: "Amal", Email: "a@x.ma", Phone: "+212600000001", Tenure: tenure},
		{ID: "3", Name: "Old", Email: "old@x.ma", Tenure: Tenure{Joined: 1, Left: today}}}
	for label, c := range map[string]struct {
		rows Roster
		want map[ConflictCode]int
	}{
		"same e-mail twice":         {Roster{{Line: 2, Name: "A", Email: "z@x.ma"}, {Line: 3, Name: "B", Email: "z@x.ma"}}, map[ConflictCode]int{DuplicateEmail: 2}},
		"same number twice":         {Roster{{Line: 2, Name: "A", Number: "9"}, {Line: 3, Name: "B", Number: "9"}}, map[ConflictCode]int{DuplicateNumber: 2}},
		"a phone and nothing else":  {Roster{{Line: 2, Name: "A", Phone: "+2126"}, {Line: 3, Name: "B", Email: "q@x.ma", Phone: "+2126"}}, map[ConflictCode]int{DuplicatePhone: 1}},
		"unknown cost centre":       {Roster{{Line: 2, Name: "A", Number: "9", CostCentre: "CC9"}}, map[ConflictCode]int{UnknownCostCentre: 1}},
		"two members":               {Roster{{Line: 2, Name: "A", Number: "1", Email: "a@x.ma"}}, map[ConflictCode]int{SeveralMembers: 1}},
		"an address given on":       {Roster{{Line: 2, Name: "New", Number: "7", Email: "n@x.ma"}}, map[ConflictCode]int{SeveralMembers: 1}},
		"one member, two rows":      {Roster{{Line: 2, Name: "Nadia", Number: "1"}, {Line: 3, Name: "N.", Email: "n@x.ma"}}, map[ConflictCode]int{SameMember: 1}},
		"who left is nobody's twin": {Roster{{Line: 2, Name: "Old", Email: "old@x.ma"}}, map[ConflictCode]int{}},
	} {
		p := Compare(a, c.rows, today, []string{"CC1"})
		got := map[ConflictCode]int{}
		for _, x := range p.Conflicts {
			got[x.Code]++
		}
		if !maps.Equal(got, c.want) {
			t.Errorf("%s: %+v", label, p)
		}
	}
	var many []Member
	for i := range 20 {
		many = append(many, Member{ID: fmt.Sprint(i), Number: fmt.Sprint(i), Name: "x", Tenure: tenure})
	}
	for left, want := range map[int]bool{10: false, 9: true} {
		var rows Roster
		for i := range left {
			rows = append(rows, Person{Line: i + 2, Number: fmt.Sprint(i), Name: "x"})
		}
		if p := Compare(many, rows, today, nil); p.Alarming != want || len(p.Leavers) != 20-left {
			t.Errorf("%d of 20 stay: alarming %v", left, p.Alarming)
		}
	}
}

// TestLeftMeanwhile: who left between preview and apply keeps the day on which they did.
func TestLeftMeanwhile(t *testing.T) {
	t.Parallel()
	a := []Member{{ID: "1", Number: "1", Name: "Nadia", Tenure: Tenure{Joined: 1}}}
	p := Compare(a, nil, today, nil)
	a[0].Tenure.Left = today - 3
	if got := Apply(a, p)[0].Tenure.Left; got != today-3 {
		t.Errorf("left on %d", got)
	}
}
