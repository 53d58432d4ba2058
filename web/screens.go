package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/web/rest"
)

// screens serves the built apps. Files under assets/ carry a hash of their content in the name and are kept for ever;
// everything else is asked for again each time. An address that is no file is a screen: index.html.
type screens struct {
	files fs.FS

	mu    sync.Mutex
	ready map[string]*file // guarded by mu; never more than there are files
}

type file struct {
	plain, gzipped []byte
	etag, kind     string
}

func newScreens(files fs.FS) *screens { return &screens{files: files, ready: map[string]*file{}} }

func (s *screens) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	asset := strings.HasPrefix(name, "assets/")
	f := s.load(name)
	if f == nil && (asset || name == "v1" || path.Ext(name) != "" || strings.HasPrefix(r.URL.Path, "//")) { // a missing script must not be answered with a page
		rest.WriteProblem(w, r, fault.New("not_found"))
		return
	}
	if f == nil {
		f = s.load("index.html")
	}
	if f == nil {
		f = &file{plain: []byte(unbuilt), kind: "text/html; charset=utf-8", etag: `"unbuilt"`}
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("ETag", f.etag)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if asset {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
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

const unbuilt = `<!doctype html><meta charset="utf-8"><title>Waymeet</title><p>The screens are not built into this binary: run <code>make build</code>. The API is at <a href="/docs">/docs</a>.`

// load reads a file once and compresses it once: a phone on 2G waits for bytes, not for our processor.
func (s *screens) load(name string) *file {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.ready[name]; ok {
		return f
	}
	plain, err := fs.ReadFile(s.files, name)
	if err != nil {
		return nil
	}
	sum := sha256.Sum256(plain)
	f := &file{plain: plain, etag: `"` + hex.EncodeToString(sum[:12]) + `"`, kind: kindOf(name)}
	if compressible(f.kind) && len(plain) > 1000 {
		var buf bytes.Buffer
		z, _ := gzip.NewWriterLevel(&buf, gzip.BestCompression)
		_, _ = z.Write(plain)
		_ = z.Close()
		f.gzipped = buf.Bytes()
	}
	s.ready[name] = f
	return f
}

// kindOf does not ask the machine's own tables: some know .mjs or .js as something that browsers refuse to run.
func kindOf(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".json", ".map", ".geojson":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".pbf":
		return "application/x-protobuf"
	case ".wasm":
		return "application/wasm"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
		return "application/octet-stream"
	}
}

func compressible(kind string) bool {
	return strings.HasPrefix(kind, "text/") || strings.Contains(kind, "json") || strings.Contains(kind, "svg") ||
		strings.Contains(kind, "wasm") || strings.Contains(kind, "protobuf")
}
