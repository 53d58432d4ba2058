package invoice

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// TestStanding: the state is what the sums say, on the day on which it is due and on the next.
func TestStanding(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s         Standing
		due, late State
	}{
		{Standing{Due: 500}, InDraft, InDraft},
		{Standing{Finalised: true, Gross: 100, Due: 500}, Finalised, Overdue},
		{Standing{Finalised: true, Gross: 100, Paid: 1, Due: 500}, PartlyPaid, Overdue},
		{Standing{Finalised: true, Gross: 100, Credited: 99, Due: 500}, PartlyPaid, Overdue},
		{Standing{Finalised: true, Gross: 100, Paid: 60, Credited: 40, Due: 500}, Paid, Paid},
		{Standing{Finalised: true, Gross: 100, Paid: 130, Due: 500}, Paid, Paid},
		{Standing{Finalised: true, Gross: 100, Credited: 100, Due: 500}, Credited, Credited},
		{Standing{Finalised: true, Gross: 100, Paid: 20, Credited: 100, Due: 500}, Credited, Credited},
		{Standing{Finalised: true, Due: 500}, Paid, Paid},
	} {
		if due, late := c.s.State(500), c.s.State(501); due != c.due || late != c.late {
			t.Errorf("%+v is %s and %s, want %s and %s", c.s, due, late, c.due, c.late)
		}
	}
}

// TestAgeing: every unit is in one bucket, at the days where buckets meet.
func TestAgeing(t *testing.T) {
	t.Parallel()
	for late, want := range map[int]Ageing{
		-1: {NotDue: 7}, 0: {NotDue: 7}, 1: {To30: 7}, 30: {To30: 7}, 31: {To60: 7}, 60: {To60: 7}, 61: {To90: 7}, 90: {To90: 7}, 91: {Older: 7},
	} {
		want.Total = 7
		r := Receivable{Due: 1000, Open: 7}
		r.Due = r.Due.AddDays(-late)
		if got, err := Age([]Receivable{r}, 1000); err != nil || got != want {
			t.Errorf("%d days late: %+v %v, want %+v", late, got, err, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		var open []Receivable
		sum := int64(0)
		for range rapid.IntRange(0, 50).Draw(t, "receivables") {
			r := Receivable{Due: 1000, Open: rapid.Int64Range(-100, 10000).Draw(t, "open")}
			r.Due = r.Due.AddDays(rapid.IntRange(-200, 200).Draw(t, "late"))
			open, sum = append(open, r), sum+r.Open
		}
		a, err := Age(open, 1000)
		if err != nil || a.NotDue+a.To30+a.To60+a.To90+a.Older != sum || a.Total != sum {
			t.Fatalf("%+v of %d: %v", a, sum, err)
		}
	})
}

func TestRemind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ late, sent, want int }{{0, 0, 0}, {2, 0, 0}, {3, 0, 1}, {3, 1, 0}, {15, 1, 2}, {40, 0, 3}, {40, 3, 0}, {400, 2, 3}} {
		if got := Remind(1000, servicedate.Date(1000).AddDays(c.late), c.sent); got != c.want {
			t.Errorf("%d days late, %d sent: %d, want %d", c.late, c.sent, got, c.want)
		}
	}
}
