package booking

import (
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/internal/telemetry"
	"github.com/waymeet/waymeet/store"
)

var _ = time.Now
