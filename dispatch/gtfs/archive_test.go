package gtfs

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"
)

func zipOf(t testing.TB, write func(w *zip.Writer)) *bytes.Reader {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	write(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

func put(w *zip.Writer, name, text string) {
	f, err := w.Create(name)
	if err == nil {
		_, err = io.WriteString(f, text)
	}
	if err != nil {
		panic(err)
	}
}

func TestZippedFeed(t *testing.T) {
	t.Parallel()
	r := zipOf(t, func(w *zip.Writer) {
		for name, text := range sound() {
			put(w, name, text)
		}
		put(w, "__MACOSX/._stops.txt", "left by a desktop")
		put(w, ".DS_Store", "too")
	})
	files, err := OpenZip(r, r.Size())
	if err != nil {
		t.Fatal(err)
	}
	if feed, rep := Read(files, Options{Today: today}); feed == nil || len(rep.Notices()) != 0 {
		t.Fatalf("%v", rep.Notices())
	}
}

// What is no timetable is refused with words, before or while it is read, and never held in memory.
func TestHostileArchives(t *testing.T) {
	t.Parallel()
	zeros := strings.Repeat("0", 1<<20)
	cases := map[string]struct {
		says  string
		write func(w *zip.Writer)
	}{
		"path upwards":   {"leads out of the archive", func(w *zip.Writer) { put(w, "../stops.txt", "x") }},
		"path inside":    {"leads out of the archive", func(w *zip.Writer) { put(w, "a/../../stops.txt", "x") }},
		"absolute path":  {"leads out of the archive", func(w *zip.Writer) { put(w, "/etc/stops.txt", "x") }},
		"backslashes":    {"leads out of the archive", func(w *zip.Writer) { put(w, `..\stops.txt`, "x") }},
		"drive":          {"leads out of the archive", func(w *zip.Writer) { put(w, "C:stops.txt", "x") }},
		"twice the same": {"twice", func(w *zip.Writer) { put(w, "stops.txt", "x"); put(w, "stops.txt", "y") }},
		"link": {"link or device", func(w *zip.Writer) {
			h := &zip.FileHeader{Name: "stops.txt"}
			h.SetMode(fs.ModeSymlink | 0o777)
			f, err := w.CreateHeader(h)
			if err != nil {
				panic(err)
			}
			_, _ = io.WriteString(f, "/etc/passwd")
		}},
		"bomb": {"inflates more than", func(w *zip.Writer) {
			f, err := w.Create("stops.txt")
			if err != nil {
				panic(err)
			}
			for range 64 {
				_, _ = io.WriteString(f, zeros)
			}
		}},
		"many files": {"more than", func(w *zip.Writer) {
			for i := range 1500 {
				put(w, fmt.Sprint(i), "")
			}
		}},
		"endless directory": {"more than", func(w *zip.Writer) {
			for i := range 40_000 {
				put(w, fmt.Sprintf("%050d", i), "")
			}
		}},
	}
	for name, c := range cases {
		r := zipOf(t, c.write)
		if _, err := OpenZip(r, r.Size()); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	if _, err := OpenZip(strings.NewReader("not a zip"), 9); err == nil {
		t.Error("nine letters were opened")
	}
	if _, err := OpenZip(strings.NewReader(""), MaxArchiveBytes+1); err == nil {
		t.Error("an archive that says it is huge was opened")
	}
}

// endless is a file of one line without an end. It counts what was read of it.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	e.read += int64(len(p))
	return len(p), nil
}

func TestLineWithoutEnd(t *testing.T) {
	t.Parallel()
	e := &endless{}
	csv, err := newCSVReader(e)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := csv.next(); err != errRecordTooLong || e.read > 2*maxRecordBytes || cap(csv.rec.buf) > 4*maxRecordBytes {
		t.Errorf("%v after %d bytes, %d held", err, e.read, cap(csv.rec.buf))
	}
}

// A header may lie about a size: what counts is what comes out.
func TestSizesAreCounted(t *testing.T) {
	t.Parallel()
	left := int64(100)
	b := &boundedReader{in: &endless{}, feedLeft: &left}
	if n, err := io.Copy(io.Discard, b); err != errTooLarge || n > 100 {
		t.Errorf("%d bytes, %v", n, err)
	}
}

func FuzzRead(f *testing.F) {
	texts := sound()
	for name, text := range texts {
		f.Add(name, []byte(text))
		f.Add(name, []byte("\xef\xbb\xbf"+strings.ReplaceAll(text, "\n", "\r\n")))
	}
	f.Add("stop_times.txt", []byte("trip_id,arrival_time,departure_time,stop_id,stop_sequence\nT1,,,a,1\nT1,\"7:00:0"))
	f.Add("frequencies.txt", []byte("trip_id,start_time,end_time,headway_secs\nT2,0:00:00,239:00:00,1\n"))
	f.Fuzz(func(t *testing.T, name string, text []byte) {
		texts := sound()
		if _, ok := texts[name]; !ok {
			name = "stop_times.txt"
		}
		texts[name] = string(text)
		feed, rep := Read(filesOf(texts), Options{Today: today})
		if (feed == nil) != rep.Failed() {
			t.Fatalf("a feed: %t, failed: %t", feed != nil, rep.Failed())
		}
		for _, n := range rep.Notices() {
			if len(n.Value) > maxValueShown+4 || strings.ContainsAny(n.String(), "\x00\n\r\x1b") {
				t.Fatalf("a notice shows %q", n.String())
			}
		}
		if feed == nil {
			return
		}
		for i := range feed.Patterns {
			last := int32(0)
			for _, s := range feed.Patterns[i].Stops {
				if s.Arrive < last || s.Depart < s.Arrive || int(s.Stop) >= len(feed.Stops) {
					t.Fatalf("pattern %+v", feed.Patterns[i])
				}
				last = s.Depart
			}
		}
		for i := range feed.Trips {
			n := 0
			for range feed.Trips[i].Departures() {
				if n++; n > maxDeparturesPerDay*4 {
					t.Fatal("a trip departs without end")
				}
			}
		}
	})
}

func FuzzOpenZip(f *testing.F) {
	r := zipOf(f, func(w *zip.Writer) { put(w, "stops.txt", "stop_id\na\n"); put(w, "sub/trips.txt", "trip_id\n") })
	raw, err := io.ReadAll(r)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		files, err := OpenZip(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			return
		}
		if feed, rep := Read(files, Options{Today: today}); (feed == nil) != rep.Failed() {
			t.Fatal("neither a feed nor a reason")
		}
	})
}
