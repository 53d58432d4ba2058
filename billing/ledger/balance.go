package ledger

// Balance is what an account holds, in minor units. Posted counts debits as more whatever the account's class, as bookkeepers
// sum; Amount and Available are from the account's own point of view.
type Balance struct {
	Posted     int64 // debits less credits
	HeldDebit  int64 // debits set aside by holds
	HeldCredit int64 // credits set aside by holds
}

// Amount is what is in the account, as its owner counts: a wallet with 5 dirhams has 500.
func (b Balance) Amount(c Class) int64 {
	if c.DebitNormal() {
		return b.Posted
	}
	return -b.Posted
}

// Available is Amount less what holds may still take out. What they may bring in counts for nothing until it is posted.
func (b Balance) Available(c Class) int64 {
	if c.DebitNormal() {
		return b.Posted - b.HeldCredit
	}
	return -b.Posted - b.HeldDebit
}

// add is b after an entry.
func (b Balance) add(l Layer, release bool, dr, cr int64) (Balance, error) {
	if l == Posted {
		var err error
		b.Posted, err = add(b.Posted, dr-cr) // both bounded by Currency.Max
		return b, err
	}
	if release {
		dr, cr = -dr, -cr
	}
	var err, more error
	b.HeldDebit, err = add(b.HeldDebit, dr)
	b.HeldCredit, more = add(b.HeldCredit, cr)
	if err == nil {
		err = more
	}
	return b, err
}

// After is b once a line was written.
func (b Balance) After(l Line) (Balance, error) { return b.add(l.Layer, l.Release, l.Debit, l.Credit) }
