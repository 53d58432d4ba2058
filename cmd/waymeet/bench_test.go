package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

type counted struct {
	N int `json:"n"`
}

func (c counted) table(w io.Writer) error {
	_, err := fmt.Fprintf(w, "n is %d\n", c.N)
	return err
}

func TestBenchCommandLine(t *testing.T) {
	t.Parallel()
	from := []measurement{{"seconds", "says how long", func(_ context.Context, o benchOptions) (measured, error) {
		return counted{int(o.length / time.Second)}, nil
	}}}
	for line, want := range map[string]string{
		"seconds":                    "n is 30\n",
		"seconds --seconds 3 --json": "{\"n\":3}\n",
		"--json --seconds=3 seconds": "{\"n\":3}\n",
		"--help":                     "says how long",
		"":                           "usage: waymeet bench",
		"other":                      `no bench "other"`,
		"seconds more":               "usage: waymeet bench",
	} {
		var out bytes.Buffer
		err := benchFrom(t.Context(), &terminal{out: &out, err: &out}, from, strings.Fields(line))
		if !strings.Contains(out.String(), want) {
			t.Errorf("bench %s: %v: %s", line, err, &out)
		}
	}
}
