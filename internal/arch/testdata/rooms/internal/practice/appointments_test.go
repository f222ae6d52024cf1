package practice_test

import (
	"database/sql"
	"net/http"
	"time"

	"pazpaz/internal/cli"
	"pazpaz/internal/testkit"
)

var start = time.Now()
