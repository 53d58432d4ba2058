// Package ui carries the built web apps inside the binary, so that one file is the whole product.
//
// dist is written by `npm run build` and is not committed, save for an empty marker that lets Go compile
// on a machine where the apps were never built: FS then has no index.html, and web answers with a page that says so.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// FS is the root of the built apps: index.html and assets/.
func FS() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("ui: the embedded directory is fixed at build time: " + err.Error())
	}
	return sub
}
