package seat

import (
	"io/fs"
	"time"

	"github.com/waymeet/waymeet/internal/fault"
)

var noon = time.Date
