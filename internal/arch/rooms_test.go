package arch_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "pazpaz"

// finding is one broken rule, at a place in a file.
type finding struct {
	file string // below the root
	line int
	text string
}

func (f finding) String() string { return fmt.Sprintf("%s:%d: %s", f.file, f.line, f.text) }

// source is one parsed file.
type source struct {
	path string // below the root, with slashes
	room string // its folder below internal; below the root for cmd
	fset *token.FileSet
	file *ast.File
}

func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

func (s source) at(pos token.Pos, format string, a ...any) finding {
	return finding{s.path, s.fset.Position(pos).Line, fmt.Sprintf(format, a...)}
}

// sources parses every Go file below the folders of root.
func sources(t *testing.T, root string, folders ...string) []source {
	t.Helper()
	var all []source
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(root, folder), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return skipUnless(err, d)
			}
			if filepath.Ext(name) != ".go" {
				return nil
			}
			s, err := parse(root, name)
			all = append(all, s)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func skipUnless(err error, d fs.DirEntry) error {
	switch {
	case os.IsNotExist(err):
		return nil
	case err == nil && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")):
		return fs.SkipDir
	}
	return err
}

func parse(root, name string) (source, error) {
	below, err := filepath.Rel(root, name)
	if err != nil {
		return source{}, err
	}
	s := source{path: filepath.ToSlash(below), fset: token.NewFileSet()}
	s.room = strings.TrimPrefix(path.Dir(s.path), "internal/")
	s.file, err = parser.ParseFile(s.fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
	return s, err
}

// checkRooms compares what the files below root import and call with the table of rooms.
func checkRooms(t *testing.T, root string) []finding {
	t.Helper()
	var found []finding
	unknown := map[string]bool{}
	for _, s := range sources(t, root, "cmd", "internal") {
		_, known := rooms[s.room]
		switch {
		case !known && !unknown[s.room]:
			unknown[s.room] = true
			found = append(found, s.at(s.file.Package, "%s is not a room", s.room))
		case known && !s.isTest():
			found = append(found, s.checkImports()...)
			found = append(found, s.checkCalls()...)
		}
	}
	return found
}

func (s source) checkImports() []finding {
	var found []finding
	for _, spec := range s.file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has already refused it
		}
		if why := s.refuses(imported); why != "" {
			found = append(found, s.at(spec.Pos(), "%s may not import %s: %s", s.room, imported, why))
		}
		if spec.Name != nil && spec.Name.Name == "." {
			found = append(found, s.at(spec.Pos(), "%s is imported without its name", imported))
		}
	}
	return found
}

// refuses says why a room may not import a package, or nothing.
func (s source) refuses(imported string) string {
	may := func(rooms []string) bool { return slices.Contains(rooms, s.room) }
	switch {
	case isOneOf(imported, "database/sql", pgx, sqlite, reading) && !may(mayUseSQL):
		return "SQL is spoken in store and jobs"
	case imported == "net/http" && !may(mayServeHTTP) && !may(mayCallHTTP):
		return "HTTP is spoken in api, auth, web and cli"
	case isOneOf(imported, "crypto/rand", "math/rand", "math/rand/v2") && !may(mayUseChance):
		return "chance is made in cli and passed in"
	case strings.HasPrefix(imported, module+"/"):
		return s.refusesOurs(strings.TrimPrefix(imported, module+"/internal/"))
	case strings.Contains(strings.Split(imported, "/")[0], "."):
		return s.refusesLibrary(imported)
	}
	return ""
}

func (s source) refusesOurs(other string) string {
	r := rooms[s.room]
	switch {
	case other == "testkit":
		return "testkit is for tests"
	case !slices.Contains(r.ours, other) && !slices.Contains(r.ours, anyRoom):
		return "the table of rooms does not say so"
	}
	return ""
}

func (s source) refusesLibrary(imported string) string {
	r := rooms[s.room]
	if isOneOf(imported, r.libraries...) || slices.Contains(r.ours, anyRoom) {
		return ""
	}
	return "the table of rooms does not list this library"
}

// isOneOf says whether a package is one of some modules or lies inside one.
func isOneOf(imported string, modules ...string) bool {
	return slices.ContainsFunc(modules, func(m string) bool {
		return imported == m || strings.HasPrefix(imported, m+"/")
	})
}

var (
	clock   = regexp.MustCompile(`^(Now|Since|Until)$`)
	chance  = regexp.MustCompile(`^(New|NewString|NewRandom|NewUUID|NewV6|NewV7)$`) // not ...FromReader
	serving = regexp.MustCompile(`^(Handler|HandlerFunc|Handle|HandleFunc|ResponseWriter|Server|ServeMux|NewServeMux|Serve|ServeTLS|ListenAndServe|ListenAndServeTLS|FileServer|FileServerFS|Error|Redirect)$`)
)

// checkCalls looks at the names that a file uses of the packages that are rationed.
func (s source) checkCalls() []finding {
	names := s.importNames()
	var found []finding
	ast.Inspect(s.file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := selector.X.(*ast.Ident); ok && names[x.Name] != "" {
			if why := s.rationed(names[x.Name], selector.Sel.Name); why != "" {
				found = append(found, s.at(n.Pos(), "%s may not use %s.%s: %s", s.room, x.Name, selector.Sel.Name, why))
			}
		}
		return true
	})
	return found
}

func (s source) rationed(imported, name string) string {
	switch {
	case imported == "time" && clock.MatchString(name) && !slices.Contains(mayUseTheClock, s.room):
		return "the clock is made in cli and passed in"
	case imported == uuid && chance.MatchString(name) && !slices.Contains(mayUseChance, s.room):
		return "chance is made in cli and passed in"
	case imported == "net/http" && serving.MatchString(name) && slices.Contains(mayCallHTTP, s.room):
		return "it may call others, not serve"
	case imported == module+"/internal/store" && s.room == "api" && !slices.Contains(apiMayName, name):
		return "api knows the scope types of store and nothing else of it"
	}
	return ""
}

// importNames maps the names that a file uses for its imports to their paths.
func (s source) importNames() map[string]string {
	names := map[string]string{}
	for _, spec := range s.file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = imported
	}
	return names
}

// wantFindings compares findings with the comments `want "text"` in the files below root, line by line.
func wantFindings(t *testing.T, root string, got []finding) {
	t.Helper()
	want := map[string]string{}
	comment := regexp.MustCompile(`want "([^"]+)"`)
	for _, s := range sources(t, root, "cmd", "internal") {
		for _, group := range s.file.Comments {
			if m := comment.FindStringSubmatch(group.Text()); m != nil {
				want[fmt.Sprintf("%s:%d", s.path, s.fset.Position(group.Pos()).Line)] = m[1]
			}
		}
	}
	if len(want) == 0 {
		t.Fatalf("%s wants nothing", root)
	}
	for _, f := range got {
		place := fmt.Sprintf("%s:%d", f.file, f.line)
		if text, ok := want[place]; !ok || !strings.Contains(f.text, text) {
			t.Errorf("not wanted: %s", f)
		}
		delete(want, place)
	}
	for place, text := range want {
		t.Errorf("%s: not found: %s", place, text)
	}
}
