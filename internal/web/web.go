// Package web serves the built single-page application and the two API documentation pages from memory, with the security
// headers that belong to them. It knows nothing of sign-in, data or the API: it must never answer for an API or health path,
// and it imports the standard library only.
//
// The files are made by `npm run build` in web/. The binary builds without them; the page at / then says so.
package web

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed all:dist
var dist embed.FS

// Handler serves the embedded build. Mount it last, at "/": the API and the health paths come before it.
func Handler() http.Handler {
	files, err := fs.Sub(dist, "dist")
	if err == nil {
		var site http.Handler
		if site, err = New(files); err == nil {
			return site
		}
	}
	return unreadable(err)
}

// New serves one build, whose root holds index.html, assets/ and docs/. All files are read once, now.
func New(files fs.FS) (http.Handler, error) {
	loaded, err := load(files)
	if err != nil {
		return nil, fmt.Errorf("web: read the built page: %w", err)
	}
	return &site{
		files:   loaded,
		index:   loaded["/index.html"],
		docs:    loaded["/docs/index.html"],
		redoc:   loaded["/docs/redoc.html"],
		unbuilt: unbuiltPage(),
	}, nil
}

// site answers for every path that no other part of the program has claimed.
type site struct {
	files              map[string]*file
	index, docs, redoc *file
	unbuilt            *file
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := s.find(r.URL.Path)
	if f == nil {
		securityHeaders(w.Header(), pagePolicy)
		http.NotFound(w, r)
		return
	}
	securityHeaders(w.Header(), f.policy)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	f.serve(w, r)
}

// find picks the file for a path; nil means 404.
func (s *site) find(path string) *file {
	switch {
	case foreign(path):
		return nil
	case path == "/docs" || path == "/docs/":
		return s.orUnbuilt(s.docs)
	case path == "/redoc" || path == "/redoc/":
		return s.orUnbuilt(s.redoc)
	}
	if f := s.files[path]; f != nil && !f.page {
		return f
	}
	if strings.HasPrefix(path, "/assets/") || strings.HasPrefix(path, "/docs/") {
		return nil
	}
	return s.orUnbuilt(s.index)
}

func (s *site) orUnbuilt(f *file) *file {
	if f == nil {
		return s.unbuilt
	}
	return f
}

// foreign reports a path that belongs to another room: a forgotten mount must show as 404, not as the page.
func foreign(path string) bool {
	switch path {
	case "/api", "/openapi.json", "/openapi.yaml", "/healthz", "/readyz", "/metrics":
		return true
	}
	return strings.HasPrefix(path, "/api/")
}

// unreadable answers when the embedded files cannot be read, which only a broken build can cause.
func unreadable(err error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		securityHeaders(w.Header(), pagePolicy)
		http.Error(w, "the page inside this program cannot be read: "+err.Error(), http.StatusInternalServerError)
	})
}
