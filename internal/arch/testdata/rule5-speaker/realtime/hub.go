package realtime

import (
	"github.com/danielgtaylor/huma/v2"
	"github.com/gorilla/mux"
	"go.opentelemetry.io/otel/trace"
)
