package store

import (
	"database/sql"

	"github.com/jackc/pgx/v5/pgxpool"
	"pazpaz/internal/crypt"
	"pazpaz/internal/practice" // want "table of rooms"
)
