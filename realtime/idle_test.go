package realtime_test

import (
	"encoding/binary"
	"testing"
	"time"
)

// What asks nothing costs something all the same: who sends nothing else is closed, who pings now and then is not.
func TestIdleFloods(t *testing.T) {
	s := newScene(t, 1)
	n := s.node(t)
	token := s.doors.token(s.db.A, "rider")
	ends := func(r raw) (code int) {
		_ = r.SetDeadline(time.Now().Add(20 * time.Second))
		for {
			op, p, err := r.read()
			if err != nil {
				return 0
			}
			if op == 8 && len(p) >= 2 {
				return int(binary.BigEndian.Uint16(p))
			}
		}
	}
	for _, flood := range []struct {
		name  string
		frame []byte
	}{
		{"pings", []byte{0x89, 0x80, 0, 0, 0, 0}},
		{"pongs", []byte{0x8a, 0x80, 0, 0, 0, 0}},
		{"blank messages", []byte{0x81, 0x81, 0, 0, 0, 0, '\n'}},
		{"empty messages", []byte{0x81, 0x80, 0, 0, 0, 0}},
		{"empty fragments", []byte{0x00, 0x80, 0, 0, 0, 0}},
	} {
		r := knock(t, n, token, 0)
		if flood.name == "empty fragments" {
			_, _ = r.Write([]byte{0x01, 0x80, 0, 0, 0, 0})
		}
		for range 300 {
			_, _ = r.Write(flood.frame)
		}
		r.write(8, []byte{3, 232}) // a server that minds none of it says goodbye with this
		if got := ends(r); got != 4029 {
			t.Errorf("%s: closed with %d", flood.name, got)
		}
	}
	r := knock(t, n, token, 0)
	for range 90 {
		r.write(9, []byte("x"))
	}
	r.write(1, []byte(`{"id":7,"unsub":"me"}`))
	r.write(8, []byte{3, 232})
	if got := ends(r); got != 1000 {
		t.Errorf("ninety pings: closed with %d", got)
	}
}
