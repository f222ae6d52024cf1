package api

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// operationID is made of the path: "get-clients-id".
func operationID(r Route) string {
	words := strings.FieldsFunc(strings.TrimPrefix(r.Path, Base), func(c rune) bool {
		return c == '/' || c == '{' || c == '}' || c == '_'
	})
	return strings.ToLower(r.Method) + "-" + strings.Join(words, "-")
}

// possible lists the refusals of a route for the OpenAPI document.
func possible(r Route) []int {
	all := []int{http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable}
	if r.Member || r.Admin {
		all = append(all, http.StatusUnauthorized, http.StatusForbidden)
	} else if !safe(r.Method) {
		all = append(all, http.StatusForbidden)
	}
	if r.accepts != "" {
		all = append(all, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity)
	}
	if strings.Contains(r.Path, "{") {
		all = append(all, http.StatusNotFound, http.StatusUnprocessableEntity)
	}
	switch {
	case r.tag == "setup" && r.accepts != "", r.tag == "auth" && r.accepts != "":
		all = append(all, http.StatusUnauthorized)
	}
	if r.Method == http.MethodPut || strings.HasSuffix(r.Path, "/withdraw") || (r.tag == "setup" && r.accepts != "") {
		all = append(all, http.StatusConflict)
	}
	return append(all, r.refusals...)
}

// describe adds the bodies to the OpenAPI document. They are not huma's to
// read: a foreign id must answer before the body is judged.
func (a *API) describe() {
	doc := a.huma.OpenAPI()
	for _, r := range a.routes {
		if r.answers != "" {
			file := map[string]*huma.MediaType{r.answers: {Schema: &huma.Schema{Type: "string", Format: "binary"}}}
			doc.Paths[r.Path].Get.Responses[strconv.Itoa(r.code)].Content = file
		}
		if r.accepts == "" {
			continue
		}
		schema := &huma.Schema{Type: "string", Format: "binary"}
		if r.bodyType != nil {
			schema = doc.Components.Schemas.Schema(r.bodyType, true, "")
		}
		body := &huma.RequestBody{Required: !r.bodiless, Content: map[string]*huma.MediaType{r.accepts: {Schema: schema}}}
		switch item := doc.Paths[r.Path]; r.Method {
		case http.MethodPost:
			item.Post.RequestBody = body
		case http.MethodPut:
			item.Put.RequestBody = body
		case http.MethodPatch:
			item.Patch.RequestBody = body
		case http.MethodDelete:
			item.Delete.RequestBody = body
		}
	}
}
