package testkit

import (
	"database/sql"
	"time"

	"pazpaz/internal/cli"
)

var now = time.Now
