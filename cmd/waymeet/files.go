package main

import (
	"context"
	"time"

	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/session"
	"github.com/waymeet/waymeet/session/file"
)

// asideFor is how long a file that was cut off stays.
const asideFor = 24 * time.Hour

// openFiles takes the directory of what people hand each other in sessions, if there is one.
func (n *node) openFiles(c *session.Config, box *seal.Box) error {
	if n.cfg.filesDir == "" {
		return nil
	}
	dir, err := file.OpenDir(n.cfg.filesDir)
	if err != nil {
		return err
	}
	c.Files, c.FileKey = dir, box.Key("files")
	n.behind = append(n.behind, part{"files", func(ctx context.Context) error {
		t := time.NewTicker(time.Hour)
		defer t.Stop()
		for {
			if _, err := dir.Sweep(time.Now().Add(-asideFor)); err != nil {
				n.log.WarnContext(ctx, "files that were cut off are not swept", "error", err)
			}
			select {
			case <-ctx.Done():
				return nil
			case <-t.C:
			}
		}
	}})
	return nil
}
