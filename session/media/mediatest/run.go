package mediatest

import "testing"

// Run attacks an adapter. open is called for each test, with a world of its own.
func Run(t *testing.T, open func(t *testing.T) Rig) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Rig)
	}{
		{"what is not offered says so", notOffered},
		{"every verb may be repeated", repeats},
		{"orders that make no sense", badOrders},
		{"who comes is there, who leaves is not", comesAndGoes},
		{"an entry is for one, soon", entryEnds},
		{"who was ejected is out", ejected},
		{"each sends what their role sends", sends},
		{"each hears whom their role hears", hears},
		{"a role changes", changesRole},
		{"records when told", records},
		{"webhooks forged, old, future", webhooksBad},
		{"webhook secrets rotate", webhooksRotate},
		{"a delivery that comes again is the same event", webhookAgain},
		{"the provider has a bad day", badDays},
		{"wrong credentials", wrongKey},
		{"secrets do not show", secretsHidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, open(t))
		})
	}
}
