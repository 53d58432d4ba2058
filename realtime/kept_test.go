package realtime

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/waymeet/waymeet/realtime/bus"
)

// What a subject keeps of signals is bounded in bytes as they are shown, and the newest are what stays.
func TestKeptSignalsAreBounded(t *testing.T) {
	s := &subject{}
	now := time.Unix(1000, 0)
	told := func(key string) {
		now = now.Add(time.Millisecond)
		s.signal(bus.Message{Sig: "position", Key: key, At: now, Data: []byte(`{"lat":1,"lon":2}`)}, true, now)
	}
	for i := range 300 {
		told(fmt.Sprintf("%03d%s", i, strings.Repeat("\u0001", 125)))
	}
	shown := (&subscription{subject: s}).appendSignals(nil)
	if len(shown) > maxKept+100 || len(s.signals) < 5 {
		t.Errorf("%d signals are shown in %d bytes", len(s.signals), len(shown))
	}
	if _, newest := s.signals["299"+strings.Repeat("\u0001", 125)]; !newest {
		t.Error("the newest is not kept")
	}
	for i := range 2 * maxSignals {
		told(fmt.Sprint(i))
	}
	total := 0
	for _, k := range s.signals {
		total += k.size
	}
	if total != s.sigBytes || total > maxKept {
		t.Errorf("%d bytes, said to be %d", total, s.sigBytes)
	}
	s.sweep(now.Add(2 * keepSignals))
	if len(s.signals) != 0 || s.sigBytes != 0 {
		t.Errorf("%d signals and %d bytes are left", len(s.signals), s.sigBytes)
	}
	for key, fits := range map[string]bool{"": true, "vehicle/7": true, strings.Repeat("x", 128): true, strings.Repeat("x", 129): false, "a\x01": false} {
		if sound(key) != fits {
			t.Errorf("the key %q", key)
		}
	}
}
