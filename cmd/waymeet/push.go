package main

import (
	"strings"

	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/notify"
	"github.com/waymeet/waymeet/notify/webpush"
)

// openPush has this node wake browsers. Its key is made from the installation's secret: the same on every node, and browsers that were told of it go on being reached.
func (n *node) openPush(box *seal.Box) error {
	contact := n.cfg.publicURL
	if !strings.HasPrefix(contact, "https:") {
		contact = "operator@waymeet.invalid" // push services of the public are not asked from here
	}
	speaker, err := webpush.New(webpush.Config{Key: box.Key("web push"), Contact: contact, Local: !n.secure})
	if err != nil {
		return err
	}
	n.wake = notify.New(n.db, speaker, n.log)
	return nil
}
