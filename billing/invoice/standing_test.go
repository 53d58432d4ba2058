package invoice

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// TestStanding drives an invoice through any steps: a final one never becomes a draft again nor changes its gross or
// due date, credits never pass it, and its state is what the sums say.
func TestStanding(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var s Standing
		amount := rapid.OneOf(rapid.Int64Range(-5, 120), rapid.Just(int64(100)))
		gross, paid, credited := int64(-1), int64(0), int64(0)
		step := func(next Standing, err error, legal bool, book *int64, by int64) {
			if (err == nil) != legal {
				t.Fatalf("%+v: %v, want %v", s, err, legal)
			}
			if err != nil && next != s {
				t.Fatalf("a refused step made %+v of %+v", next, s)
			}
			if s = next; err == nil && book != nil {
				*book += by
			}
		}
		discarded := false
		t.Repeat(map[string]func(*rapid.T){
			"finalise": func(t *rapid.T) {
				g := rapid.Int64Range(-1, 100).Draw(t, "gross")
				legal := gross < 0 && !discarded && g >= 0
				next, err := s.Finalise(g, 500)
				if step(next, err, legal, nil, 0); legal {
					gross = g
				}
			},
			"discard": func(t *rapid.T) {
				legal := gross < 0 && !discarded
				next, err := s.Discard()
				step(next, err, legal, nil, 0)
				discarded = discarded || legal
			},
			"pay": func(t *rapid.T) {
				a := amount.Draw(t, "amount")
				next, err := s.Pay(a)
				step(next, err, gross >= 0 && a > 0, &paid, a)
			},
			"unpay": func(t *rapid.T) {
				a := amount.Draw(t, "amount")
				next, err := s.Unpay(a)
				step(next, err, gross >= 0 && a > 0 && a <= paid, &paid, -a)
			},
			"credit": func(t *rapid.T) {
				a := amount.Draw(t, "amount")
				next, err := s.Credit(a)
				step(next, err, gross >= 0 && a > 0 && a <= gross-credited, &credited, a)
			},
			"": func(t *rapid.T) {
				if gross >= 0 && (!s.Finalised || s.Gross != gross || s.Due != 500 || s.MayEdit() == nil) {
					t.Fatalf("a final invoice of %d has become %+v", gross, s)
				}
				if s.Paid != paid || s.Credited != credited {
					t.Fatalf("%+v, booked %d and %d", s, paid, credited)
				}
				open := gross - paid - credited
				in, late := s.State(500), s.State(501)
				want := map[bool]State{true: Paid, false: Finalised}[open <= 0]
				wantLate := map[bool]State{true: Paid, false: Overdue}[open <= 0]
				switch {
				case discarded:
					want, wantLate = Discarded, Discarded
				case gross < 0:
					want, wantLate = InDraft, InDraft
				case gross > 0 && credited == gross:
					want, wantLate = Credited, Credited
				case open > 0 && paid+credited > 0:
					want = PartlyPaid
				}
				if in != want || late != wantLate {
					t.Fatalf("%+v is %s and %s, want %s and %s", s, in, late, want, wantLate)
				}
			},
		})
	})
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
