package web

import (
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
		f = newFile([]byte(unbuilt), kindOf("index.html"))
	}
	w.Header().Set("Cache-Control", "no-cache")
	if asset {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	f.serve(w, r)
}

const unbuilt = `<!doctype html><meta charset="utf-8"><title>Waymeet</title><p>The screens are not built into this binary: run <code>make build</code>. The API is at <a href="/docs">/docs</a>.`

// load reads a file once.
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
	f := newFile(plain, kindOf(name))
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
