package booking

import (
	"github.com/waymeet/waymeet/cmd/waymeet/config"
	"github.com/waymeet/waymeet/store/storetest"
)
