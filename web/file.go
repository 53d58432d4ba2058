package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
)

// file is what is the same for everybody for as long as this binary runs.
type file struct {
	plain, gzipped []byte
	etag, kind     string
}

// newFile compresses once, as far as it goes: a phone on 2G waits for bytes, not for our processor.
func newFile(plain []byte, kind string) *file {
	sum := sha256.Sum256(plain)
	f := &file{plain: plain, etag: `"` + hex.EncodeToString(sum[:12]) + `"`, kind: kind}
	if compressible(kind) && len(plain) > 1000 {
		var buf bytes.Buffer
		z, _ := gzip.NewWriterLevel(&buf, gzip.BestCompression)
		_, _ = z.Write(plain)
		_ = z.Close()
		f.gzipped = buf.Bytes()
	}
	return f
}

// serve answers with the file, or that it is still the one that the client has. For how long it need not ask is its caller's to say.
func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("ETag", f.etag)
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), f.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.plain
	if f.gzipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.gzipped
	}
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body)
}

// once serves a file that is made when somebody first asks for it.
func once(made func() *file) http.HandlerFunc {
	made = sync.OnceValue(made)
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		made().serve(w, r)
	}
}

func compressible(kind string) bool {
	return strings.HasPrefix(kind, "text/") || strings.Contains(kind, "json") || strings.Contains(kind, "svg") ||
		strings.Contains(kind, "wasm") || strings.Contains(kind, "protobuf")
}
