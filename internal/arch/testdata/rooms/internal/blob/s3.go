package blob

import "net/http"

var client http.Client

func handle(w http.ResponseWriter) {} // want "it may call others, not serve"
