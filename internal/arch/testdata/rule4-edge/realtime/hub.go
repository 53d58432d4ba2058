package realtime

import (
	"github.com/waymeet/waymeet/realtime/wire"
	"github.com/waymeet/waymeet/web/api"
)
