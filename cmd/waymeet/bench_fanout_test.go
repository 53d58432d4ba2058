package main

import (
	"encoding/json"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/waymeet/waymeet/internal/devstack"
)

// TestBenchFanout runs every scenario with a small crowd: what is counted must be exact, how long it took is nobody's promise.
func TestBenchFanout(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the generator needs Linux")
	}
	if _, err := devstack.FindRedis(); err != nil {
		t.Fatal(err)
	}
	t.Setenv(asWaymeet, "1") // the children are this binary too
	o := fanoutDefaults()
	o.length, o.warm, o.rest, o.stay = 500*time.Millisecond, 100*time.Millisecond, 100*time.Millisecond, 200*time.Millisecond
	o.fan = crowdSize{1, 50, 20}
	o.rooms = crowdSize{10, 50, 100}
	o.idle = crowdSize{10, 50, 0}
	o.full = crowdSize{1, 50, 0}
	o.commit = crowdSize{50, 50, 20}
	o.scale = crowdSize{10, 30, 10}
	o.log = slog.New(slog.DiscardHandler)
	r, err := runFanout(t.Context(), o, fanoutScenarios)
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]trouble{"fan": r.Fan.trouble, "rooms": r.Rooms.trouble, "full": r.Full.trouble, "commit": r.Commit.trouble, "scale": r.Scale.trouble} {
		x.Late, x.Disordered = false, 0 // matters of time
		if name == "full" {
			x.Lost = 0 // so is this: as many signals are under way as a moment ago were just not too many
		}
		if x != (trouble{}) {
			t.Errorf("%s: %+v", name, x)
		}
	}
	if r.Fan.Deliveries != 50*10 || r.Rooms.Deliveries != 5*50 || r.Commit.Changes != 10 {
		t.Errorf("%d, %d deliveries and %d changes", r.Fan.Deliveries, r.Rooms.Deliveries, r.Commit.Changes)
	}
	if r.Idle.Connections != 50 || r.Idle.BytesPerConn == 0 || r.Full.PerS == 0 || r.Commit.P99MS == 0 {
		t.Errorf("%+v %+v %+v", r.Idle, r.Full, r.Commit)
	}
	if r.Scale.Standing != 90 || len(r.Scale.NodeBytes) != 3 {
		t.Errorf("%+v", r.Scale)
	}
	var table strings.Builder
	if err := r.table(&table); err != nil {
		t.Error(err)
	}
	for _, word := range []string{"fan: ", "rooms: ", "idle: ", "full: ", "commit: ", "scale: "} {
		if !strings.Contains(table.String(), word) {
			t.Errorf("the table lacks %q:\n%s", word, &table)
		}
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{
		"floor_cpu_s_per_million", "ours_cpu_s_per_million", "ratio_to_floor", "p99_ms", "lost", "redis_cpu_s_per_million", "noise_cores",
		"bytes_per_conn", "connect_cpu_us", "reconnect_cpu_us", "deliveries_per_s", "commit_to_socket_p99_ms", "ratio_many_to_few",
	} {
		if !strings.Contains(string(text), `"`+field+`":`) {
			t.Errorf("no %s in %s", field, text)
		}
	}
}

func TestBenchFanoutRefusesWhatItCannotMeasure(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"--only fan,fun", "--seconds 0", "--rounds 0", "--stay 1h", "more"} {
		var out strings.Builder
		if err := benchFanout(t.Context(), &terminal{out: &out, err: &out}, strings.Fields(line)); err == nil {
			t.Errorf("bench fanout %s: no error", line)
		}
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	for want, of := range map[float64][]float64{1: {1}, 1.5: {2, 1}, 2: {9, 1, 2}} {
		if got := median(of); got != want {
			t.Errorf("median of %v is %v", of, got)
		}
	}
}
