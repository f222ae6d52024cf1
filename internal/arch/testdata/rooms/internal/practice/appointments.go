package practice

import (
	"crypto/rand"         // want "chance is made in cli"
	"database/sql"        // want "SQL is spoken in store"
	"net/http"            // want "HTTP is spoken in api"
	"pazpaz/internal/api" // want "table of rooms"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit" // want "testkit is for tests"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool" // want "SQL is spoken in store"
	"github.com/nobody/library"       // want "does not list this library"
)

var now = time.Now // want "the clock is made in cli"

func book(start time.Time) (uuid.UUID, time.Duration) {
	id := uuid.New()          // want "chance is made in cli"
	left := time.Since(start) // want "the clock is made in cli"
	id, _ = uuid.NewV7FromReader(rand.Reader)
	return id, left
}
