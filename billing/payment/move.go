package payment

import "strconv"

// Move is one thing that a look has added: one journal, or the end of a hold.
type Move struct {
	Kind   Kind
	Amount int64 // by how much the total grew; 0 for Ended
	Total  int64 // what the total has come to
}

// Kind is what moved.
type Kind string

// Kinds of moves, in the order in which a look's moves are told.
const (
	MoveAuthorised Kind = "authorised"
	MoveCaptured   Kind = "captured"
	MoveRefunded   Kind = "refunded"
	MoveReturned   Kind = "refund_returned"
	MoveDisputed   Kind = "disputed"
	MoveLost       Kind = "dispute_lost"
	MoveWon        Kind = "dispute_won"
	MovePaid       Kind = "paid"      // nothing more will be captured: what is still held is free
	MoveCancelled  Kind = "cancelled" // likewise, and nothing was captured
)

// Key names the journal of a move among those of its payment: the same total is reached once.
func (m Move) Key() string { return string(m.Kind) + ":" + strconv.FormatInt(m.Total, 10) }

// Moves is what has been added since before.
func (k Known) Moves(before Known) (moves []Move) {
	for _, t := range []struct {
		kind     Kind
		was, now int64
	}{
		{MoveAuthorised, before.Authorised, k.Authorised},
		{MoveCaptured, before.Captured, k.Captured},
		{MoveRefunded, before.Refunded, k.Refunded},
		{MoveReturned, before.Returned, k.Returned},
		{MoveDisputed, before.Disputed, k.Disputed},
		{MoveLost, before.Lost, k.Lost},
		{MoveWon, before.Won, k.Won},
	} {
		if t.now > t.was {
			moves = append(moves, Move{t.kind, t.now - t.was, t.now})
		}
	}
	if k.Status != before.Status {
		switch k.Status {
		case Paid:
			moves = append(moves, Move{Kind: MovePaid})
		case Cancelled:
			moves = append(moves, Move{Kind: MoveCancelled})
		}
	}
	return moves
}
