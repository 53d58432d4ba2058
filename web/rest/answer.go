package rest

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/google/uuid"
)

// Answer is a plain JSON answer.
type Answer[T any] struct{ Body T }

// Say answers with a body.
func Say[T any](body T) *Answer[T] { return &Answer[T]{Body: body} }

// Nothing is the answer of an operation that has nothing to say: 204.
type Nothing struct{}

// Tagged is an answer that the caller may keep, with the tag that tells whether it still holds.
type Tagged[T any] struct {
	Status int
	ETag   string `header:"ETag"`
	Cache  string `header:"Cache-Control"`
	Body   T
}

// Tag answers with a body, or 304 when the caller's If-None-Match already names it. Cache is a Cache-Control value.
func Tag[T any](ifNoneMatch, etag, cache string, body T) *Tagged[T] {
	t := &Tagged[T]{Status: http.StatusOK, ETag: `"` + etag + `"`, Cache: cache, Body: body}
	for tag := range strings.SplitSeq(ifNoneMatch, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == "*" || tag == t.ETag {
			t.Status = http.StatusNotModified
		}
	}
	return t
}

// Page is a list with the cursor of what follows it.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"Give it as cursor to read on; absent at the end"`
}

// checkInput refuses inputs that huma would read too loosely: an id without its format is decoded, not checked.
func checkInput[I any](id string) {
	var walk func(t reflect.Type, at string)
	walk = func(t reflect.Type, at string) {
		for t.Kind() == reflect.Pointer || (t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct) {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || t.PkgPath() == "time" {
			return
		}
		for f := range t.Fields() {
			if f.Type == reflect.TypeFor[uuid.UUID]() && f.Tag.Get("format") != "uuid" {
				panic("rest: " + id + ": " + at + f.Name + ` needs format:"uuid"`)
			}
			walk(f.Type, at+f.Name+".")
		}
	}
	walk(reflect.TypeFor[I](), "")
}
