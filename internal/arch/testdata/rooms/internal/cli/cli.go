package cli

import (
	"crypto/rand"
	"net/http"
	"time"

	"github.com/nobody/library"
	"pazpaz/internal/practice"
	"pazpaz/internal/testkit" // want "testkit is for tests"
)

var now = time.Now
