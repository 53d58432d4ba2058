package main

import (
	"os"

	"github.com/waymeet/waymeet/realtime"
	"github.com/waymeet/waymeet/web"
)

var _ = os.Getenv
