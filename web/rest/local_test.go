package rest

import (
	"encoding/json"
	"testing"
	"time"
)

type Base struct {
	At time.Time `json:"at"`
}

type tale struct {
	Base
	Since *time.Time           `json:"since,omitempty"`
	Parts []Base               `json:"parts"`
	Named map[string]time.Time `json:"named"`
	Of    *tale                `json:"of,omitempty"`
	Never time.Time            `json:"never,omitzero"`
	Name  string               `json:"name"`
}

// TestInstantsAreLocal holds that every instant of an answer, wherever it stands, is written with the zone's offset of that instant (also
// in Ramadan, when Casablanca's is another), and that nothing which others may hold is changed.
func TestInstantsAreLocal(t *testing.T) {
	casa, err := time.LoadLocation("Africa/Casablanca")
	if err != nil {
		t.Fatal(err)
	}
	winter := time.Date(2026, 11, 22, 20, 34, 12, 0, time.UTC)
	ramadan := time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC)
	in := &Answer[tale]{Body: tale{Base: Base{winter}, Since: &ramadan, Parts: []Base{{winter}}, Named: map[string]time.Time{"x": ramadan},
		Of: &tale{Base: Base{ramadan}}, Name: "a"}}
	before, _ := json.Marshal(in.Body)
	got, err := json.Marshal(local(in, casa).Body)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"at":"2026-11-22T21:34:12+01:00","since":"2026-03-01T23:30:00Z","parts":[{"at":"2026-11-22T21:34:12+01:00"}],"named":{"x":"2026-03-01T23:30:00Z"},` +
		`"of":{"at":"2026-03-01T23:30:00Z","parts":null,"named":null,"name":""},"name":"a"}`
	if string(got) != want {
		t.Errorf("answered\n%s, want\n%s", got, want)
	}
	if after, _ := json.Marshal(in.Body); string(after) != string(before) {
		t.Errorf("what the handler held was changed to %s", after)
	}
}
