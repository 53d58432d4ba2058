package gtfs

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// record is one row of a CSV file. Its bytes live until the next row is read.
type record struct {
	line int // physical line of its start, the header being 1
	buf  []byte
	ends []int // ends[i] is where field i ends in buf
}

func (r *record) size() int { return len(r.ends) }

func (r *record) field(i int) []byte {
	start := 0
	if i > 0 {
		start = r.ends[i-1]
	}
	return r.buf[start:r.ends[i]]
}

// csvReader reads RFC 4180 as the field writes it: with or without a byte order mark, line ends \n, \r\n
// or \r, quotes around any field, quotes inside an unquoted field taken literally. It is our own because
// encoding/csv knows no bound on a row: one row of a gigabyte would be held in memory.
type csvReader struct {
	in   *bufio.Reader
	line int
	rec  record
}

var (
	errRecordTooLong = errors.New("the row is longer than 1 MiB; a line end or a closing quote is missing")
	errOpenQuote     = errors.New("a quoted value is not closed before the end of the file")
	errUTF16         = errors.New("the file is UTF-16; GTFS files are UTF-8")
	errTooManyFields = errors.New("the row has more than 256 values")
)

var (
	bom    = []byte("\xef\xbb\xbf")
	bom16l = []byte("\xff\xfe")
	bom16b = []byte("\xfe\xff")
)

func newCSVReader(r io.Reader) (*csvReader, error) {
	c := &csvReader{in: bufio.NewReaderSize(r, 64<<10), line: 1}
	head, err := c.in.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case bytes.Equal(head, bom):
		_, _ = c.in.Discard(len(bom))
	case bytes.HasPrefix(head, bom16l), bytes.HasPrefix(head, bom16b):
		return nil, errUTF16
	}
	return c, nil
}

// next returns the next row, io.EOF after the last. Lines without any character are passed over.
func (c *csvReader) next() (*record, error) {
	for {
		rec, err := c.read()
		if err != nil || len(rec.buf) > 0 || len(rec.ends) > 1 {
			return rec, err
		}
	}
}

const (
	fieldStart = iota
	inPlain
	inQuotes
	quoteInQuotes // saw a quote inside quotes: either the end or half of an escaped one
)

func (c *csvReader) read() (*record, error) {
	rec := &c.rec
	rec.line, rec.buf, rec.ends = c.line, rec.buf[:0], rec.ends[:0]
	state, any := fieldStart, false
	for {
		b, err := c.in.ReadByte()
		if errors.Is(err, io.EOF) {
			if !any {
				return nil, io.EOF
			}
			if state == inQuotes {
				return nil, errOpenQuote
			}
			rec.ends = append(rec.ends, len(rec.buf))
			return rec, nil
		}
		if err != nil {
			return nil, err
		}
		any = true
		if state == inQuotes {
			switch b {
			case '"':
				state = quoteInQuotes
				continue
			case '\n':
				c.line++
			}
		} else {
			switch b {
			case ',':
				rec.ends = append(rec.ends, len(rec.buf))
				if len(rec.ends) > maxColumns {
					return nil, errTooManyFields
				}
				state = fieldStart
				continue
			case '\r':
				if next, _ := c.in.Peek(1); len(next) == 1 && next[0] == '\n' {
					continue // the \n ends the line
				}
				fallthrough
			case '\n':
				c.line++
				rec.ends = append(rec.ends, len(rec.buf))
				return rec, nil
			case '"':
				if state == fieldStart {
					state = inQuotes
					continue
				}
				if state == quoteInQuotes {
					state = inQuotes // "" is one quote
				}
			default:
				if state == quoteInQuotes {
					state = inPlain // something after the closing quote: keep it
				} else if state == fieldStart {
					state = inPlain
				}
			}
		}
		if len(rec.buf) >= maxRecordBytes {
			return nil, errRecordTooLong
		}
		rec.buf = append(rec.buf, b)
	}
}
