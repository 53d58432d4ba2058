package crowd

import (
	"math"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func TestDecodeKnownPolyline(t *testing.T) {
	t.Parallel()
	got := decode("_p~iF~ps|U_ulLnnqC_mqNvxq`@") // the example in the format's description
	want := []place{{38.5, -120.2}, {40.7, -120.95}, {43.252, -126.453}}
	if len(got) != len(want) {
		t.Fatalf("%d points", len(got))
	}
	for i := range want {
		if math.Abs(got[i].lat-want[i].lat)+math.Abs(got[i].lon-want[i].lon) > 1e-9 {
			t.Errorf("point %d: %v, want %v", i, got[i], want[i])
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("_p~iF~ps|U_ulLnnqC_mqNvxq`@")
	f.Add("\x00\xff~~~~~~~~~~")
	f.Fuzz(func(t *testing.T, s string) {
		w := &way{Stops: []halt{{Lat: 33, Lon: -7}, {Lat: 33.1, Lon: -7.1, ArriveS: 600, DepartS: 600}}, Shape: s}
		w.lay() // whatever the server says, no panic
		w.position(300)
	})
}

// A vehicle never goes backwards, is at each stop when the timetable says so, and does not fly.
func TestVehiclesKeepToTheirWay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := &way{}
		at, s := place{33.5, -7.6}, 0
		for range rapid.IntRange(2, 9).Draw(t, "stops") {
			h := halt{Stop: uuid.New(), Lat: at.lat, Lon: at.lon, ArriveS: s, DepartS: s + rapid.IntRange(0, 40).Draw(t, "stay")}
			if len(w.Stops) == 0 {
				h.DepartS = h.ArriveS
			}
			w.Stops = append(w.Stops, h)
			took := rapid.IntRange(60, 900).Draw(t, "took")
			s = h.DepartS + took
			length := rapid.Float64Range(1, 15).Draw(t, "m/s") * float64(took) / metresPerDegree
			turn := rapid.Float64Range(-0.6, 0.6).Draw(t, "turn")
			at = place{at.lat + length*math.Cos(turn), at.lon + length*math.Sin(turn)/math.Cos(33.5*math.Pi/180)}
		}
		w.lay()
		last := w.Stops[len(w.Stops)-1].ArriveS
		before, _, _ := w.position(-100)
		if d := metres(before, w.path[0]); d > 1 {
			t.Fatalf("waits %.0f m from its first stop", d)
		}
		for s := 0; s <= last+30; s += 5 {
			p, bearing, speed := w.position(float64(s))
			if d := metres(before, p); d > 5*26 {
				t.Fatalf("%.0f m in 5 s", d)
			}
			if bearing < 0 || bearing >= 360 || speed < 0 || speed > 26 {
				t.Fatalf("bearing %.0f, %.0f m/s", bearing, speed)
			}
			before = p
		}
		for i, h := range w.Stops {
			if p, _, _ := w.position(float64(h.ArriveS)); metres(p, place{h.Lat, h.Lon}) > 5 {
				t.Fatalf("%.0f m from stop %d when it should be there", metres(p, place{h.Lat, h.Lon}), i)
			}
		}
	})
}

// On a shape that comes back the way it went, later stops lie further along.
func TestStopsOfALoopAreInOrder(t *testing.T) {
	t.Parallel()
	w := &way{Stops: []halt{{Lat: 33.5, Lon: -7.6}, {Lat: 33.52, Lon: -7.6}, {Lat: 33.54, Lon: -7.6}, {Lat: 33.52, Lon: -7.6001}, {Lat: 33.5, Lon: -7.6001}}}
	path := []place{{33.5, -7.6}, {33.54, -7.6}, {33.54, -7.6001}, {33.5, -7.6001}}
	w.Shape = encode(path)
	w.lay()
	if len(w.path) != 4 {
		t.Fatal("the shape was not read")
	}
	for i := 1; i < len(w.at); i++ {
		if gap := w.at[i] - w.at[i-1]; gap < 2000 || gap > 2500 {
			t.Errorf("stops lie at %.0f m", w.at)
		}
	}
}

func encode(path []place) string {
	var out []byte
	number := func(n int) {
		n <<= 1
		if n < 0 {
			n = ^n
		}
		for ; n >= 32; n >>= 5 {
			out = append(out, byte(n&31|32)+63)
		}
		out = append(out, byte(n)+63)
	}
	lat, lon := 0, 0
	for _, p := range path {
		y, x := int(math.Round(p.lat*1e5)), int(math.Round(p.lon*1e5))
		number(y - lat)
		number(x - lon)
		lat, lon = y, x
	}
	return string(out)
}
