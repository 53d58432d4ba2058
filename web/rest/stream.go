package rest

import (
	"context"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humamux"

	"github.com/waymeet/waymeet/internal/fault"
)

const (
	streaming = 30 * time.Minute // all of a stream
	stalling  = 45 * time.Second // of a client that takes nothing
)

// RowCount is the header that says how many rows a file will have below its heading: who saves it can tell that it is whole.
const RowCount = "X-Row-Count"

// Stream answers with a file that is written as it is made, for as long as the client takes it: the route says Stream. write
// begins when it knows how many rows there will be; what it fails with before is a problem as any other, and afterwards the
// connection is cut, so that a torso never looks whole.
func Stream(name, kind string, write func(ctx context.Context, begin func(rows int) (io.Writer, error)) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		r, w := humamux.Unwrap(c)
		r = r.WithContext(c.Context())
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), streaming) // a request has seconds; who hangs up is met by the next write
		defer cancel()
		out := &stream{w: w, control: http.NewResponseController(w)}
		err := write(ctx, func(rows int) (io.Writer, error) {
			out.begun = true
			h := w.Header()
			h.Set("Content-Type", kind)
			h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
			h.Set(RowCount, strconv.Itoa(rows))
			return out, nil
		})
		switch {
		case err == nil:
		case !out.begun:
			WriteProblem(w, r, told(ctx, err))
		default:
			if !out.hungUp {
				note(ctx, fault.As(err))
			}
			panic(http.ErrAbortHandler)
		}
	}}
}

// stream gives each write its own time.
type stream struct {
	w             http.ResponseWriter
	control       *http.ResponseController
	begun, hungUp bool
}

func (s *stream) Write(b []byte) (int, error) {
	_ = s.control.SetWriteDeadline(time.Now().Add(stalling)) // not every writer can
	n, err := s.w.Write(b)
	s.hungUp = s.hungUp || err != nil
	return n, err
}
