package feed

import (
	"embed"
	"io/fs"
)

//go:embed casablanca/*.txt nairobi/*.txt
var files embed.FS

// Casablanca is the feed of the tenant that was written for the demonstration.
func Casablanca() fs.FS { return sub("casablanca") }

// Nairobi is the feed of the second tenant. Its calendar ended years ago: import it with its dates shifted.
func Nairobi() fs.FS { return sub("nairobi") }

func sub(dir string) fs.FS {
	f, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // the name is a constant of this file
	}
	return f
}
