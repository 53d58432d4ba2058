package seat

import (
	"os"
	clock "time"

	"github.com/jackc/pgx/v5"
	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/store"
)

func take() {
	go take()
	_ = clock.Now()
	_ = os.Getpid()
}
