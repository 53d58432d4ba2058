package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// fanoutReport has what was measured; "cpu_s" are seconds of processor time of the node, its kernel's included.
type fanoutReport struct {
	Fan    *crowdFigures  `json:"fan,omitempty"`
	Rooms  *crowdFigures  `json:"rooms,omitempty"`
	Idle   *idleFigures   `json:"idle,omitempty"`
	Full   *fullFigures   `json:"full,omitempty"`
	Commit *commitFigures `json:"commit,omitempty"`
	Scale  *scaleFigures  `json:"scale,omitempty"`
}

type crowdFigures struct {
	FloorPerMillion float64 `json:"floor_cpu_s_per_million"`
	OursPerMillion  float64 `json:"ours_cpu_s_per_million"`
	Ratio           float64 `json:"ratio_to_floor"`
	RedisPerMillion float64 `json:"redis_cpu_s_per_million"`
	FloorP99MS      float64 `json:"floor_p99_ms"`
	P50MS           float64 `json:"p50_ms"`
	P99MS           float64 `json:"p99_ms"`
	PerS            float64 `json:"deliveries_per_s"`
	Deliveries      uint64  `json:"deliveries"` // of all rounds, as the rest is
	trouble
	Rounds int     `json:"rounds"`
	Noise  float64 `json:"noise_cores"` // the most of any round, the floor's included
}

// trouble is what must be nought; but for the order of signals, which have keys of their own: no order of those is promised,
// and one that waited for a slow reader may come behind a later one.
type trouble struct {
	Lost       int64  `json:"lost"`
	Repeated   uint64 `json:"repeated"`
	Disordered uint64 `json:"disordered"`
	Failed     uint64 `json:"failed"`
	Ended      int    `json:"ended"` // connections that the server ended
	Late       bool   `json:"late"`  // the generator itself could not keep the schedule: the figures are its own
	Why        string `json:"why,omitempty"`
}

type idleFigures struct {
	BytesPerConn float64 `json:"bytes_per_conn"`
	ConnectUS    float64 `json:"connect_cpu_us"` // upgrade, token, subscription, at a node that knows nobody yet
	// The same people to the same channels, once they have been there: what a reconnect costs.
	AgainUS float64 `json:"reconnect_cpu_us"`
	// Of the floor, which checks nothing: a slow machine, or a slow hour of it, shows in both.
	FloorConnectUS float64 `json:"floor_connect_cpu_us"`
	ConnectRatio   float64 `json:"connect_ratio_to_floor"`
	Connections    int     `json:"connections"`
	ConnectsPerS   float64 `json:"connects_per_s"`
	Refused        int     `json:"refused"` // upgrades told to come later, which they did
	Noise          float64 `json:"noise_cores"`
}

type fullFigures struct {
	PerS            float64 `json:"deliveries_per_s"`
	PerMillion      float64 `json:"cpu_s_per_million"`
	RedisPerMillion float64 `json:"redis_cpu_s_per_million"`
	Window          int     `json:"window"` // signals under way, the best of those tried
	P99MS           float64 `json:"p99_ms"`
	trouble
	Noise float64 `json:"noise_cores"`
}

type commitFigures struct {
	// From the moment the request was due, which is before the commit.
	P50MS float64 `json:"commit_to_socket_p50_ms"`
	P99MS float64 `json:"commit_to_socket_p99_ms"`
	MaxMS float64 `json:"commit_to_socket_max_ms"`
	// From the moment the request's answer came, which is after the commit; 0 where the socket was first.
	AnsweredP50MS float64 `json:"answer_to_socket_p50_ms"`
	AnsweredP99MS float64 `json:"answer_to_socket_p99_ms"`
	Changes       uint64  `json:"changes"`
	PerS          float64 `json:"changes_per_s"`
	Trips         int     `json:"trips"`
	trouble
	Noise float64 `json:"noise_cores"`
}

type scaleFigures struct {
	Connections  int       `json:"connections"` // in all
	Standing     int       `json:"standing"`    // after the stay
	StayS        float64   `json:"stay_s"`
	BytesPerConn []float64 `json:"bytes_per_conn"` // of each node
	NodeBytes    []int     `json:"node_bytes"`     // resident, of each node, after the stay
	IdleCores    []float64 `json:"idle_cores"`     // of each node: its pings
	Refused      int       `json:"refused"`
	Few          int       `json:"few"` // subscribers of one channel
	Many         int       `json:"many"`
	FewPerM      float64   `json:"few_cpu_s_per_million"`
	ManyPerM     float64   `json:"many_cpu_s_per_million"`
	Ratio        float64   `json:"ratio_many_to_few"`
	trouble
	Noise float64 `json:"noise_cores"`
}

func (r *fanoutReport) table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	row := func(what, unit string, v, target float64, most bool) {
		word, met := "at most", v <= target
		if !most {
			word, met = "at least", v >= target
		}
		verdict := "met"
		if !met {
			verdict = "MISSED"
		}
		fmt.Fprintf(t, "%s\t%.2f %s\t%s %g\t%s\n", what, v, unit, word, target, verdict)
	}
	say := func(what, format string, args ...any) {
		fmt.Fprintf(t, "%s\t%s\t\t\n", what, fmt.Sprintf(format, args...))
	}
	whole := func(x trouble) {
		row("  lost, repeated, failed, ended", "", float64(max(x.Lost, -x.Lost))+float64(x.Repeated+x.Failed)+float64(x.Ended), 0, true)
		if x.Disordered > 0 {
			say("  out of order", "%d", x.Disordered)
		}
		if x.Late {
			say("  the generator", "could not keep its schedule")
		}
		if x.Why != "" {
			say("  what was said", "%s", x.Why)
		}
	}
	fmt.Fprintln(t, "what\tmeasured\ttarget\t")
	for _, c := range []struct {
		name string
		*crowdFigures
		ratio float64
	}{{"fan", r.Fan, 1.25}, {"rooms", r.Rooms, 2.2}} {
		if c.crowdFigures == nil {
			continue
		}
		row(c.name+": node's CPU a delivery, to the floor's", "×", c.Ratio, c.ratio, true)
		say("  CPU-s a million: floor, node, Redis", "%.2f, %.2f, %.2f", c.FloorPerMillion, c.OursPerMillion, c.RedisPerMillion)
		say("  p99: floor, ours", "%.1f, %.1f ms", c.FloorP99MS, c.P99MS)
		say("  other work on this machine", "%.1f processors", c.Noise)
		whole(c.trouble)
	}
	if i := r.Idle; i != nil {
		row(fmt.Sprintf("idle: memory of one of %d connections", i.Connections), "KB", i.BytesPerConn/1024, 12, true)
		row("  CPU of connecting", "µs", i.ConnectUS, 150, true)
		row("  and of connecting again", "µs", i.AgainUS, 150, true)
		say("  the floor's, and ours to it", "%.0f µs, %.2f ×", i.FloorConnectUS, i.ConnectRatio)
	}
	if f := r.Full; f != nil {
		row("full: deliveries a second", "M", f.PerS/1e6, 1.5, false)
		say("  CPU-s a million: node, Redis", "%.2f, %.2f", f.PerMillion, f.RedisPerMillion)
		whole(f.trouble)
	}
	if c := r.Commit; c != nil {
		row(fmt.Sprintf("commit: to another node's socket, p99 at %.0f/s", c.PerS), "ms", c.P99MS, 50, true)
		say("  p50; from the answer: p50, p99", "%.1f; %.1f, %.1f ms", c.P50MS, c.AnsweredP50MS, c.AnsweredP99MS)
		whole(c.trouble)
	}
	if s := r.Scale; s != nil {
		row(fmt.Sprintf("scale: standing after %.0f s", s.StayS), "", float64(s.Standing), float64(s.Connections), false)
		for i := range s.NodeBytes {
			say(fmt.Sprintf("  node %d: resident, a connection", i+1), "%d MB, %.1f KB", s.NodeBytes[i]>>20, s.BytesPerConn[i]/1024)
		}
		row(fmt.Sprintf("  CPU a delivery at %d subscribers, to that at %d", s.Many, s.Few), "×", s.Ratio, 1.2, true)
		whole(s.trouble)
	}
	return t.Flush()
}
