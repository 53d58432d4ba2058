package api

import (
	"github.com/danielgtaylor/huma/v2"
	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/web/rest"
)
