package web

import "github.com/waymeet/waymeet/realtime"
