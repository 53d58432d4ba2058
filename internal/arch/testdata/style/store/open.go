package store

import (
	"log"
	"os"
)

var url = os.Getenv("DATABASE_URL")
