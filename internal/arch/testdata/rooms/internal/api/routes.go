package api

import (
	"net/http"

	memory "pazpaz/internal/store"
)

type member func(memory.Scope, http.ResponseWriter)

var open = memory.Open // want "api knows the scope types"
