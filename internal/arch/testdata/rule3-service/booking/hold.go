package booking

import (
	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/realtime"
)
