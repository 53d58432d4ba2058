package web

import (
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
)

// packFrom is what is worth packing: below it the answer fits one packet anyway.
const packFrom = 1200

var packers = sync.Pool{New: func() any { w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed); return w }}

// packed compresses JSON and CSV answers for who can unpack them: a phone on 2G waits for bytes. Nothing secret stands beside
// what a stranger could choose, so the length tells nobody anything.
func (s *Server) packed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/v1/") || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Add("Vary", "Accept-Encoding")
		p := &packer{ResponseWriter: w}
		defer p.finish() // also after a panic: what is out must be whole or cut, and the pool gets its writer back
		next.ServeHTTP(p, r)
	})
}

// packer decides at the first byte. Handlers here write an answer in one piece; what is streamed begins with more than packFrom.
type packer struct {
	http.ResponseWriter
	status  int
	decided bool
	zip     *gzip.Writer
}

func (p *packer) WriteHeader(status int) {
	if status >= 100 && status < 200 && status != http.StatusSwitchingProtocols {
		p.ResponseWriter.WriteHeader(status)
		return
	}
	if p.status == 0 {
		p.status = status
	}
}

func (p *packer) Write(b []byte) (int, error) {
	if !p.decided {
		p.decide(len(b))
	}
	if p.zip != nil {
		return p.zip.Write(b)
	}
	return p.ResponseWriter.Write(b)
}

func (p *packer) decide(first int) {
	p.decided = true
	h := p.Header()
	if first >= packFrom && packable(h.Get("Content-Type")) && h.Get("Content-Encoding") == "" {
		h.Set("Content-Encoding", "gzip")
		h.Del("Content-Length")
		if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
			h.Set("ETag", "W/"+tag) // other bytes than the plain answer, the same meaning
		}
		p.zip = packers.Get().(*gzip.Writer) //nolint:forcetypeassert // the pool holds nothing else
		p.zip.Reset(p.ResponseWriter)
	}
	if p.status != 0 {
		p.ResponseWriter.WriteHeader(p.status)
	}
}

func packable(kind string) bool {
	return strings.Contains(kind, "json") || strings.HasPrefix(kind, "text/csv")
}

func (p *packer) finish() {
	if !p.decided && p.status != 0 {
		p.decide(0)
	}
	if p.zip != nil {
		_ = p.zip.Close() // the client has gone, or has it all
		p.zip.Reset(nil)
		packers.Put(p.zip)
	}
}

// Unwrap lets http.ResponseController reach deadlines.
func (p *packer) Unwrap() http.ResponseWriter { return p.ResponseWriter }
