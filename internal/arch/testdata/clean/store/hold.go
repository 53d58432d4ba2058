package store

import (
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/waymeet/waymeet/internal/job"
	"github.com/waymeet/waymeet/migrations"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)
