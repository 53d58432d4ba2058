package billing

import "time"

// Clock has the inbox live by another clock.
func (b *Inbox) Clock(now func() time.Time) { b.now = now }
