package store

import (
	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/realtime/bus"
	"github.com/waymeet/waymeet/store/outbox"
)
