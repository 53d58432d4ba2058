package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// FinancePayment is a payment as finance sees it.
type FinancePayment struct {
	ID        uuid.UUID `json:"id" format:"uuid" example:"0190b7a6-8888-7abc-8def-0123456789ab"`
	V         int64     `json:"v" example:"3"`
	Payer     uuid.UUID `json:"payer" format:"uuid" example:"0190b7a6-2222-7abc-8def-0123456789ab"`
	PayerName string    `json:"payer_name" example:"Salma Bennani"`
	Subject   string    `json:"subject" example:"wallet/0190b7a6-2222-7abc-8def-0123456789ab" doc:"What it pays"`
	Gateway   string    `json:"gateway" example:"stripe"`
	Ref       string    `json:"ref,omitempty" example:"pi_3Q…" doc:"The gateway's object; absent while nobody knows of one"`
	Status    string    `json:"status" enum:"open,authorised,paid,cancelled" example:"paid"`
	Currency  string    `json:"currency" example:"MAD"`
	Amount    int64     `json:"amount" example:"5000" doc:"Minor units, as all that follow"`
	Captured  int64     `json:"captured" example:"5000"`
	Refunding int64     `json:"refunding" example:"0" doc:"Asked to be given back, less what was refused"`
	Refunded  int64     `json:"refunded" example:"0" doc:"Given back, as the gateway says"`
	Returned  int64     `json:"returned" example:"0" doc:"Sent back by the payer's bank: in the payer's wallet"`
	Disputed  int64     `json:"disputed" example:"0"`
	Lost      int64     `json:"lost" example:"0"`
	Won       int64     `json:"won" example:"0"`
	Decline   string    `json:"decline,omitempty" example:"insufficient_funds" doc:"Why the last attempt was refused, while it is open"`
	Declined  string    `json:"declined,omitempty" doc:"The same in words"`
	Outcome   string    `json:"outcome,omitempty" example:"confirmed" doc:"What became of what it pays"`
	ClosesAt  time.Time `json:"closes_at" example:"2026-11-22T21:04:11Z"`
	CreatedAt time.Time `json:"created_at" example:"2026-11-22T20:34:11Z"`
	UpdatedAt time.Time `json:"updated_at" example:"2026-11-22T20:36:02Z"`
}

// PaymentStory is a payment with everything that is known of it.
type PaymentStory struct {
	FinancePayment
	Left       int64             `json:"left" example:"5000" doc:"What can still be given back"`
	Operations []PaymentAsked    `json:"operations" doc:"What was asked of the gateway"`
	Events     []GatewayEvent    `json:"events" doc:"What the gateway has told"`
	Movements  []GatewayMovement `json:"movements" doc:"What it has moved"`
	Journals   []BookedJournal   `json:"journals"`
	Acts       []Act             `json:"acts" doc:"What people have done"`
	Findings   []Finding         `json:"findings"`
}

// PaymentAsked is one thing that was asked of a gateway.
type PaymentAsked struct {
	Op        string     `json:"op" example:"refund"`
	N         int        `json:"n" example:"1"`
	Amount    int64      `json:"amount" example:"1000"`
	Why       string     `json:"why,omitempty" example:"The bus was an hour late"`
	State     string     `json:"state" enum:"waiting,done,refused" example:"done"`
	Tries     int        `json:"tries" example:"1"`
	Problem   string     `json:"problem,omitempty" example:"payment_unconfirmed"`
	Said      string     `json:"said,omitempty" doc:"The problem in words"`
	Ref       string     `json:"ref,omitempty" example:"re_3Q…"`
	AskedAt   time.Time  `json:"asked_at" example:"2026-11-22T20:34:11Z"`
	SettledAt *time.Time `json:"settled_at,omitempty" example:"2026-11-22T20:34:12Z"`
}

// GatewayMovement is one line of the gateway's account with the operator.
type GatewayMovement struct {
	Ref      string    `json:"ref" example:"txn_3Q…"`
	What     string    `json:"what" enum:"charge,refund,dispute,dispute_won,payout,share,fee,other" example:"charge"`
	Amount   int64     `json:"amount" example:"5000"`
	Fee      int64     `json:"fee" example:"175"`
	Currency string    `json:"currency" example:"MAD"`
	At       time.Time `json:"at" example:"2026-11-22T20:34:12Z"`
}

// BookedJournal is a journal with what it has posted.
type BookedJournal struct {
	ID     uuid.UUID    `json:"id" format:"uuid" example:"0190b7a6-9999-7abc-8def-0123456789ab"`
	Kind   string       `json:"kind" example:"payment_captured"`
	Reason string       `json:"reason,omitempty"`
	At     time.Time    `json:"at" example:"2026-11-22T20:34:12Z"`
	Lines  []BookedLine `json:"lines"`
}

// BookedLine is one side of a journal.
type BookedLine struct {
	Account  string `json:"account" example:"clearing:stripe"`
	Currency string `json:"currency" example:"MAD"`
	Debit    int64  `json:"debit" example:"5000"`
	Credit   int64  `json:"credit" example:"0"`
}

// Act is a privileged act.
type Act struct {
	At     time.Time `json:"at" example:"2026-11-22T20:40:00Z"`
	By     string    `json:"by,omitempty" example:"0190b7a6-2222-7abc-8def-0123456789ab" doc:"Absent: the system itself"`
	Action string    `json:"action" example:"payment.refund"`
}

// WhichPayments is what payments are chosen by.
type WhichPayments struct {
	Search  string    `query:"search" maxLength:"80" example:"Salma" doc:"A part of the payer's name, or a whole reference: the gateway's, the payment's, or of what it pays"`
	Amount  int64     `query:"amount" minimum:"1" maximum:"1000000000000" example:"5000" doc:"Exactly so much, in minor units"`
	State   string    `query:"state" enum:"open,authorised,paid,cancelled,refunded,disputed,lost" example:"paid"`
	Subject string    `query:"subject" enum:"booking,wallet,session,pass,invoice" example:"wallet" doc:"What it pays, by kind"`
	Payer   string    `query:"payer" format:"uuid" example:"0190b7a6-2222-7abc-8def-0123456789ab"`
	From    time.Time `query:"from" example:"2026-11-22T00:00:00Z" doc:"Made at this instant or later"`
	To      time.Time `query:"to" example:"2026-11-23T00:00:00Z" doc:"Made before this instant"`
	FromDay string    `query:"from_day" format:"date" example:"2026-11-22" doc:"Made on this day or later, where the operator is"`
	ToDay   string    `query:"to_day" format:"date" example:"2026-11-22" doc:"Made on this day or earlier, where the operator is"`
	Cursor  string    `query:"cursor" maxLength:"100"`
}

type askPayments struct {
	WhichPayments
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"50" example:"50"`
}

// PaymentsFile is payments as a file, or a part of it.
type PaymentsFile struct {
	Name string `json:"name" example:"payments.csv"`
	CSV  string `json:"csv" example:"made,payer"`
	Next string `json:"next,omitempty" doc:"There are more than a file holds: give it as cursor for the next one; absent at the end"`
}

// paymentsMost is how many payments a file holds.
const paymentsMost = 5_000

func (in WhichPayments) ask(ctx context.Context, limit int) (ask store.PaymentsAsk, err error) {
	days, err := betweenDays(ctx, in.FromDay, in.ToDay)
	if err != nil {
		return ask, err
	}
	ask = store.PaymentsAsk{State: in.State, SubjectKind: in.Subject, Search: strings.TrimSpace(in.Search), Amount: in.Amount, Since: later(in.From, days.since), Until: sooner(in.To, days.until), Limit: limit}
	if in.Payer != "" {
		ask.Payer = uuid.MustParse(in.Payer) // its format was checked
	}
	return ask, nil
}

// paymentsCSV is a file that spreadsheets open without running anything that somebody wrote into a name; times as the clocks there showed them.
func paymentsCSV(ctx context.Context, all []store.PaymentView) string {
	var b bytes.Buffer
	b.WriteString("\ufeff") // or spreadsheets take it for another encoding
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"made", "payment", "payer", "pays_for", "gateway", "reference", "status", "currency", "amount", "captured", "refunded", "returned", "disputed", "lost", "won"})
	for _, p := range all {
		c := ledger.Currency(p.Currency)
		row := []string{p.CreatedAt.In(rest.ZoneOf(ctx)).Format("2006-01-02 15:04:05"), p.ID.String(), harmless(p.PayerName), p.Subject, p.Gateway, harmless(p.Ref), p.Status.String(), p.Currency}
		for _, n := range []int64{p.Amount, p.Captured, p.Refunded - p.Returned, p.Returned, p.Disputed, p.Lost, p.Won} {
			row = append(row, decimal(n, c))
		}
		_ = w.Write(row)
	}
	w.Flush()
	return b.String()
}

type askRefund struct {
	ID   uuid.UUID `path:"id" format:"uuid" example:"0190b7a6-8888-7abc-8def-0123456789ab"`
	Body struct {
		Amount int64  `json:"amount,omitempty" minimum:"1" maximum:"1000000000000" example:"1000" doc:"Minor units; absent: all that is left; of a pass nothing else"`
		Reason string `json:"reason" minLength:"1" maxLength:"200" example:"The bus was an hour late"`
	}
}

// FinancePayments is payments, for those who answer for the money.
func FinancePayments(f *billing.Finance, p *billing.Payments) func(*rest.API) {
	return func(a *rest.API) {
		rest.Handle(a, "finance.payments", rest.Doc{Summary: "List payments", About: "Newest first."},
			func(ctx context.Context, in *askPayments) (*rest.Answer[rest.Page[FinancePayment]], error) {
				ask, err := in.ask(ctx, in.Limit)
				if err != nil {
					return nil, err
				}
				items, next, err := f.Payments(ctx, byOf(ctx).Tenant, ask, in.Cursor)
				if err != nil {
					return nil, err
				}
				page := rest.Page[FinancePayment]{Items: make([]FinancePayment, len(items)), Next: next}
				for i, v := range items {
					page.Items[i] = financePaymentOf(ctx, v)
				}
				return rest.Say(page), nil
			})
		rest.Handle(a, "finance.paymentsFile", rest.Doc{Summary: "Download payments", About: "As CSV, newest first: as many as a file holds, with the cursor of the next one."},
			func(ctx context.Context, in *WhichPayments) (*rest.Answer[PaymentsFile], error) {
				ask, err := in.ask(ctx, paymentsMost)
				if err != nil {
					return nil, err
				}
				items, next, err := f.Payments(ctx, byOf(ctx).Tenant, ask, in.Cursor)
				if err != nil {
					return nil, err
				}
				return rest.Say(PaymentsFile{Name: "payments.csv", CSV: paymentsCSV(ctx, items), Next: next}), nil
			})
		rest.Handle(a, "finance.payment", rest.Doc{Summary: "See a payment", About: "With what was asked of the gateway, what it told and moved, what was booked, and what does not fit."},
			func(ctx context.Context, in *byID) (*rest.Answer[PaymentStory], error) {
				s, err := f.Story(ctx, byOf(ctx).Tenant, in.ID)
				if err == nil {
					err = policy.Can(ctx, policy.FinanceRead, thingOf(ctx, "payment", in.ID))
				}
				if err != nil {
					return nil, err
				}
				return rest.Say(storyOf(ctx, s)), nil
			})
		rest.Handle(a, "finance.refund", rest.Doc{Summary: "Give a payment back", Status: http.StatusCreated,
			About: "The amount is set aside in the books at once; while the gateway has not answered, state is waiting. refund_too_much says how much is left. A pass is given back whole, and ends: what of its price is not used or earned; any other amount is pass_refunded_whole."},
			func(ctx context.Context, in *askRefund) (*rest.Answer[PaymentAsked], error) {
				if _, err := f.Story(ctx, byOf(ctx).Tenant, in.ID); err != nil {
					return nil, err
				}
				if err := policy.Can(ctx, policy.FinanceWrite, thingOf(ctx, "payment", in.ID)); err != nil {
					return nil, err
				}
				why := strings.TrimSpace(in.Body.Reason)
				if why == "" {
					return nil, fault.New("reason_required").At("/reason")
				}
				o, err := p.Refund(ctx, byOf(ctx).Tenant, byOf(ctx).User, rest.ClaimOf(ctx), billing.Refund{Payment: in.ID, Amount: in.Body.Amount, Why: why})
				if err != nil {
					return nil, err
				}
				return rest.Say(askedOf(ctx, o)), nil
			})
	}
}

// thingOf is a thing of the tenant's money: it has neither owner nor line.
func thingOf(ctx context.Context, kind string, id uuid.UUID) policy.Resource {
	return policy.Resource{Tenant: byOf(ctx).Tenant, Kind: kind, ID: id}
}

func financePaymentOf(ctx context.Context, v store.PaymentView) FinancePayment {
	return FinancePayment{ID: v.ID, V: v.Version, Payer: v.Payer, PayerName: v.PayerName, Subject: v.Subject, Gateway: v.Gateway, Ref: v.Ref, Status: v.Status.String(),
		Currency: v.Currency, Amount: v.Amount, Captured: v.Captured, Refunding: max(v.Refunding-v.Returned, 0), Refunded: v.Refunded - v.Returned, Returned: v.Returned, Disputed: v.Disputed, Lost: v.Lost, Won: v.Won,
		Decline: v.Decline, Declined: declinedOf(ctx, v.Decline), Outcome: v.Outcome, ClosesAt: v.ClosesAt.UTC(), CreatedAt: v.CreatedAt.UTC(), UpdatedAt: v.UpdatedAt.UTC()}
}

func askedOf(ctx context.Context, o store.Operation) PaymentAsked {
	return PaymentAsked{Op: o.Op, N: o.N, Amount: o.Amount, Why: o.Why, State: string(o.State), Tries: o.Tries, Problem: o.Problem, Said: saidOf(ctx, o.Problem), Ref: o.Ref,
		AskedAt: o.CreatedAt.UTC(), SettledAt: instant(o.SettledAt)}
}

// instant is nil for the zero time.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func storyOf(ctx context.Context, s billing.Story) PaymentStory {
	out := PaymentStory{FinancePayment: financePaymentOf(ctx, s.PaymentView), Left: s.Left, Operations: []PaymentAsked{}, Events: []GatewayEvent{}, Movements: []GatewayMovement{},
		Journals: []BookedJournal{}, Acts: []Act{}, Findings: []Finding{}}
	for _, o := range s.Operations {
		out.Operations = append(out.Operations, askedOf(ctx, o))
	}
	for _, w := range s.Events {
		out.Events = append(out.Events, eventOf(ctx, w))
	}
	for _, m := range s.Movements {
		out.Movements = append(out.Movements, GatewayMovement{Ref: m.Ref, What: string(m.What), Amount: m.Amount, Fee: m.Fee, Currency: m.Currency, At: m.At.UTC()})
	}
	for _, j := range s.Journals {
		b := BookedJournal{ID: j.ID, Kind: j.Kind, Reason: j.Reason, At: j.At.UTC()}
		for _, l := range j.Lines {
			b.Lines = append(b.Lines, BookedLine{Account: l.Code, Currency: string(l.Currency), Debit: l.Debit, Credit: l.Credit})
		}
		out.Journals = append(out.Journals, b)
	}
	for _, act := range s.Acts {
		x := Act{At: act.At.UTC(), Action: act.Action}
		if act.Actor != uuid.Nil {
			x.By = act.Actor.String()
		}
		out.Acts = append(out.Acts, x)
	}
	for _, f := range s.Findings {
		out.Findings = append(out.Findings, findingOf(f))
	}
	return out
}
