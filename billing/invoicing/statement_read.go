package invoicing

import (
	"context"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// maxRead bounds the lines of a file that are compared with open invoices before it is imported.
const maxRead = 200

// ReadLine is a line of a statement before it is imported.
type ReadLine struct {
	store.BankLine
	Known   bool // it was imported before, and is left as it is
	Certain bool // it would pay its invoice at once
	Matches []Candidate
}

// Read is what a file would bring.
type Read struct {
	How                       // as which it was read
	From, To servicedate.Date // of money that came
	Lines    int              // of money that came
	Fresh    int              // that are not there yet
	Certain  int              // would pay invoices at once
	Skipped  int              // of money that went
	First    []ReadLine
}

// ReadStatement reads a bank's file as Import would and writes nothing. What the first lines may pay is told of each as if it were alone: two that
// name one invoice both show it, and the first of them would pay it.
func (s *Service) ReadStatement(ctx context.Context, t tenant.ID, account string, body []byte, how How) (out Read, err error) {
	zone, err := s.zone(ctx, t)
	if err != nil {
		return out, err
	}
	says, err := readStatement(account, body, how, servicedate.On(s.now(), zone))
	if err != nil {
		return out, err
	}
	lines := says.lines
	plan, err := s.plan(ctx, t, account, lines)
	if err != nil {
		return out, err
	}
	fresh := make(map[[32]byte]bool, len(plan)) // and whether it would pay
	for _, l := range plan {
		if fresh[l.Fingerprint] = len(l.pays) > 0; len(l.pays) > 0 {
			out.Certain++
		}
	}
	out.How, out.Lines, out.Fresh, out.Skipped, out.First = says.How, len(lines), len(plan), says.skipped, make([]ReadLine, min(len(lines), maxRead))
	for i, l := range lines {
		if out.From = min(out.From, l.Booked); i == 0 {
			out.From = l.Booked
		}
		out.To = max(out.To, l.Booked)
	}
	found, err := s.MatchesOf(ctx, t, lines[:len(out.First)])
	if err != nil {
		return out, err
	}
	for i := range out.First {
		pays, new := fresh[lines[i].Fingerprint]
		out.First[i] = ReadLine{BankLine: lines[i], Known: !new, Certain: pays}
		if new {
			out.First[i].Matches = found[i]
		}
	}
	return out, nil
}
