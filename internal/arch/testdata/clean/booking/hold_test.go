package booking

import (
	"os"

	"github.com/anishathalye/porcupine"
	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/store/storetest"
)

var _ = os.Getenv
