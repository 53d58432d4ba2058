package file

import (
	"mime"
	"net/http"
)

// Kinds is what is taken. Pages and pictures that run scripts are not among them.
var Kinds = map[string]bool{
	"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true,
	"application/pdf": true, "text/plain": true,
	"application/zip": true, // and what is one: documents, sheets
}

// beginning keeps the bytes that a file's kind is read from.
type beginning struct{ bytes []byte }

func (b *beginning) Write(p []byte) (int, error) {
	if room := 512 - len(b.bytes); room > 0 {
		b.bytes = append(b.bytes, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

// kind is what browsers would take the bytes for, without its parameters.
func (b *beginning) kind() string {
	kind, _, err := mime.ParseMediaType(http.DetectContentType(b.bytes))
	if err != nil {
		return "application/octet-stream"
	}
	return kind
}
