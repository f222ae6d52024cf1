package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// file is one file of the build with its precompressed forms, ready to be written.
type file struct {
	plain, br, gzip []byte
	contentType     string
	hash            string
	policy          string // Content-Security-Policy
	immutable       bool   // the name holds a hash of the content
	page            bool   // HTML, reached by its route and not by its name
	uncached        bool
}

// contentTypes is our own table: the tables of hosts differ.
var contentTypes = map[string]string{
	".css":         "text/css; charset=utf-8",
	".html":        "text/html; charset=utf-8",
	".ico":         "image/x-icon",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".txt":         "text/plain; charset=utf-8",
	".webmanifest": "application/manifest+json",
	".woff2":       "font/woff2",
}

// load reads the whole tree into a map from request path to file.
func load(files fs.FS) (map[string]*file, error) {
	out := map[string]*file{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("walk %s: %w", name, err)
		}
		if entry.IsDir() || derived(name) {
			return nil
		}
		f, err := read(files, name)
		if err != nil {
			return err
		}
		out["/"+name] = f
		return nil
	})
	return out, err
}

// derived reports files that are not served under a name of their own: precompressed forms, source maps of a build
// made to look for a fault, and the placeholder kept in version control.
func derived(name string) bool {
	switch path.Ext(name) {
	case ".br", ".gz", ".map":
		return true
	}
	return path.Base(name) == ".keep"
}

func read(files fs.FS, name string) (*file, error) {
	plain, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	br, err := readOptional(files, name+".br")
	if err != nil {
		return nil, err
	}
	gz, err := readOptional(files, name+".gz")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(plain)
	f := &file{
		plain:       plain,
		br:          br,
		gzip:        gz,
		contentType: contentTypes[path.Ext(name)],
		hash:        hex.EncodeToString(sum[:12]),
		policy:      pagePolicy,
		immutable:   strings.HasPrefix(name, "assets/"),
		page:        path.Ext(name) == ".html",
	}
	if f.contentType == "" {
		f.contentType = "application/octet-stream"
	}
	if strings.HasPrefix(name, "docs/") {
		f.policy = docsPolicy
	}
	return f, nil
}

func readOptional(files fs.FS, name string) ([]byte, error) {
	body, err := fs.ReadFile(files, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return body, nil
}

// serve writes the file in the best form the request accepts, or 304 when the browser holds that form already.
func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	body, encoding, tag := f.form(r.Header.Get("Accept-Encoding"))
	h := w.Header()
	h.Set("Cache-Control", f.cacheControl())
	h.Set("ETag", tag)
	if f.br != nil || f.gzip != nil {
		h.Set("Vary", "Accept-Encoding")
	}
	if !f.uncached && matches(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader went away: nobody is left to tell
	}
}

func (f *file) cacheControl() string {
	switch {
	case f.uncached:
		return "no-store"
	case f.immutable:
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

// form picks the bytes to send. Each form has its own entity tag, since their bytes differ.
func (f *file) form(acceptEncoding string) (body []byte, encoding, tag string) {
	switch negotiate(acceptEncoding, f.br != nil, f.gzip != nil) {
	case "br":
		return f.br, "br", `"` + f.hash + `-br"`
	case "gzip":
		return f.gzip, "gzip", `"` + f.hash + `-gz"`
	}
	return f.plain, "", `"` + f.hash + `"`
}

// matches reports whether an If-None-Match header names the tag, by weak comparison as RFC 9110 asks for.
func matches(ifNoneMatch, tag string) bool {
	for candidate := range strings.SplitSeq(ifNoneMatch, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || strings.TrimPrefix(candidate, "W/") == tag {
			return true
		}
	}
	return false
}
