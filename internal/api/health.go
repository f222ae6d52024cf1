package api

import (
	"net/http"
)

// healthz says that the process lives. It asks nothing else.
func (a *API) healthz(w http.ResponseWriter, r *http.Request) {
	a.answerStatus(w, r, `{"status":"ok"}`)
}

// readyz says whether requests can be served now.
func (a *API) readyz(w http.ResponseWriter, r *http.Request) {
	if err := a.o.Ready(r); err != nil {
		a.write(requestOf(r.Context()), err)
		return
	}
	a.answerStatus(w, r, `{"status":"ready"}`)
}

func (a *API) answerStatus(w http.ResponseWriter, r *http.Request, body string) {
	w.Header().Set("Content-Type", "application/json")
	if _, err := w.Write([]byte(body + "\n")); err != nil {
		a.o.Log.Debug("answer not delivered", "request", requestOf(r.Context()).id, "error", err)
	}
}
