package invoice

import "github.com/waymeet/waymeet/dispatch/servicedate"

// Receivable is what is open of one invoice.
type Receivable struct {
	Number Number
	Due    servicedate.Date
	Open   int64
}

// Ageing is receivables of one currency by the days that they are overdue.
type Ageing struct {
	NotDue, To30, To60, To90, Older int64
	Total                           int64
}

// Age sums what is open on a day. What was paid too much counts where its invoice stands: below zero.
func Age(open []Receivable, today servicedate.Date) (a Ageing, err error) {
	for _, r := range open {
		bucket := &a.Older
		switch late := r.Due.Until(today); {
		case late <= 0:
			bucket = &a.NotDue
		case late <= 30:
			bucket = &a.To30
		case late <= 60:
			bucket = &a.To60
		case late <= 90:
			bucket = &a.To90
		}
		if *bucket, err = add(*bucket, r.Open); err != nil {
			return Ageing{}, err
		}
		if a.Total, err = add(a.Total, r.Open); err != nil {
			return Ageing{}, err
		}
	}
	return a, nil
}

// Reminders are the days after the due date on which a customer is reminded.
var Reminders = [...]int{3, 15, 30}

// Remind is the number of the reminder that is due on a day, counted from 1, when `sent` were sent; 0 when none is.
// After a pause only the latest is sent: nobody gets three letters in a morning.
func Remind(due, today servicedate.Date, sent int) int {
	late, level := due.Until(today), 0
	for i, day := range Reminders {
		if late >= day {
			level = i + 1
		}
	}
	if level <= sent {
		return 0
	}
	return level
}
